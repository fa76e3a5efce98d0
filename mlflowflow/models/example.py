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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.inference import is_array, is_frame, is_series

EXAMPLE: Final = "input_example.json"
SERVING: Final = "serving_input_example.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The `text` of the file, the same as a request to a server, and the `place` that MLmodel keeps of it."""

    text: str
    serving: str
    place: Mapping[str, Any]


def split_example(example: Any) -> tuple[Any, Mapping[str, Any] | None]:
    """Take an example apart that is a pair of data and parameters.

    >>> split_example(([1.0], {"beam": 4}))
    ([1.0], {'beam': 4})
    >>> split_example([1.0])
    ([1.0], None)
    """
    match example:
        case (data, Mapping() as params) if isinstance(example, tuple):
            return data, params
        case _:
            return example, None


def write_example(example: Any) -> Example | None:
    """Write `example`, or return None if there is none; a pair is data and parameters.

    Raises `InvalidInput` for what JSON cannot hold.
    """
    if example is None:
        return None
    data, params = split_example(example)
    data = data.model_dump() if hasattr(data, "model_dump") else data
    tree, place = _tree_of(data)
    key = "dataframe_split" if place["type"] == "dataframe" else "inputs"
    if params is None:
        kept = {"inputs": tree} if place["type"] == "ndarray" else tree
        return _example(kept, {key: tree}, place)
    return _example(
        {"inputs": tree, "params": params}, {key: tree, "params": params}, {**place, "params": "true"}
    )


def _tree_of(data: Any) -> tuple[Any, dict[str, str]]:
    table = data.to_frame() if is_series(data) else data
    if is_frame(table):
        labels = [label if isinstance(label, str) else int(label) for label in table.columns]
        rows = [[None if _missing(cell) else cell for cell in row] for row in table.astype(object).to_numpy()]
        return {"columns": labels, "data": rows}, {"type": "dataframe", "pandas_orient": "split"}
    if is_array(data):
        dense = data.toarray() if hasattr(data, "toarray") else data
        return dense.tolist(), {"type": "ndarray", "format": "tf-serving"}
    if isinstance(data, Mapping) and data and all(is_array(value) for value in data.values()):
        parts = {name: value.tolist() for name, value in data.items()}
        return parts, {"type": "ndarray", "format": "tf-serving"}
    return data, {"type": "json_object"}


def convert_input_example_to_serving_input(input_example: Any) -> str | None:
    """Return an example as the text of a request to a server, None for no example.

    Raises `InvalidInput` for what JSON cannot hold.

    >>> convert_input_example_to_serving_input([1, 2]).split()
    ['{', '"inputs":', '[', '1,', '2', ']', '}']
    """
    written = write_example(input_example)
    return None if written is None else written.serving


def read_example(text: bytes, place: Mapping[str, Any]) -> Any:
    """Return the example that `write_example` or MLflow wrote, `place` being what MLmodel says of it."""
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise CorruptData(EXAMPLE, f"it is not JSON ({error})") from error
    return _read_tree(example_data(tree, place), str(place.get("type")))


def example_data(tree: Any, place: Mapping[str, Any]) -> Any:
    """Return what a file holds beside the parameters, if it holds any."""
    return tree["inputs"] if place.get("params") and isinstance(tree, dict) and "inputs" in tree else tree


def example_params(text: bytes, place: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters in an example's file; without any, an empty dictionary."""
    tree = json.loads(text)
    params = tree.get("params") if place.get("params") and isinstance(tree, dict) else None
    return dict(params or {})


def _read_tree(tree: Any, kind: str) -> Any:
    match kind, tree:
        case "dataframe", {"columns": columns, "data": rows}:
            import pandas as pd

            return pd.DataFrame(rows, columns=columns)
        case "dataframe", {"data": rows}:
            import pandas as pd

            return pd.DataFrame(rows)
        case "ndarray", {"inputs": rows}:
            return _read_tree(rows, kind)
        case "ndarray", dict():
            import numpy as np

            return {name: np.asarray(rows) for name, rows in tree.items()}
        case "ndarray", _:
            import numpy as np

            return np.asarray(tree)
        case _:
            return tree


def _example(tree: Any, request: Any, place: Mapping[str, Any]) -> Example:
    return Example(
        text=json.dumps(tree, default=_scalar),
        serving=json.dumps(request, default=_scalar, indent=2),
        place={"artifact_path": EXAMPLE, "serving_input_path": SERVING, **place},
    )


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
