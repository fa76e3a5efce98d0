"""Signatures read off type hints: what ``predict(self, model_input: list[Record])`` promises.

A hint is a list of what one row is: a scalar, a list, a dictionary with texts for keys, or a pydantic
model. Hints of tables and arrays say nothing about their columns, so no signature is read off them.
"""

from __future__ import annotations

import datetime as dt
import inspect
import types
import typing
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mlflowflow.errors import InvalidInput
from mlflowflow.models.schema import (
    AnyType,
    ArrayType,
    ColumnSchema,
    ColumnSpec,
    ColumnType,
    DataType,
    MapType,
    ObjectType,
    Property,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_SCALARS: Final[dict[Any, DataType]] = {
    bool: DataType.BOOLEAN,
    int: DataType.LONG,
    float: DataType.DOUBLE,
    str: DataType.STRING,
    bytes: DataType.BINARY,
    dt.datetime: DataType.DATETIME,
}
_UNIONS: Final = (typing.Union, types.UnionType)


class TypeHints(NamedTuple):
    """The types that a function says it takes and returns; None where it does not say."""

    input: Any = None
    output: Any = None


def hints_of(function: Callable[..., Any]) -> TypeHints:
    """Return the hints of the data and of the answer of a ``predict``.

    >>> def predict(model_input: list[str]) -> list[int]: ...
    >>> hints_of(predict)
    TypeHints(input=list[str], output=list[int])
    """
    try:
        found = typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        return TypeHints()
    name = data_argument(function)
    return TypeHints(input=found.get(name), output=found.get("return"))


def data_argument(function: Callable[..., Any]) -> str:
    """Return the name of the argument that a ``predict`` takes its data by."""
    names = [name for name in inspect.signature(function).parameters if name not in {"self", "params"}]
    return names[1] if takes_context(function) else (names[0] if names else "")


def takes_context(function: Callable[..., Any]) -> bool:
    """Answer whether a ``predict`` takes the context ahead of its data."""
    names = [name for name in inspect.signature(function).parameters if name not in {"self", "params"}]
    return len(names) > 1 and (names[0] == "context" or len(names) == _WITH_CONTEXT)


_WITH_CONTEXT: Final = 2


def schema_of(hint: Any) -> ColumnSchema | None:
    """Return the schema that a hint promises, None for a hint that is no list: it says nothing of rows.

    Raises `InvalidInput` for a list of what cannot be a part of a signature.

    >>> schema_of(list[int]).columns[0].type
    <DataType.LONG: 'long'>
    """
    if typing.get_origin(hint) is not list:
        return None
    (row,) = typing.get_args(hint)
    of, required = _type_of(row)
    return ColumnSchema((ColumnSpec(type=of, required=required),))


def converted(data: Any, hint: Any) -> Any:
    """Return `data` in the form of `hint`: rows of a table as its elements, dictionaries as pydantic models.

    Raises `InvalidInput` for data that is not what the hint says.

    >>> converted(["a"], list[str])
    ['a']
    """
    if typing.get_origin(hint) is not list:
        return data
    (row,) = typing.get_args(hint)
    rows = _rows(data, row)
    if not isinstance(rows, list):
        raise InvalidInput(f"The model takes {_shown(hint)}, not a '{type(data).__name__}'.")
    return [_value(one, row, f"[{place}]") for place, one in enumerate(rows)]


def _rows(data: Any, row: Any) -> Any:
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        records = data.to_dict(orient="records")
        if len(data.columns) == 1 and not (_is_pydantic(row) or typing.get_origin(row) is dict):
            return data.iloc[:, 0].tolist()
        return records
    return data.tolist() if hasattr(data, "tolist") else data


def _is_pydantic(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "model_fields") and hasattr(hint, "model_validate")


def _type_of(hint: Any) -> tuple[ColumnType, bool]:
    """Return the type of a hint and whether a value must be there."""
    if hint is Any:
        return AnyType(), True
    if hint in _SCALARS:
        return _SCALARS[hint], True
    if _is_pydantic(hint):
        return _object(hint), True
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list and arguments:
        return ArrayType(_type_of(arguments[0])[0]), True
    if origin is dict and len(arguments) == 2 and arguments[0] is str:  # noqa: PLR2004 - a key and a value
        return MapType(_type_of(arguments[1])[0]), True
    if origin in _UNIONS:
        return _union(arguments)
    raise InvalidInput(
        f"The type hint {_shown(hint)} cannot be a part of a signature; expected bool, int, float, str, bytes, "
        "datetime, list[…], dict[str, …], Any, or a pydantic model."
    )


def _union(arguments: tuple[Any, ...]) -> tuple[ColumnType, bool]:
    known = [one for one in arguments if one is not type(None)]
    of = _type_of(known[0])[0] if len(known) == 1 else AnyType()
    return of, len(known) == len(arguments)


def _object(model: Any) -> ObjectType:
    parts: list[Property] = []
    for name, field in model.model_fields.items():
        of, required = _type_of(field.annotation)
        if not required and field.is_required():
            raise InvalidInput(
                f"The optional field '{name}' of '{model.__name__}' has no default; give it None as its default."
            )
        parts.append(Property(name=name, type=of, required=required))
    return ObjectType(tuple(parts))


def _value(value: Any, hint: Any, place: str) -> Any:
    if hint is Any:
        return value
    if _is_pydantic(hint):
        return _validated(value, hint, place)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list and isinstance(value, list):
        return [_value(one, arguments[0], f"{place}[{at}]") for at, one in enumerate(value)]
    if origin is dict and isinstance(value, dict):
        return {key: _value(one, arguments[1], f"{place}['{key}']") for key, one in value.items()}
    if origin in _UNIONS:
        return value
    if isinstance(value, hint if origin is None else origin) and (
        hint is bool or not isinstance(value, bool)
    ):
        return value
    raise InvalidInput(f"The value at {place} is {value!r}; the type hint of the model says {_shown(hint)}.")


def _validated(value: Any, model: Any, place: str) -> Any:
    from pydantic import ValidationError

    if isinstance(value, model):
        return value
    try:
        return model.model_validate(value, strict=True)
    except ValidationError as error:
        raise InvalidInput(f"The value at {place} is no '{model.__name__}': {error}") from error


def _shown(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and typing.get_origin(hint) is None else str(hint)
