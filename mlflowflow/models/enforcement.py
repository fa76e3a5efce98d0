"""Bringing data into the form a signature promises, or saying why it is not in it.

The rules, applied before every `predict` of a model that has a signature:

* Columns are found by name, put in the signature's order, and those it does not name are dropped.
  A required column that is missing is an error; all of them are named together.
* Whole numbers become any wider or floating type if every value stays the same number. Floating
  numbers are rounded to the precision of the signature, as the training data was. Nothing else
  is converted: text is not a number and 2.0 is not a whole one. Text becomes a date where a date
  is wanted, because JSON has none.
* Arrays must have the promised number of dimensions, and each length that is not -1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, MissingExtra
from mlflowflow.models.compatibility import accepts
from mlflowflow.models.inference import infer_params, is_array, is_frame, is_series, series_type
from mlflowflow.models.schema import (
    AnyType,
    ColumnSchema,
    ColumnSpec,
    DataType,
    ParamSpec,
    TensorSchema,
    TensorSpec,
    type_name,
)

if TYPE_CHECKING:
    from mlflowflow.models.signature import ModelSignature

_DTYPES: Final = {
    DataType.INTEGER: "int32",
    DataType.LONG: "int64",
    DataType.FLOAT: "float32",
    DataType.DOUBLE: "float64",
}


def enforce(signature: ModelSignature | None, model_input: Any) -> Any:
    """Return `model_input` in the form of the signature's inputs.

    Named columns come back as a pandas DataFrame, tensors as NumPy arrays (sparse ones stay
    sparse), data of an unnamed column or without a signature as it is. Raises `InvalidInput`
    naming what is missing or of the wrong type.
    """
    match signature and signature.inputs:
        case ColumnSchema(columns=columns) if columns and columns[0].name is not None:
            return _frame(columns, _as_frame(columns, model_input))
        case TensorSchema(tensors=(TensorSpec(name=None) as tensor,)):
            return _tensor(tensor, model_input)
        case TensorSchema(tensors=tensors):
            return _named_tensors(tensors, model_input)
        case _:
            return model_input


def enforce_params(signature: ModelSignature | None, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the parameters `predict` works with: the signature's defaults under the caller's `params`.

    Raises `InvalidInput` for a parameter the signature does not name, or one of another type.
    """
    given = dict(params or {})
    known = {param.name: param for param in (signature.params if signature else None) or ()}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise InvalidInput(
            f"The model has no parameter {_quoted(unknown)}; its signature names {_quoted(known) or 'none'}."
        )
    for name, value in given.items():
        _check_param(known[name], value)
    return {name: given.get(name, param.default) for name, param in known.items()}


def _check_param(param: ParamSpec, value: Any) -> None:
    if value is None:
        return
    (found,) = infer_params({param.name: value})
    if not accepts(param.type, found.type) or param.shape != found.shape:
        raise InvalidInput(
            f"The parameter '{param.name}' is {value!r}; expected "
            f"{'a list of ' if param.shape else ''}the type '{type_name(param.type)}'."
        )


def _as_frame(columns: Sequence[ColumnSpec], model_input: Any) -> Any:
    pd = _pandas()
    names = [column.name for column in columns]
    if is_frame(model_input):
        return model_input
    if is_series(model_input):
        return model_input.to_frame(names[0] if model_input.name is None else model_input.name)
    if isinstance(model_input, Mapping):
        plain = not any(isinstance(one, list | tuple) or is_array(one) for one in model_input.values())
        return pd.DataFrame([model_input] if plain else dict(model_input))
    if isinstance(model_input, list) and model_input and all(isinstance(one, Mapping) for one in model_input):
        return pd.DataFrame(model_input)
    return _labelled(names, model_input)


def _labelled(names: list[str | int | None], model_input: Any) -> Any:
    """Take unlabelled rows as having the signature's columns in its order."""
    pd = _pandas()
    rows = model_input.toarray() if hasattr(model_input, "toarray") else model_input
    if not (is_array(rows) or isinstance(rows, list | tuple)):
        raise InvalidInput(
            f"The model takes a table with the columns {_quoted(names)}, not a '{type(rows).__name__}'."
        )
    table = pd.DataFrame(rows)
    if table.shape[1] != len(names):
        raise InvalidInput(
            f"The data has {table.shape[1]} unlabelled columns; the model's signature has {len(names)}: "
            f"{_quoted(names)}. Give a table with these labels."
        )
    return table.set_axis(names, axis=1)


def _frame(columns: Sequence[ColumnSpec], table: Any) -> Any:
    pd = _pandas()
    present = set(table.columns)
    missing = [column.name for column in columns if column.required and column.name not in present]
    if missing:
        raise InvalidInput(
            f"The data lacks {_quoted(missing)}, which the model's signature requires; "
            f"it has {_quoted(table.columns) or 'no columns'}."
        )
    parts = {one.name: _column(one, table[one.name]) for one in columns if one.name in present}
    return pd.DataFrame(parts)


def _column(column: ColumnSpec, values: Any) -> Any:
    found, _ = series_type(values)
    if found == column.type or isinstance(found, AnyType):
        return values
    if column.type is DataType.DATETIME and found is DataType.STRING:
        return _dates(column, values)
    dtype = _DTYPES.get(column.type) if isinstance(column.type, DataType) else None
    # What has no NumPy type (a nullable integer, say) holds nulls that a cast would not survive.
    if dtype is None or not hasattr(values.dtype, "newbyteorder"):
        converted = values if accepts(column.type, found) else None
    else:
        converted = _cast(values, dtype)
    if converted is None:
        raise InvalidInput(
            f"The column '{column.name}' holds values of the type '{type_name(found)}' that do not fit "
            f"'{type_name(column.type)}', the type in the model's signature."
        )
    return converted


def _dates(column: ColumnSpec, values: Any) -> Any:
    pd = _pandas()
    try:
        return pd.to_datetime(values)
    except ValueError as error:
        raise InvalidInput(f"The column '{column.name}' holds text that is no date: {error}.") from error


def _tensor(spec: TensorSpec, model_input: Any) -> Any:
    import numpy as np

    array = model_input if is_array(model_input) and not is_frame(model_input) else np.asarray(model_input)
    label = "data" if spec.name is None else f"tensor '{spec.name}'"
    lengths = zip(spec.shape, array.shape, strict=False)
    if len(spec.shape) != len(array.shape) or any(want not in (-1, have) for want, have in lengths):
        raise InvalidInput(
            f"The {label} has the shape {array.shape}; the model's signature has {spec.shape}, -1 for any length."
        )
    if array.dtype.kind in _BY_LETTER.get(spec.dtype, "") or array.dtype == np.dtype(spec.dtype):
        return array
    converted = _cast(array, spec.dtype)
    if converted is None:
        raise InvalidInput(
            f"The {label} has values of the type {array.dtype} that do not fit {spec.dtype}, "
            "the type in the model's signature."
        )
    return converted


#: Text and bytes have a length in NumPy's type and none in the signature.
_BY_LETTER: Final = {"str": "U", "bytes": "S"}


def _named_tensors(specs: Sequence[TensorSpec], model_input: Any) -> dict[str, Any]:
    names = [str(spec.name) for spec in specs]
    if not isinstance(model_input, Mapping):
        raise InvalidInput(
            f"The model takes a dictionary of the arrays {_quoted(names)}, not a '{type(model_input).__name__}'."
        )
    missing = [name for name in names if name not in model_input]
    if missing:
        raise InvalidInput(
            f"The data lacks the arrays {_quoted(missing)}, which the model's signature requires."
        )
    return {name: _tensor(spec, model_input[name]) for name, spec in zip(names, specs, strict=True)}


def _cast(values: Any, dtype: str) -> Any | None:
    """Convert numbers to `dtype`, or return None where that would change what they say."""
    import numpy as np

    target = np.dtype(dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        match values.dtype.kind, target.kind:
            case (("i" | "u"), ("i" | "u" | "f")):
                converted = values.astype(target)
                # Back in the type it came from: a comparison across types would round both sides.
                same = _stored(converted.astype(values.dtype)) == _stored(values)
                return converted if bool(same.all()) else None
            case "f", "f":
                return values.astype(target)
            case _:
                return None


def _stored(values: Any) -> Any:
    """Return the numbers of a dense array or column, or those that a sparse array stores."""
    return values.tocoo().data if hasattr(values, "tocoo") else values


def _pandas() -> Any:
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise MissingExtra("pandas", extra="pandas", purpose="A model with named columns") from error
    return pd


def _quoted(names: Any) -> str:
    return ", ".join(repr(name) for name in names)
