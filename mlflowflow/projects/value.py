"""JSON values: what parameters and step outputs are made of, read-only and with one canonical text.

Read-only mappings are `MappingProxyType`, which has no pickled form in the standard library. Steps
travel to Dask workers by pickling, so importing this module teaches `pickle` (and `copy.deepcopy`)
how to rebuild one.
"""

from __future__ import annotations

import copyreg
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from mlflowflow.ids import digest

#: What a parameter's value may be.
Scalar: TypeAlias = str | int | float | bool
#: What a step's output may be.
JSON: TypeAlias = "Scalar | Sequence[JSON] | Mapping[str, JSON] | None"

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def frozen(mapping: Mapping[_Key, _Value]) -> MappingProxyType[_Key, _Value]:
    """Return a read-only copy of `mapping`, in the same order.

    >>> import pickle
    >>> pickle.loads(pickle.dumps(frozen({"a": 1})))
    mappingproxy({'a': 1})
    """
    return MappingProxyType(dict(mapping))


def _reduced(mapping: MappingProxyType[Any, Any]) -> tuple[Any, ...]:
    return frozen, (dict(mapping),)


copyreg.pickle(MappingProxyType, _reduced)


def as_text(value: JSON) -> str:
    """Write `value` as a command line or a logged parameter shows it.

    As in MLflow, that is Python's `str` for scalars (`True`, `0.1`); lists and mappings are JSON.

    >>> as_text(True), as_text(1e-4), as_text({"b": 1, "a": None})
    ('True', '0.0001', '{"a":null,"b":1}')
    """
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fact_digest(fact: object) -> str:
    """Return the SHA-256 of the canonical JSON of `fact`: frozen dataclasses, collections, scalars.

    Equal facts have equal digests on any machine; the order of a mapping's keys does not count.

    >>> fact_digest({"a": 1, "b": (2,)}) == fact_digest({"b": [2], "a": 1})
    True
    """
    text = json.dumps(plain(fact), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return digest(text.encode())


def plain(fact: object) -> object:
    """Return `fact` (frozen dataclasses, collections, scalars) as what `json` can write."""
    match fact:
        case None | str() | int() | float():
            return fact
        case Mapping():
            return {str(key): plain(value) for key, value in fact.items()}
        case Sequence():
            return [plain(item) for item in fact]
        case _ if is_dataclass(fact):
            return {field.name: plain(getattr(fact, field.name)) for field in fields(fact)}
        case _:
            raise TypeError(f"A {type(fact).__name__} has no canonical JSON.")
