"""One text per value: the sealed, canonical JSON in which journal and registry keep their facts.

Facts are named by digests and chained by digests, so equal values must have equal bytes on every
machine: keys are sorted, nothing is padded, and the numbers JSON cannot write (NaN, Infinity) are
strings, as everywhere in the store. A *sealed* object carries the SHA-256 of the rest of itself.
Reading it back demands the very same bytes, so one flipped bit anywhere is found, not believed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.ids import digest
from mlflowflow.storage.seal import json_object

if TYPE_CHECKING:
    from pydantic import TypeAdapter

#: What JSON can say.
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

#: Metadata of a dataclass's field that an earlier release did not have: at its default, which must be
#: None, it is not written, so that what the earlier release wrote and what this one writes are equal.
ADDED: Final[Mapping[str, bool]] = MappingProxyType({"added": True})

_T = TypeVar("_T")
_SEAL = "sha256"


def plain(value: object) -> Json:
    """Take a value apart into dicts, lists, strings and numbers.

    >>> plain({"b": float("nan"), 2: (1, None)})
    {'b': 'NaN', '2': [1, None]}
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else _non_finite(value)
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case tuple() | list():
            return [plain(each) for each in value]
        case _ if is_dataclass(value):
            return {
                field.name: plain(found)
                for field in fields(value)
                if (found := getattr(value, field.name)) is not None or field.metadata != ADDED
            }
        case _:
            raise InvalidInput(
                f"A value of type '{type(value).__name__}' cannot be recorded; "
                "expected text, numbers, booleans, None, and lists and mappings of these."
            )


def _non_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def frozen_mapping(mapping: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return `mapping` read-only, all the way down: lists become tuples, mappings read-only ones."""
    return MappingProxyType({key: _frozen(each) for key, each in mapping.items()})


def _frozen(value: Json) -> Json:
    match value:
        case Mapping():
            return frozen_mapping(value)
        case tuple() | list():
            return tuple(_frozen(each) for each in value)
        case _:
            return value


def to_bytes(value: object) -> bytes:
    """Write a value as canonical JSON. Raises `InvalidInput` for text that is not valid Unicode.

    >>> to_bytes({"b": 1, "a": (1.5, None)})
    b'{"a":[1.5,null],"b":1}'
    """
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"Text that is not valid Unicode cannot be recorded: found the lone surrogate "
            f"{error.object[error.start]!r}; decode the text with the encoding it was written in."
        ) from error


def sealed(body: Mapping[str, object]) -> bytes:
    """Write `body` as canonical JSON that carries its own digest."""
    return to_bytes({**body, _SEAL: digest(to_bytes(body))})


def unsealed(key: str, body: bytes) -> dict[str, Json]:
    """Read what `sealed` wrote; `key` names the object in the `CorruptData` raised for anything else."""
    found = json_object(body, key=key)
    try:
        content = {str(name): plain(each) for name, each in found.items() if name != _SEAL}
        again = sealed(content)
    except (InvalidInput, RecursionError) as error:  # what nobody could have sealed
        raise CorruptData(
            key, f"it cannot have been written by this library ({error})".rstrip(".")
        ) from error
    if _SEAL not in found or again != body:
        raise CorruptData(key, "its digest does not match its content; it was damaged or changed by hand")
    return content


def from_plain(kind: type[_T], value: object, *, key: str) -> _T:
    """Read a frozen dataclass from what `plain` returned.

    Fields that `kind` does not know are ignored, so a later release may add some. Raises
    `CorruptData`, naming the object's `key` and the place of every mistake.
    """
    from pydantic import ValidationError  # it loads slowly, and only the registry reads this way

    try:
        found: _T = _adapter(cast("Hashable", kind)).validate_python(value)
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise CorruptData(key, f"it is not a {kind.__name__} ({places})") from error
    except InvalidInput as error:  # the fact itself refuses its fields
        raise CorruptData(key, f"it is not a {kind.__name__} ({error})") from error
    return found


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(cast("type[Any]", kind))
