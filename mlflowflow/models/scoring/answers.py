"""What a model returned for a batch of rows, as named columns of Arrow.

Models answer in many forms: arrays of one or two dimensions, tables, dictionaries of arrays, lists.
A table's names are kept; a nameless column is called as the caller says, and several nameless ones
are numbered from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.models.inference import is_frame, is_series

_TABLE: Final = 2


def as_columns(answer: Any, *, rows: int, prediction: str) -> Any:
    """Return `answer` as a table of `rows` rows. Raises `InvalidInput` if it is not one value a row.

    >>> as_columns([1.5, 2.5], rows=2, prediction="price").to_pydict()
    {'price': [1.5, 2.5]}
    """
    import pyarrow as pa

    named = _named(answer, prediction)
    for name, values in named.items():
        if len(values) != rows:
            raise InvalidInput(
                f"The model returned {len(values)} values of '{name}' for {rows} rows; expected one for each row."
            )
    try:
        arrays = {name: _plain(pa.array(values, from_pandas=True)) for name, values in named.items()}
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise InvalidInput(f"The model's answer cannot be kept in Parquet: {error}.") from error
    return pa.table(arrays)


def _named(answer: Any, prediction: str) -> dict[str, Any]:
    if is_frame(answer):
        nameless = list(answer.columns) == list(range(answer.shape[1]))
        return _split(answer.to_numpy(), prediction) if nameless else _table(answer)
    if is_series(answer):
        return {prediction if answer.name is None else str(answer.name): answer}
    if isinstance(answer, Mapping):
        return {
            label: values for name, one in answer.items() for label, values in _named(one, str(name)).items()
        }
    return _split(_array(answer), prediction)


def _table(answer: Any) -> dict[str, Any]:
    return {str(name): answer.iloc[:, place] for place, name in enumerate(answer.columns)}


def _array(answer: Any) -> Any:
    import numpy as np

    dense = answer.toarray() if hasattr(answer, "toarray") else answer
    if isinstance(dense, list) and any(isinstance(one, str | bytes | None) for one in dense):
        return np.array(dense, dtype=object)
    try:
        return np.asarray(dense)
    except ValueError as error:
        raise InvalidInput(f"The model's answer is not one value for each row: {error}.") from error


def _split(array: Any, prediction: str) -> dict[str, Any]:
    """Number the columns of a two-dimensional array, unless it has one."""
    if array.ndim == 0 or array.ndim > _TABLE:
        raise InvalidInput(
            f"The model's answer has the shape {array.shape}; expected one value or one row of values for each row."
        )
    if array.ndim == 1:
        return {prediction: array}
    if array.shape[1] == 1:
        return {prediction: array[:, 0]}
    return {f"{prediction}_{place}": array[:, place] for place in range(array.shape[1])}


def _plain(array: Any) -> Any:
    """Write categories out: what one batch calls number 3 another may call number 2."""
    import pyarrow as pa

    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
