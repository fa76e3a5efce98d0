"""One text per value: the canonical JSON in which policies, evidence and verdicts are stored.

Digests bind an alias move to the rules, the numbers and the verdict behind it, so equal values must
have equal text on every machine and in every release: keys are sorted, nothing is padded, and the
numbers JSON cannot write (NaN, Infinity) are strings, as in the rest of the store. Reading goes
through pydantic, which reads those strings back and names every mistake by its place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, TypeVar

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from pydantic import ValidationError

_T = TypeVar("_T")


def to_json(value: object) -> str:
    """Write a frozen value as canonical JSON.

    >>> to_json({"b": float("nan"), "a": (1, None)})
    '{"a":[1,null],"b":"NaN"}'
    """
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain(value: object) -> object:
    """Take a frozen value apart into dicts, lists, strings and numbers."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def from_json(kind: type[_T], text: str | bytes, *, called: str) -> _T:
    """Read a `kind` from what `to_json` wrote; `called` names it in the `InvalidInput` raised."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_json(text)
    except ValidationError as error:
        raise InvalidInput(f"This is not a {called}: {_mistakes(error)}.") from error


def from_plain(kind: type[_T], value: object, *, called: str) -> _T:
    """Read a `kind` from what `plain` returned, like `from_json`."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise InvalidInput(f"This is not a {called}: {_mistakes(error)}.") from error


def _mistakes(error: ValidationError) -> str:
    return "; ".join(f"{_place(each['loc'])}: {each['msg']}" for each in error.errors())


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "the whole"
