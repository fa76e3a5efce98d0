"""Input examples: a little data beside the model that shows what `predict` takes.

Written as MLflow writes them: a table as ``{"columns": …, "data": …}``, an array under
``inputs``, anything else as its own JSON. Bytes and dates, for which JSON has no form, become
base64 and ISO text; nulls stay null.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.inference import is_array, is_frame, is_series

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLE: Final = "input_example.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The `text` of the file, and the `place` that MLmodel keeps of it."""

    text: str
    place: Mapping[str, Any]


def write_example(example: Any) -> Example | None:
    """Write `example`, or return None if there is none. Raises `InvalidInput` for what JSON cannot hold."""
    if example is None:
        return None
    table = example.to_frame() if is_series(example) else example
    if is_frame(table):
        labels = [label if isinstance(label, str) else int(label) for label in table.columns]
        rows = [[None if _missing(cell) else cell for cell in row] for row in table.astype(object).to_numpy()]
        return _example({"columns": labels, "data": rows}, type="dataframe", pandas_orient="split")
    if is_array(example):
        dense = example.toarray() if hasattr(example, "toarray") else example
        return _example({"inputs": dense.tolist()}, type="ndarray", format="tf-serving")
    return _example(example, type="json_object")


def read_example(text: bytes, place: Mapping[str, Any]) -> Any:
    """Return the example that `write_example` or MLflow wrote, `place` being what MLmodel says of it."""
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise CorruptData(EXAMPLE, f"it is not JSON ({error})") from error
    match place.get("type"), tree:
        case "dataframe", {"columns": columns, "data": rows}:
            import pandas as pd

            return pd.DataFrame(rows, columns=columns)
        case "ndarray", {"inputs": rows}:
            import numpy as np

            return np.asarray(rows)
        case _:
            return tree


def _example(tree: Any, **place: str) -> Example:
    return Example(text=json.dumps(tree, default=_scalar), place={"artifact_path": EXAMPLE, **place})


def _missing(cell: Any) -> bool:
    """Answer whether a cell is null: None, NaN or one of pandas' two."""
    import pandas as pd

    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell))


def _scalar(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise InvalidInput(f"An input example must be writable as JSON; a '{type(value).__name__}' is not.")
