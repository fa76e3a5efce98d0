"""Reading a schema off example data, with MLflow's answers for the same data.

Arrays become tensors with a free first length; tables, series, dictionaries and lists become
columns. Values are looked at, not only their containers: a column that holds a null is not
required, and an object column of strings is a column of strings. NumPy and pandas are recognised
by shape and by name, so nothing heavy is imported until data of theirs is there.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.models.compatibility import accepts
from mlflowflow.models.schema import (
    AnyType,
    ArrayType,
    ColumnSchema,
    ColumnSpec,
    ColumnType,
    DataType,
    ObjectType,
    ParamSpec,
    Property,
    TensorSchema,
    TensorSpec,
    type_name,
)

if TYPE_CHECKING:
    from mlflowflow.models.schema import Schema


def infer_schema(example: Any) -> Schema:
    """Return the schema that `example` follows. Raises `InvalidInput` for data of no known kind.

    >>> infer_schema([{"a": 1}, {"a": 2, "b": "x"}]).columns[1]
    ColumnSpec(type=<DataType.STRING: 'string'>, name='b', required=False)
    """
    if is_frame(example):
        columns = [series_type(example.iloc[:, place]) for place in range(example.shape[1])]
        return ColumnSchema(tuple(_named(label, of) for label, of in zip(example, columns, strict=True)))
    if is_series(example):
        return ColumnSchema((_named(example.name, series_type(example)),))
    if is_array(example):
        return TensorSchema((tensor_spec(example),))
    if isinstance(example, Mapping):
        return _mapping(example)
    return _values(example)


def infer_params(params: Mapping[str, Any]) -> tuple[ParamSpec, ...]:
    """Return the parameters that `params`, names with their default values, describe.

    >>> infer_params({"beam": 4})[0].type
    <DataType.LONG: 'long'>
    """
    return tuple(_param(name, value) for name, value in params.items())


def tensor_spec(array: Any, name: str | None = None) -> TensorSpec:
    """Describe one array, its first length left free."""
    return TensorSpec(dtype=dtype_name(array.dtype), shape=(-1, *map(int, array.shape[1:])), name=name)


def dtype_name(dtype: Any) -> str:
    """Return MLflow's name of a NumPy type: strings and bytes without their length."""
    return {"U": "str", "S": "bytes"}.get(dtype.kind, str(dtype))


def series_type(series: Any) -> tuple[ColumnType, bool]:
    """Return the type of a pandas Series' values and whether none of them is null."""
    required = not bool(series.isna().any())
    if series.dtype == "category":
        of, _ = series_type(series.cat.categories.to_series())
        return of, required
    known = _BY_KIND.get((series.dtype.kind, getattr(series.dtype, "itemsize", 8)))
    if known is not None:
        return known, required
    of, _ = _merge(None if missing else value for value, missing in zip(series, series.isna(), strict=True))
    return of, required


def is_frame(data: Any) -> bool:
    """Answer whether `data` is a pandas DataFrame."""
    return _is_a(data, "DataFrame")


def is_series(data: Any) -> bool:
    """Answer whether `data` is a pandas Series."""
    return _is_a(data, "Series")


def is_array(data: Any) -> bool:
    """Answer whether `data` is an array: a NumPy one or a SciPy sparse one."""
    return hasattr(data, "dtype") and bool(getattr(data, "shape", ())) and not is_series(data)


#: The types of columns by NumPy's letter for the kind and the size in bytes, as MLflow maps them.
_BY_KIND: Final = {
    ("b", 1): DataType.BOOLEAN,
    ("i", 1): DataType.INTEGER,
    ("i", 2): DataType.INTEGER,
    ("i", 4): DataType.INTEGER,
    ("i", 8): DataType.LONG,
    ("u", 1): DataType.INTEGER,
    ("u", 2): DataType.INTEGER,
    ("u", 4): DataType.LONG,
    ("f", 2): DataType.FLOAT,
    ("f", 4): DataType.FLOAT,
    ("f", 8): DataType.DOUBLE,
    ("M", 8): DataType.DATETIME,
}

#: The types of Python values; the order matters, for True is an int and a datetime is a date.
_BY_CLASS: Final = (
    (bool, DataType.BOOLEAN),
    (int, DataType.LONG),
    (float, DataType.DOUBLE),
    (str, DataType.STRING),
    ((bytes, bytearray), DataType.BINARY),
    ((dt.datetime, dt.date), DataType.DATETIME),
)


def _is_a(data: Any, name: str) -> bool:
    return any(
        cls.__name__ == name and cls.__module__.partition(".")[0] == "pandas" for cls in type(data).__mro__
    )


def _named(label: Any, typed: tuple[ColumnType, bool]) -> ColumnSpec:
    name = label if label is None or isinstance(label, str) else _label(label)
    return ColumnSpec(type=typed[0], name=name, required=typed[1])


def _label(label: Any) -> str | int:
    return int(label) if hasattr(label, "__index__") else str(label)


def _mapping(example: Mapping[Any, Any]) -> Schema:
    if example and all(is_array(value) for value in example.values()):
        return TensorSchema(tuple(tensor_spec(value, str(name)) for name, value in example.items()))
    return ColumnSchema(tuple(_named(name, _merge([value])) for name, value in example.items()))


def _values(example: Any) -> ColumnSchema:
    """Describe a list of records as their columns; any other value, or a list of them, as one unnamed column."""
    values = list(example) if isinstance(example, list | tuple) else [example]
    of, required = _merge(values)
    match of:
        case ObjectType(properties=properties):
            return ColumnSchema(
                tuple(ColumnSpec(type=one.type, name=one.name, required=one.required) for one in properties)
            )
        case _:
            return ColumnSchema((ColumnSpec(type=of, required=required),))


def _merge(values: Iterable[Any]) -> tuple[ColumnType, bool]:
    """Return the one type all `values` share and whether none of them is null."""
    kinds: list[ColumnType] = []
    required = True
    for value in values:
        if value is None:
            required = False
            continue
        kind = _value(value)
        if kind not in kinds:
            kinds.append(kind)
    shared: ColumnType = AnyType()
    for kind in kinds:
        shared = _common(shared, kind)
    return shared, required and bool(kinds)


def _value(value: Any) -> ColumnType:
    if isinstance(value, Mapping):
        return ObjectType(
            tuple(
                Property(name=str(name), type=of, required=required)
                for name, part in value.items()
                for of, required in [_merge([part])]
            )
        )
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes | bytearray):
        return ArrayType(_merge(value)[0])
    if hasattr(value, "dtype"):
        return _numpy_value(value)
    for cls, of in _BY_CLASS:
        if isinstance(value, cls):
            return of
    raise InvalidInput(
        f"A schema cannot be read off a value of the type '{type(value).__name__}'; expected numbers, "
        "text, bytes, dates, lists or dictionaries of them, NumPy arrays or pandas tables."
    )


def _numpy_value(value: Any) -> ColumnType:
    if getattr(value, "shape", ()):
        return ArrayType(_merge(value.tolist())[0])
    known = _BY_KIND.get((value.dtype.kind, value.dtype.itemsize))
    return known if known is not None else _value(value.item())


def _common(one: ColumnType, other: ColumnType) -> ColumnType:
    """Return the narrowest type that takes values of both; nulls, of which nothing is known, fit any."""
    match one, other:
        case AnyType(), known:
            return known
        case known, AnyType():
            return known
        case ObjectType(), ObjectType():
            return _common_object(one, other)
        case ArrayType(items=left), ArrayType(items=right):
            return ArrayType(_common(left, right))
        case _ if accepts(one, other):
            return one
        case _ if accepts(other, one):
            return other
        case _:
            raise InvalidInput(
                f"Values of the types '{type_name(one)}' and '{type_name(other)}' stand in one column; "
                "give each column one type."
            )


def _common_object(one: ObjectType, other: ObjectType) -> ObjectType:
    """Join two records; what only one of them has is not required."""
    left = {part.name: part for part in one.properties}
    right = {part.name: part for part in other.properties}
    return ObjectType(tuple(_common_property(left.get(name), right.get(name)) for name in {**left, **right}))


def _common_property(one: Property | None, other: Property | None) -> Property:
    if one is not None and other is not None:
        of = _common(one.type, other.type)
        return Property(name=one.name, type=of, required=one.required and other.required)
    part = one or other
    assert part is not None
    return Property(name=part.name, type=part.type, required=False)


def _param(name: str, value: Any) -> ParamSpec:
    plain = value.tolist() if hasattr(value, "tolist") else value
    listed = isinstance(plain, list | tuple)
    of, _ = _merge(plain) if listed else _merge([plain])
    if not isinstance(of, DataType | ObjectType) or (listed and isinstance(of, ObjectType)):
        raise InvalidInput(
            f"The parameter '{name}' has the default {value!r}; expected a scalar, a flat list or an object."
        )
    text = json.dumps(plain, default=_json_scalar)
    return ParamSpec(name=name, type=of, default_json=text, shape=(-1,) if listed else None)


def _json_scalar(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    raise InvalidInput(f"A parameter's default must be writable as JSON; a '{type(value).__name__}' is not.")
