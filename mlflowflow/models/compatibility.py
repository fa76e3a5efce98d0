"""When one schema can stand in for another, as reasons why it cannot.

A new model may replace an old one if every call that was right stays right: it *accepts* whatever
the old one accepted, and *returns* nothing that a reader of the old one's answers would not
understand. So inputs may widen and outputs may narrow, never the other way round. Numbers widen
within and from whole to floating (`long` to `double` included: `enforce` checks the values).
Extra columns in the data are ignored by `predict`, so a new model may drop an input; an output
that disappears breaks its readers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mlflowflow.models.schema import (
    AnyType,
    ArrayType,
    ColumnSchema,
    ColumnSpec,
    ColumnType,
    DataType,
    MapType,
    ObjectType,
    ParamSpec,
    Schema,
    TensorSchema,
    TensorSpec,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Which scalar types a value of the type on the left may be read as, besides its own.
WIDER: Final = {
    DataType.INTEGER: frozenset({DataType.LONG, DataType.DOUBLE}),
    DataType.LONG: frozenset({DataType.DOUBLE}),
    DataType.FLOAT: frozenset({DataType.DOUBLE}),
}


def accepts(target: ColumnType, source: ColumnType) -> bool:
    """Answer whether every value of the type `source` can be used where `target` is expected.

    >>> accepts(DataType.DOUBLE, DataType.INTEGER), accepts(DataType.INTEGER, DataType.DOUBLE)
    (True, False)
    """
    match target, source:
        case AnyType(), _:
            return True
        case DataType(), DataType():
            return target is source or target in WIDER.get(source, frozenset())
        case (ArrayType(items=wanted), ArrayType(items=given)) | (
            MapType(values=wanted),
            MapType(values=given),
        ):
            return accepts(wanted, given)
        case ObjectType(), ObjectType():
            return _accepts_object(target, source)
        case _:
            return False


def input_reasons(new: Schema | None, old: Schema | None) -> list[str]:
    """Say why data made for the inputs `old` cannot be given to a model with the inputs `new`."""
    match new, old:
        case None, _:
            return []
        case _, None:
            return ["the new inputs are restricted by a schema and the old ones are not"]
        case ColumnSchema(columns=wanted), ColumnSchema(columns=given):
            return _column_inputs(wanted, given)
        case TensorSchema(tensors=wanted), TensorSchema(tensors=given):
            return _tensors(wanted, given, "input")
        case _:
            return [_kinds("inputs", new, old)]


def output_reasons(new: Schema | None, old: Schema | None) -> list[str]:
    """Say why a reader of the outputs `old` would not understand the outputs `new`."""
    match new, old:
        case _, None:
            return []
        case None, _:
            return ["the new signature does not say what its outputs are; the old one does"]
        case ColumnSchema(columns=given), ColumnSchema(columns=wanted):
            return _column_outputs(given, wanted)
        case TensorSchema(tensors=given), TensorSchema(tensors=wanted):
            return _tensors(wanted, given, "output")
        case _:
            return [_kinds("outputs", new, old)]


def param_reasons(new: Sequence[ParamSpec], old: Sequence[ParamSpec]) -> list[str]:
    """Say which parameters of `old` a model with the parameters `new` would not take."""
    present = {param.name: param for param in new}
    reasons: list[str] = []
    for param in old:
        found = present.get(param.name)
        if found is None:
            reasons.append(f"the parameter '{param.name}' is gone")
        elif not accepts(found.type, param.type) or found.shape != param.shape:
            reasons.append(f"the parameter '{param.name}' was {_param_word(param)}, now {_param_word(found)}")
    return reasons


def tensor_accepts(target: TensorSpec, source: TensorSpec) -> bool:
    """Answer whether an array described by `source` fits `target`: a shape that fits, a type no wider."""
    fits = len(target.shape) == len(source.shape) and all(
        wanted in (-1, given) for wanted, given in zip(target.shape, source.shape, strict=True)
    )
    return fits and dtype_accepts(target.dtype, source.dtype)


def dtype_accepts(target: str, source: str) -> bool:
    """Answer whether arrays of the type `source` convert to `target` without changing kind or losing bits.

    >>> dtype_accepts("float64", "int32"), dtype_accepts("float32", "float64")
    (True, False)
    """
    if target == source:
        return True
    wanted, given = _NUMBER.fullmatch(target), _NUMBER.fullmatch(source)
    if wanted is None or given is None:
        return False
    sizes = int(wanted[2]), int(given[2])
    match wanted[1], given[1]:
        case ("int", "int") | ("uint", "uint") | ("float", "float") | ("int", "uint"):
            return sizes[0] > sizes[1]
        case "float", ("int" | "uint"):
            return sizes[0] == _DOUBLE_BITS
        case _:
            return False


_NUMBER = re.compile(r"(int|uint|float)(\d+)")
_DOUBLE_BITS = 64


def _accepts_object(target: ObjectType, source: ObjectType) -> bool:
    given = {one.name: one for one in source.properties}
    for wanted in target.properties:
        found = given.get(wanted.name)
        if found is None or (wanted.required and not found.required):
            if wanted.required:
                return False
        elif not accepts(wanted.type, found.type):
            return False
    return True


def _column_inputs(wanted: Sequence[ColumnSpec], given: Sequence[ColumnSpec]) -> list[str]:
    """Compare the columns a new model wants with those the old one's callers give."""
    if _unnamed(wanted) != _unnamed(given) or (_unnamed(wanted) and len(wanted) != len(given)):
        return [f"the old inputs are {_layout(given)}, the new ones {_layout(wanted)}"]
    present = _by_key(given)
    reasons: list[str] = []
    for key, column in _by_key(wanted).items():
        found = present.get(key)
        if found is None:
            if column.required:
                reasons.append(f"the input {key} is new and required")
        else:
            reasons += _one_column(key, "input", wanted=column, given=found)
    return reasons


def _column_outputs(given: Sequence[ColumnSpec], wanted: Sequence[ColumnSpec]) -> list[str]:
    """Compare the columns a new model returns with those the old one's readers want."""
    if _unnamed(wanted) != _unnamed(given) or (_unnamed(wanted) and len(wanted) != len(given)):
        return [f"the old outputs are {_layout(wanted)}, the new ones {_layout(given)}"]
    present = _by_key(given)
    reasons: list[str] = []
    for key, column in _by_key(wanted).items():
        found = present.get(key)
        if found is None:
            reasons.append(f"the output {key} is gone")
        else:
            reasons += _one_column(key, "output", wanted=column, given=found)
    return reasons


def _one_column(key: str, noun: str, *, wanted: ColumnSpec, given: ColumnSpec) -> list[str]:
    old, new = (given, wanted) if noun == "input" else (wanted, given)
    if not accepts(wanted.type, given.type):
        return [f"the {noun} {key} was {type_name(old.type)}, now {type_name(new.type)}"]
    if wanted.required and not given.required:
        now = "now required" if noun == "input" else "no longer always there"
        return [f"the {noun} {key} is {now}"]
    return []


def _tensors(wanted: Sequence[TensorSpec], given: Sequence[TensorSpec], noun: str) -> list[str]:
    present = {tensor.name: tensor for tensor in given}
    reasons: list[str] = []
    for tensor in wanted:
        found = present.get(tensor.name)
        label = "tensor" if tensor.name is None else f"tensor '{tensor.name}'"
        if found is None:
            reasons.append(f"the {noun} {label} is {'new' if noun == 'input' else 'gone'}")
        elif not tensor_accepts(tensor, found):
            old, new = (found, tensor) if noun == "input" else (tensor, found)
            reasons.append(f"the {noun} {label} was {_tensor_word(old)}, now {_tensor_word(new)}")
    return reasons


def _by_key(columns: Sequence[ColumnSpec]) -> dict[str, ColumnSpec]:
    """Key named columns by their name, unnamed ones by their place."""
    return {
        f"column {place}" if column.name is None else repr(column.name): column
        for place, column in enumerate(columns)
    }


def _unnamed(columns: Sequence[ColumnSpec]) -> bool:
    return any(column.name is None for column in columns)


def _layout(columns: Sequence[ColumnSpec]) -> str:
    return f"{len(columns)} {'unnamed' if _unnamed(columns) else 'named'} columns"


def _kinds(noun: str, new: Schema, old: Schema) -> str:
    words = {ColumnSchema: "columns", TensorSchema: "tensors"}
    return f"the old {noun} are {words[type(old)]}, the new ones {words[type(new)]}"


def _param_word(param: ParamSpec) -> str:
    return type_name(param.type) if param.shape is None else f"a list of {type_name(param.type)}"


def _tensor_word(tensor: TensorSpec) -> str:
    return f"{tensor.dtype} {tensor.shape}"
