"""Tables among the artifacts: rows come back, and what does not fit is refused."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.tracking.artifacts.table import frame_in, frame_of, table_path, with_rows

_VALUES = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=4)
_ROWS = st.lists(st.dictionaries(st.sampled_from("abc"), _VALUES, min_size=1), min_size=1, max_size=4)


@given(st.lists(_ROWS, min_size=1, max_size=4))
def test_json_keeps_every_row_as_it_was_given(parts: list[list[dict[str, Any]]]) -> None:
    """Adding part by part is the same as all at once: no value changes, what is missing is empty."""
    content: bytes | None = None
    for rows in parts:
        content = with_rows(content, pd.DataFrame(rows, dtype=object), "t.json")
    assert content is not None
    found = json.loads(content)
    whole = [dict(zip(found["columns"], row, strict=True)) for row in found["data"]]
    expected = [row for rows in parts for row in rows]
    assert [{key: value for key, value in row.items() if value is not None} for row in whole] == [
        {key: value for key, value in row.items() if value is not None} for row in expected
    ]


@pytest.mark.parametrize("path", ["t.json", "t.parquet"])
def test_rows_are_read_by_pandas_alone(path: str) -> None:
    """The formats are ordinary, with the columns in the order they came."""
    frame = pd.DataFrame({"b": [1, 2], "a": ["x", "y"]})
    content = with_rows(with_rows(None, frame, path), frame.assign(c=[0.5, 1.5]), path)
    read = frame_in(content, path)
    assert list(read.columns) == ["b", "a", "c"]
    assert read["b"].tolist() == [1, 2, 1, 2]
    assert read["c"].isna().tolist() == [True, True, False, False]


def test_digits_in_texts_stay_texts() -> None:
    """Adding rows does not read the others into numbers."""
    content = with_rows(None, pd.DataFrame({"id": ["007"]}), "t.json")
    assert b'"007"' in with_rows(content, pd.DataFrame({"id": ["008"]}), "t.json")


def test_a_dict_is_columns_or_one_row() -> None:
    """A dict of plain values is a row."""
    assert frame_of({"a": [1, 2], "b": ["x", "y"]}).shape == (2, 2)
    assert frame_of({"a": 1, "b": "x"}).shape == (1, 2)


def test_the_given_table_is_not_changed() -> None:
    """Columns that are replaced later are replaced in a copy."""
    given_frame = pd.DataFrame({"a": [1]})
    made = frame_of(given_frame)
    made["a"] = [2]
    assert given_frame["a"].tolist() == [1]


@pytest.mark.parametrize("data", [[1], None, "a", pd.DataFrame([[1, 2]], columns=["a", "a"])])
def test_other_data_is_no_table(data: Any) -> None:
    """Lists, texts and columns of the same name are refused."""
    with pytest.raises(InvalidInput):
        frame_of(data)


@pytest.mark.parametrize("path", ["t.csv", "t", "a,b.json", "a'b.json", "../t.json", "", "a:b.parquet"])
def test_other_paths_name_no_table(path: str) -> None:
    """The suffix says the format, and some signs would break the tag that names the table."""
    with pytest.raises(InvalidInput):
        table_path(path)


def test_values_that_do_not_fit_are_refused() -> None:
    """Parquet has one type in each column."""
    content = with_rows(None, pd.DataFrame({"a": [1]}), "t.parquet")
    with pytest.raises(InvalidInput, match="cannot be added to the table"):
        with_rows(content, pd.DataFrame({"a": ["x"]}), "t.parquet")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"columns": ["a"]}', b'{"columns": ["a"], "data": [[1, 2]]}', b"\xff"]
)
def test_a_file_that_is_no_table_is_named(content: bytes) -> None:
    """Nothing is added to it."""
    with pytest.raises(CorruptData, match=r"t\.json"):
        with_rows(content, pd.DataFrame({"a": [1]}), "t.json")
    with pytest.raises(CorruptData, match=r"t\.parquet"):
        frame_in(content, "t.parquet")
