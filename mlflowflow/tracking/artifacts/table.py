"""Tables among the artifacts: rows to the content of a file and back, in MLflow's two formats.

``.json`` is pandas's "split" form (columns, data), ``.parquet`` is Parquet. Rows are added to JSON as
they stand in it, without reading them into pandas and writing them again: that would turn texts such as
"007" into numbers.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final, cast

from mlflowflow.errors import CorruptData, InvalidInput, MissingExtra
from mlflowflow.tracking.artifacts.path import file_path

if TYPE_CHECKING:
    import pandas as pd

_FORBIDDEN: Final = frozenset("\"',:[]{}")
_SUFFIXES: Final = (".json", ".parquet")


def table_path(path: str) -> str:
    """Return the cleaned path of a table. Raises `InvalidInput` for one that cannot name a table.

    >>> table_path("./scores.json")
    'scores.json'
    """
    cleaned = file_path(path)
    found = sorted(_FORBIDDEN & set(cleaned))
    if found:
        raise InvalidInput(
            f"'{path}' cannot be the path of a table: it has {' '.join(found)}; use another name."
        )
    if not cleaned.endswith(_SUFFIXES):
        raise InvalidInput(f"'{path}' cannot be the path of a table; end it in '.json' or '.parquet'.")
    return cleaned


def frame_of(data: Any) -> pd.DataFrame:
    """Return rows as a pandas table of their own: columns of equal length, or one row of plain values.

    Raises `InvalidInput` for other data and for columns of the same name, `MissingExtra` without pandas.
    """
    pandas = _pandas()
    if isinstance(data, pandas.DataFrame):
        frame: pd.DataFrame = data.copy(deep=False)
    elif isinstance(data, dict):
        frame = _frame_of_dict(data)
    else:
        raise InvalidInput(
            f"A table cannot be made of a {type(data).__name__}; give a dict or a pandas DataFrame."
        )
    if not frame.columns.is_unique:
        raise InvalidInput("The table has columns of the same name; rename them.")
    return frame


def with_rows(content: bytes | None, frame: pd.DataFrame, path: str) -> bytes:
    """Return the file `content`, None if there is none yet, with the rows of `frame` at its end.

    Columns that only one of them has are empty in the rows of the other. Raises `InvalidInput` for
    values the format cannot hold, `CorruptData` for content that is no table.
    """
    if path.endswith(".json"):
        return _json_with_rows(content, _split(frame, path), path)
    pandas = _pandas()
    whole = frame if content is None else pandas.concat([frame_in(content, path), frame], ignore_index=True)
    buffer = io.BytesIO()
    try:
        whole.to_parquet(buffer, index=False)
    except Exception as error:  # pyarrow and pandas raise many things for mixed or foreign values
        raise InvalidInput(f"The rows cannot be added to the table '{path}': {error}.") from error
    return buffer.getvalue()


def frame_in(content: bytes, path: str) -> pd.DataFrame:
    """Return the rows of a file as a pandas table. Raises `CorruptData` if it is none."""
    pandas = _pandas()
    try:
        if path.endswith(".json"):
            return cast("pd.DataFrame", pandas.read_json(io.BytesIO(content), orient="split"))
        return cast("pd.DataFrame", pandas.read_parquet(io.BytesIO(content)))
    except Exception as error:  # whatever its readers raise, the content is no table
        raise CorruptData(path, f"it is no table ({error})") from error


def _frame_of_dict(data: dict[str, Any]) -> pd.DataFrame:
    pandas = _pandas()
    try:
        return cast("pd.DataFrame", pandas.DataFrame(data))
    except ValueError:  # a row of plain values, or columns of unequal length: pandas tells by the next call
        return cast("pd.DataFrame", pandas.DataFrame([data]))


def _split(frame: pd.DataFrame, path: str) -> dict[str, Any]:
    try:
        text = frame.to_json(orient="split", index=False, date_format="iso")
    except Exception as error:  # pandas raises many things for what JSON cannot say
        raise InvalidInput(f"The rows cannot be added to the table '{path}': {error}.") from error
    return cast("dict[str, Any]", json.loads(text or "{}"))


def _json_with_rows(content: bytes | None, new: dict[str, Any], path: str) -> bytes:
    if content is None:
        return _dumped(new)
    old = _split_in(content, path)
    columns = [*old["columns"], *(name for name in new["columns"] if name not in old["columns"])]
    missing = [None] * (len(columns) - len(old["columns"]))
    places = [new["columns"].index(name) if name in new["columns"] else None for name in columns]
    rows = [[*row, *missing] for row in old["data"]]
    rows += [[None if place is None else row[place] for place in places] for row in new["data"]]
    return _dumped({"columns": columns, "data": rows})


def _split_in(content: bytes, path: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
        columns, data = found["columns"], found["data"]
        if all(len(row) == len(columns) for row in data):
            return {"columns": columns, "data": data}
    except (ValueError, TypeError, KeyError) as error:
        raise CorruptData(path, "it is no table in pandas's 'split' form") from error
    raise CorruptData(path, "it has rows of another length than its columns")


def _dumped(split: dict[str, Any]) -> bytes:
    return json.dumps(split, separators=(",", ":")).encode()


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtra("pandas", extra="pandas", purpose="A table among the artifacts") from error
    return pd
