"""What a request says: a JSON body or a query, as a frozen object whose fields are checked.

Clients in R, Java and Python have written these requests for years, so what MLflow's server understands
is understood: names in snake case or camel case, 64-bit integers as numbers or as texts, ``NaN`` and
``Infinity`` as texts, a body that is JSON within JSON. What it lets pass in silence is refused: a body
that is no JSON, a field of the wrong type, one field under both of its names. A bare ``NaN``, which is no
JSON, is taken for the value that it is.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, cast, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: A whole number of 64 bits.
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
#: Milliseconds since 1970 UTC.
Millis = Annotated[int, Field(ge=0, le=2**63 - 1)]
#: A text that is not empty.
Word = Annotated[str, Field(min_length=1)]

_M = TypeVar("_M", bound="Message")
_JSON: Final = "application/json"


class Message(BaseModel):
    """A part of a request; unknown fields are ignored, ``null`` is an absent field."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        protected_namespaces=(),
        allow_inf_nan=True,
        loc_by_alias=False,
    )


def from_body(kind: type[_M], body: bytes, content_type: str | None, path: Mapping[str, str]) -> _M:
    """Return what a `body` says, with the parts of the `path`. Raises `InvalidInput`."""
    if not body:
        return _checked(kind, path)
    if (content_type or "").partition(";")[0].strip().lower() != _JSON:
        raise InvalidInput(
            f"The request's Content-Type is {content_type or 'missing'!r}; expected '{_JSON}'.",
            error_code="BAD_REQUEST",
        )
    return _checked(kind, {**_object(body), **path})


def from_query(kind: type[_M], query: Iterable[tuple[str, str]], path: Mapping[str, str]) -> _M:
    """Return what a `query` says, whose repeated keys are lists, with the parts of the `path`.

    Raises `InvalidInput`.
    """
    found: dict[str, Any] = {}
    lists = {
        name for key, field in kind.model_fields.items() if _is_list(field.annotation) for name in _names(key)
    }
    for key, text in query:
        if key in lists:
            found.setdefault(key, []).append(text)
        else:
            found[key] = text
    return _checked(kind, {**found, **path})


def from_object(kind: type[_M], said: object) -> _M:
    """Return what a part of a request says that was read already. Raises `InvalidInput`."""
    if not isinstance(said, dict):
        raise InvalidInput(f"The request says {str(said)[:100]!r} where an object is expected.")
    return _checked(kind, cast("dict[str, Any]", said))


def _object(body: bytes) -> dict[str, Any]:
    try:
        found: object = json.loads(body)
        if isinstance(found, str):  # clients of long ago encoded the body twice
            found = json.loads(found)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f"The request's body is no JSON: {error}. Nothing was changed.", error_code="BAD_REQUEST"
        ) from error
    if not isinstance(found, dict):
        raise InvalidInput(
            f"The request's body is a {type(found).__name__}; expected a JSON object.",
            error_code="BAD_REQUEST",
        )
    return cast("dict[str, Any]", found)


def _checked(kind: type[_M], said: Mapping[str, Any]) -> _M:
    twice = sorted(name for name in kind.model_fields if len(_names(name) & said.keys()) > 1)
    if twice:
        raise InvalidInput(f"The field '{twice[0]}' is given under two names; give one of them.")
    try:
        return kind.model_validate({key: value for key, value in said.items() if value is not None})
    except ValidationError as error:
        raise InvalidInput(_sentence(error)) from None


@cache
def _names(field: str) -> frozenset[str]:
    return frozenset({field, to_camel(field)})


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is tuple


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"])) or "request"
    if first["type"] == "missing":
        return f"The field '{place}' is missing; give a value for it."
    return f"The field '{place}' cannot be used: {first['msg']}; found {str(first['input'])[:100]!r}."
