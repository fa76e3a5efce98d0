"""Input examples on disk."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.example import read_example, write_example


def _again(example: Any) -> Any:
    written = write_example(example)
    assert written is not None
    return read_example(written.text.encode(), written.place)


@given(st.lists(st.tuples(st.integers(-(2**53), 2**53), st.text(), st.booleans()), min_size=1))
def test_tables_round_trip(rows: list[tuple[int, str, bool]]) -> None:
    """A table is read back with its labels and values."""
    table = pd.DataFrame(rows, columns=["a", "b", "c"])
    pd.testing.assert_frame_equal(_again(table), table)


def test_arrays_round_trip() -> None:
    """An array is read back with its shape."""
    array = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(_again(array), array)
    np.testing.assert_array_equal(_again(sparse.csr_matrix(array)), array)


@pytest.mark.parametrize("example", [{"a": [1, 2]}, ["x"], 3, "text"])
def test_json_round_trips(example: Any) -> None:
    """What JSON can say is read back the same."""
    assert _again(example) == example


def test_the_form_is_that_of_mlflow() -> None:
    """MLflow reads the file and the place kept in MLmodel."""
    written = write_example(pd.DataFrame({"a": [1.0, None]}))
    assert written is not None
    assert json.loads(written.text) == {"columns": ["a"], "data": [[1.0], [None]]}
    assert written.place == {
        "artifact_path": "input_example.json",
        "serving_input_path": "serving_input_example.json",
        "type": "dataframe",
        "pandas_orient": "split",
    }


def test_bytes_and_dates_become_text() -> None:
    """What JSON has no form for is written as base64 and ISO text."""
    written = write_example([b"\x00", dt.date(2020, 1, 1), np.int64(3)])
    assert written is not None
    assert json.loads(written.text) == ["AA==", "2020-01-01", 3]


def test_no_example_is_none() -> None:
    """Nothing is written for nothing."""
    assert write_example(None) is None


def test_what_json_cannot_hold_is_refused() -> None:
    """An example of objects is refused by their type."""
    with pytest.raises(InvalidInput, match="'object'"):
        write_example([object()])


def test_a_damaged_file_is_named() -> None:
    """An example that is no JSON is corrupt."""
    with pytest.raises(CorruptData, match=r"input_example\.json"):
        read_example(b"{", {"type": "dataframe"})
