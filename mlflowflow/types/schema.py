"""MLflow's names for what a schema is made of, and its arguments.

Calling one of them makes the value that this library works with, which is an instance of it: a `Schema`
of columns is a `ColumnSchema`, one of tensors a `TensorSchema`. So there is one set of values, however
they came about.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import InvalidInput
from mlflowflow.models import schema as ours
from mlflowflow.models.inference import dtype_name, infer_params
from mlflowflow.models.schema import AnyType, DataType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "AnyType",
    "Array",
    "ColSpec",
    "DataType",
    "Map",
    "Object",
    "ParamSchema",
    "ParamSpec",
    "Property",
    "Schema",
    "TensorSpec",
]


class _Name(type):
    """A name whose call makes a value of ours, and which that value is an instance of."""

    made: tuple[type, ...]

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.made)


class ColSpec(metaclass=_Name):
    """One column: its type (a `DataType`, the word for one, or a nested type), its name, and if it must be there.

    >>> ColSpec("long", "a").required
    True
    """

    made = (ours.ColumnSpec,)

    def __new__(cls, type: Any, name: str | int | None = None, required: bool = True) -> ours.ColumnSpec:  # type: ignore[misc]  # noqa: A002
        """Make the value. Raises `InvalidInput` for an unknown type."""
        return ours.ColumnSpec(_type(type), name, required)


class TensorSpec(metaclass=_Name):
    """One array: its NumPy type, its shape with -1 for any length, and its name.

    >>> TensorSpec("float32", (-1, 3)).shape
    (-1, 3)
    """

    made = (ours.TensorSpec,)

    def __new__(cls, type: Any, shape: Sequence[int], name: str | None = None) -> ours.TensorSpec:  # type: ignore[misc]  # noqa: A002
        """Make the value. Raises `InvalidInput` for what is no NumPy type or shape."""
        import numpy as np

        try:
            dtype = dtype_name(np.dtype(type))
        except TypeError as error:
            raise InvalidInput(f"{type!r} is not a NumPy type.") from error
        lengths: Any = shape
        if not isinstance(lengths, tuple | list) or not all(isinstance(one, int) for one in lengths):
            raise InvalidInput(f"A shape is a tuple of whole numbers, not {shape!r}.")
        return ours.TensorSpec(dtype=dtype, shape=tuple(shape), name=name)


class Schema(metaclass=_Name):
    """All columns, or all tensors, of what goes in or comes out.

    >>> Schema([ColSpec("long", "a")]).input_names()
    ['a']
    """

    made = (ours.ColumnSchema, ours.TensorSchema)

    def __new__(cls, inputs: Iterable[Any]) -> ours.Schema:  # type: ignore[misc]
        """Make the value. Raises `InvalidInput` for a mixture, or what is neither."""
        parts = tuple(inputs)
        if parts and all(isinstance(one, ours.TensorSpec) for one in parts):
            return ours.TensorSchema(parts)
        if all(isinstance(one, ours.ColumnSpec) for one in parts):
            return ours.ColumnSchema(parts)
        raise InvalidInput("A schema is a list of ColSpec, or a list of TensorSpec.")

    @classmethod
    def from_json(cls, json_str: str) -> ours.Schema:
        """Read what ``to_json`` wrote. Raises `InvalidInput`."""
        return ours.schema_from_json(json_str)


class ParamSpec(metaclass=_Name):
    """One parameter: its name, type, default, and None or ``(-1,)`` for a list as its shape.

    >>> ParamSpec("beam", "long", 4).default
    4
    """

    made = (ours.ParamSpec,)

    def __new__(  # type: ignore[misc]
        cls, name: str, dtype: Any, default: Any, shape: tuple[int, ...] | None = None
    ) -> ours.ParamSpec:
        """Make the value. Raises `InvalidInput` for a default that is not of the type."""
        of = _type(dtype)
        if not isinstance(of, ours.DataType | ours.ObjectType):
            raise InvalidInput(f"The parameter '{name}' has a type that parameters cannot have.")
        (found,) = infer_params({name: default}) if default is not None else (None,)
        if found is not None and (found.shape is None) != (shape is None):
            raise InvalidInput(f"The parameter '{name}' has the default {default!r} and the shape {shape}.")
        text = "null" if found is None else found.default_json
        return ours.ParamSpec(name=name, type=of, default_json=text, shape=shape)


class ParamSchema(tuple[ours.ParamSpec, ...]):
    """All parameters of a model.

    >>> ParamSchema([ParamSpec("beam", "long", 4)]).params[0].name
    'beam'
    """

    __slots__ = ()

    @property
    def params(self) -> list[ours.ParamSpec]:
        """The parameters."""
        return list(self)

    def to_json(self) -> str:
        """Return MLflow's JSON text."""
        return ours.params_to_json(self)

    def to_dict(self) -> list[dict[str, Any]]:
        """Return MLflow's JSON as a tree."""
        found: list[dict[str, Any]] = json.loads(self.to_json())
        return found

    @classmethod
    def from_json(cls, json_str: str) -> ParamSchema:
        """Read what ``to_json`` wrote. Raises `InvalidInput`."""
        return cls(ours.params_from_json(json_str))


class Array(metaclass=_Name):
    """A list whose elements are all of one type."""

    made = (ours.ArrayType,)

    def __new__(cls, dtype: Any) -> ours.ArrayType:  # type: ignore[misc]
        """Make the value."""
        return ours.ArrayType(_type(dtype))


class Map(metaclass=_Name):
    """A mapping from any text to one type."""

    made = (ours.MapType,)

    def __new__(cls, value_type: Any) -> ours.MapType:  # type: ignore[misc]
        """Make the value."""
        return ours.MapType(_type(value_type))


class Property(metaclass=_Name):
    """One named part of an object."""

    made = (ours.Property,)

    def __new__(cls, name: str, dtype: Any, required: bool = True) -> ours.Property:  # type: ignore[misc]
        """Make the value."""
        return ours.Property(name=name, type=_type(dtype), required=required)


class Object(metaclass=_Name):
    """A record of known properties."""

    made = (ours.ObjectType,)

    def __new__(cls, properties: Iterable[ours.Property]) -> ours.ObjectType:  # type: ignore[misc]
        """Make the value."""
        return ours.ObjectType(tuple(properties))


_NESTED = (ours.DataType, ours.AnyType, ours.ArrayType, ours.MapType, ours.ObjectType)


def _type(of: Any) -> ours.ColumnType:
    if isinstance(of, _NESTED):
        return of
    return ours.type_from_json({"type": of})
