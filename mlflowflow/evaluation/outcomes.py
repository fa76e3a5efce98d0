"""What came of each row, as the Parquet file that gates read as evidence, with a few columns more.

The file has gates' three columns (see :mod:`mlflowflow.gates.outcomes`): ``row_id``, ``label``,
``prediction``. Of a classifier it says also whether the row was ``right``, and, if there are
probabilities, the ``probability`` of the true label and its ``loss``, the negative logarithm; of a
regressor the ``error`` (prediction less label) and its ``loss``, the square. The mean of the loss is the
metric ``log_loss`` or ``mean_squared_error``. Weights and users' scores are kept too.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.gates.outcomes import OUTCOMES_ARTIFACT, Outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "OUTCOMES_ARTIFACT",
    "RowIds",
    "classifier_columns",
    "read_row_ids",
    "regressor_columns",
    "to_parquet",
]

#: The least probability that a loss is taken of, as scikit-learn has it for 64 bits.
_LEAST: Final = 2.220446049250313e-16


@dataclass(frozen=True, slots=True, kw_only=True)
class RowIds:
    """The ids of the rows, and the column of the data they come from, which is no feature."""

    ids: tuple[Any, ...]
    column: str | None = None


def read_row_ids(wanted: Any, table: Any, rows: int) -> RowIds:
    """Return the ids that were `wanted`: a column's name, or one id for each row.

    By default they are the index of a pandas `table` if that tells rows apart, else 0, 1, 2 and so on.
    Raises `InvalidInput` for ids that do not tell the rows apart, and for another number of them.

    >>> read_row_ids(["a", "b"], None, 2).ids
    ('a', 'b')
    """
    column = wanted if isinstance(wanted, str) else None
    if column is not None:
        if table is None or column not in table.columns:
            raise InvalidInput(f"The data has no column {column!r} to take the row ids from.")
        found = table[column].tolist()
    elif wanted is not None:
        found = _plain(wanted)
    elif table is not None and table.index.is_unique and table.index.nlevels == 1 and not table.index.hasnans:
        found = table.index.tolist()
    else:
        found = list(range(rows))
    if len(found) != rows:
        raise InvalidInput(f"There are {rows} rows and {len(found)} row ids.")
    ids = tuple(_cells(found))
    if len(set(ids)) < rows:
        twice = next(one for one in ids if ids.count(one) > 1)
        raise InvalidInput(f"The row id {twice!r} stands for two rows; give ids that tell the rows apart.")
    return RowIds(ids=ids, column=column)


def classifier_columns(truth: Any, said: Any, labels: Sequence[Any], probabilities: Any) -> dict[str, Any]:
    """Return whether each row was right and, with `probabilities` (columns as `labels`), what it cost."""
    import numpy as np

    columns: dict[str, Any] = {"right": np.asarray(truth) == np.asarray(said)}
    if probabilities is None:
        return columns
    order = {label: place for place, label in enumerate(labels)}
    whole = np.asarray(probabilities, dtype=float)
    known = np.array([order.get(label, -1) for label in np.asarray(truth).tolist()])
    chance = np.where(known >= 0, whole[np.arange(len(known)), known], 0.0)
    clipped = np.clip(chance, _LEAST, 1 - _LEAST)
    return {**columns, "probability": chance, "loss": -np.log(clipped)}


def regressor_columns(truth: Any, said: Any) -> dict[str, Any]:
    """Return how far off each row is, and the square of it."""
    import numpy as np

    error = np.asarray(said, dtype=float) - np.asarray(truth, dtype=float)
    return {"error": error, "loss": error**2}


def to_parquet(row_ids: RowIds, truth: Any, said: Any, more: Mapping[str, Any]) -> bytes:
    """Write the file, rows sorted by id. Raises `InvalidInput` for what no gate could read.

    Labels and predictions of different kinds are both written as text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    labels, predictions = _cells(_plain(truth)), _cells(_plain(said))
    if {type(one) is str for one in labels} != {type(one) is str for one in predictions}:
        labels, predictions = [str(one) for one in labels], [str(one) for one in predictions]
    Outcomes(row_ids=row_ids.ids, labels=tuple(labels), predictions=tuple(predictions))
    columns = {"row_id": list(row_ids.ids), "label": labels, "prediction": predictions}
    table = pa.table({**columns, **{name: pa.array(_plain(column)) for name, column in more.items()}})
    file = io.BytesIO()
    pq.write_table(table.sort_by("row_id"), file, compression="zstd", store_schema=False)
    return file.getvalue()


def _plain(column: Any) -> list[Any]:
    return list(column.tolist() if hasattr(column, "tolist") else column)


def _cells(column: Sequence[Any]) -> list[Any]:
    """Leave a column of numbers or of texts as it is; write anything else as text."""
    if all(isinstance(one, int | float) for one in column) or all(isinstance(one, str) for one in column):
        return list(column)
    return [str(one) for one in column]
