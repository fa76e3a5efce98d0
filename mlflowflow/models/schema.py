"""What goes into a model and what comes out, in MLflow's column and tensor specifications.

A schema is either columns (`ColumnSchema`, of tables, records and scalars) or tensors
(`TensorSchema`, of arrays); MLflow never mixes the two and neither do we. The JSON written and
read here is MLflow's own, key order included, so that a signature survives the journey through
either library byte for byte. Everything is pure and imports nothing heavy: gates and the registry
compare schemas without NumPy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class DataType(StrEnum):
    """The scalar types: `integer` and `float` have 32 bits, `long` and `double` 64."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    STRING = "string"
    BINARY = "binary"
    DATETIME = "datetime"

    # MLflow's spelling of the same members
    boolean = "boolean"
    integer = "integer"
    long = "long"
    float = "float"
    double = "double"
    string = "string"
    binary = "binary"
    datetime = "datetime"


@dataclass(frozen=True, slots=True)
class AnyType:
    """A value nothing is known about, such as a column of nulls."""


@dataclass(frozen=True, slots=True)
class ArrayType:
    """A list whose elements all have the type `items`."""

    items: ColumnType


@dataclass(frozen=True, slots=True)
class MapType:
    """A mapping from any string to the type `values`."""

    values: ColumnType


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One named part of an object."""

    name: str
    type: ColumnType
    required: bool = True


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A record with known `properties`."""

    properties: tuple[Property, ...]


ColumnType: TypeAlias = DataType | AnyType | ArrayType | MapType | ObjectType


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column; `name` is None for unnamed data and a number for a table whose labels are numbers."""

    type: ColumnType
    name: str | int | None = None
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorSpec:
    """One array: a NumPy type name (``float64``, ``str``) and a `shape` in which -1 is any length."""

    dtype: str
    shape: tuple[int, ...]
    name: str | None = None

    @property
    def type(self) -> Any:
        """The NumPy type."""
        import numpy as np

        return np.dtype(self.dtype)


class Parts:
    """The questions that MLflow's schemas answer, for columns and tensors alike."""

    __slots__ = ()

    @property
    def inputs(self) -> list[Any]:
        """The columns or tensors."""
        return list(self.columns if isinstance(self, ColumnSchema) else getattr(self, "tensors", ()))

    def input_names(self) -> list[str | int]:
        """Return their names; their places where they have none."""
        return [place if one.name is None else one.name for place, one in enumerate(self.inputs)]

    def input_dict(self) -> dict[str | int, Any]:
        """Return them by their names."""
        return dict(zip(self.input_names(), self.inputs, strict=True))

    def has_input_names(self) -> bool:
        """Answer whether they are named."""
        return bool(self.inputs) and self.inputs[0].name is not None

    def is_tensor_spec(self) -> bool:
        """Answer whether they are tensors."""
        return isinstance(self, TensorSchema)

    def required_input_names(self) -> list[str | int]:
        """Return the names of those that must be there."""
        return [name for name, one in self.input_dict().items() if getattr(one, "required", True)]

    def optional_input_names(self) -> list[str | int]:
        """Return the names of those that may be missing."""
        return [name for name, one in self.input_dict().items() if not getattr(one, "required", True)]

    def to_json(self) -> str:
        """Return MLflow's JSON text."""
        assert isinstance(self, ColumnSchema | TensorSchema)
        return schema_to_json(self)

    def to_dict(self) -> list[dict[str, Any]]:
        """Return MLflow's JSON as a tree."""
        found: list[dict[str, Any]] = json.loads(self.to_json())
        return found

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.inputs)

    def __bool__(self) -> bool:
        """Be true also without any: a schema that says nothing is there all the same."""
        return True


@dataclass(frozen=True, slots=True)
class ColumnSchema(Parts):
    """Columns, either all named or all unnamed."""

    columns: tuple[ColumnSpec, ...]

    def __post_init__(self) -> None:
        """Refuse a mixture of named and unnamed columns, and a name given twice."""
        _check_names([column.name for column in self.columns], "column")


@dataclass(frozen=True, slots=True)
class TensorSchema(Parts):
    """One unnamed tensor, or several named ones."""

    tensors: tuple[TensorSpec, ...]

    def __post_init__(self) -> None:
        """Refuse a mixture of named and unnamed tensors, and a name given twice."""
        _check_names([tensor.name for tensor in self.tensors], "tensor")


Schema: TypeAlias = ColumnSchema | TensorSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamSpec:
    """One parameter of `predict`; `shape` is None for a scalar and ``(-1,)`` for a list.

    The default is kept as the JSON text `default_json`, which cannot be changed by whoever reads
    it; `default` decodes it.
    """

    name: str
    type: DataType | ObjectType
    default_json: str
    shape: tuple[int, ...] | None = None

    @property
    def default(self) -> Any:
        """The value used when the caller gives none."""
        return json.loads(self.default_json)


def type_name(of: ColumnType) -> str:
    """Return a type for a sentence: the word for a scalar, the JSON for anything else.

    >>> type_name(DataType.LONG)
    'long'
    """
    return of.value if isinstance(of, DataType) else json.dumps(type_to_json(of))


def type_to_json(of: ColumnType) -> dict[str, Any]:
    """Return MLflow's JSON for a column's type.

    >>> type_to_json(ArrayType(DataType.LONG))
    {'type': 'array', 'items': {'type': 'long'}}
    """
    match of:
        case DataType():
            return {"type": of.value}
        case AnyType():
            return {"type": "any"}
        case ArrayType(items=items):
            return {"type": "array", "items": type_to_json(items)}
        case MapType(values=values):
            return {"type": "map", "values": type_to_json(values)}
        case ObjectType(properties=properties):
            parts = {one.name: {**type_to_json(one.type), "required": one.required} for one in properties}
            return {"type": "object", "properties": parts}


def type_from_json(spec: Mapping[str, Any]) -> ColumnType:
    """Return the type that `spec` describes. Raises `InvalidInput` for one that is not known."""
    match spec:
        case {"type": "any"}:
            return AnyType()
        case {"type": "array", "items": dict() as items}:
            return ArrayType(type_from_json(items))
        case {"type": "map", "values": dict() as values}:
            return MapType(type_from_json(values))
        case {"type": "object", "properties": dict() as parts}:
            return ObjectType(tuple(_property_from_json(name, part) for name, part in parts.items()))
        case {"type": str(name)} if name in _SCALARS:
            return _SCALARS[name]
        case _:
            known = ", ".join([*_SCALARS, "any", "array", "map", "object"])
            raise InvalidInput(f"A schema has the type '{spec.get('type')}'; expected one of {known}.")


def schema_to_json(schema: Schema) -> str:
    """Write `schema` as the JSON text that MLflow puts into an MLmodel file.

    >>> schema_to_json(ColumnSchema((ColumnSpec(name="a", type=DataType.LONG),)))
    '[{"type": "long", "name": "a", "required": true}]'
    """
    match schema:
        case ColumnSchema(columns=columns):
            return json.dumps([_column_to_json(column) for column in columns])
        case TensorSchema(tensors=tensors):
            return json.dumps([_tensor_to_json(tensor) for tensor in tensors])


def schema_from_json(text: str) -> Schema:
    """Read what `schema_to_json` or MLflow wrote. Raises `InvalidInput` for anything else."""
    specs = _records(text, "schema")
    tensors = [spec for spec in specs if spec.get("type") == "tensor"]
    if not tensors:
        return ColumnSchema(tuple(_column_from_json(spec) for spec in specs))
    if len(tensors) < len(specs):
        raise InvalidInput("A schema mixes tensors with columns; expected all of one kind.")
    return TensorSchema(tuple(_tensor_from_json(spec) for spec in tensors))


def params_to_json(params: Sequence[ParamSpec]) -> str:
    """Write parameter specifications as MLflow's JSON text."""
    return json.dumps([_param_to_json(param) for param in params])


def params_from_json(text: str) -> tuple[ParamSpec, ...]:
    """Read what `params_to_json` or MLflow wrote. Raises `InvalidInput` for anything else."""
    return tuple(_param_from_json(spec) for spec in _records(text, "parameter list"))


_SCALARS = {member.value: member for member in DataType}


def _check_names(names: Sequence[str | int | None], noun: str) -> None:
    named = [name for name in names if name is not None]
    if named and len(named) < len(names):
        raise InvalidInput(f"A schema names some of its {noun}s and not others; name all or none.")
    doubles = sorted({repr(name) for name in named if named.count(name) > 1})
    if doubles:
        raise InvalidInput(f"A schema names a {noun} twice: {', '.join(doubles)}. Rename one of them.")


def _records(text: str, noun: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"A {noun} is not JSON ({error}): '{text[:80]}'.") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InvalidInput(f"A {noun} must be a JSON list of objects, not '{text[:80]}'.")
    return found


def _property_from_json(name: str, part: Mapping[str, Any]) -> Property:
    return Property(name=name, type=type_from_json(part), required=bool(part.get("required", True)))


def _column_to_json(column: ColumnSpec) -> dict[str, Any]:
    name = {} if column.name is None else {"name": column.name}
    return {**type_to_json(column.type), **name, "required": column.required}


def _column_from_json(spec: Mapping[str, Any]) -> ColumnSpec:
    name = spec.get("name")
    if not isinstance(name, str | int | None) or isinstance(name, bool):
        raise InvalidInput(f"A column is named {name!r}; expected a string, a whole number or no name.")
    # The word before MLflow 2.6 was "optional".
    required = spec.get("required", not spec.get("optional", False))
    return ColumnSpec(type=type_from_json(spec), name=name, required=bool(required))


def _tensor_to_json(tensor: TensorSpec) -> dict[str, Any]:
    name = {} if tensor.name is None else {"name": tensor.name}
    return {**name, "type": "tensor", "tensor-spec": {"dtype": tensor.dtype, "shape": list(tensor.shape)}}


def _tensor_from_json(spec: Mapping[str, Any]) -> TensorSpec:
    match spec:
        case {"tensor-spec": {"dtype": str(dtype), "shape": list(shape)}} if _is_shape(shape):
            name = spec.get("name")
            return TensorSpec(dtype=dtype, shape=tuple(shape), name=None if name is None else str(name))
        case _:
            raise InvalidInput(f"A tensor needs a 'tensor-spec' with 'dtype' and 'shape', not {dict(spec)}.")


def _is_shape(shape: list[Any]) -> bool:
    return all(isinstance(length, int) and not isinstance(length, bool) and length >= -1 for length in shape)


def _param_to_json(param: ParamSpec) -> dict[str, Any]:
    shape = None if param.shape is None else list(param.shape)
    return {"name": param.name, "default": param.default, "shape": shape, **type_to_json(param.type)}


def _param_from_json(spec: Mapping[str, Any]) -> ParamSpec:
    of = type_from_json(spec)
    match spec:
        case {"name": str(name)} if isinstance(of, DataType | ObjectType):
            shape = spec.get("shape")
            return ParamSpec(
                name=name,
                type=of,
                default_json=json.dumps(spec.get("default")),
                shape=None if shape is None else tuple(shape),
            )
        case _:
            raise InvalidInput(f"A parameter needs a name and a scalar or object type, not {dict(spec)}.")
