"""Digests are MLflow's: the expected ones were computed by MLflow 3.17 for the same data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlflowflow.data.digest_utils import (
    MAX_ROWS,
    compute_numpy_digest,
    compute_pandas_digest,
    get_normalized_md5_digest,
)
from mlflowflow.errors import InvalidInput


@pytest.mark.parametrize(
    ("table", "digest"),
    [
        (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "695389ac"),
        (pd.DataFrame({0: [1.0, np.nan], 1: [True, False]}), "07ca4f63"),
        (pd.DataFrame({"l": [[1], [2]], "i": np.array([1, 2], dtype="int8")}), "c54026ba"),
        (pd.DataFrame({"x": [1, 2]}, index=["p", "q"]), "ce3b9da9"),
        (pd.DataFrame({"e": pd.array([1, None], dtype="Int64")}), "905f285c"),
    ],
)
def test_tables_have_mlflows_digest(table: pd.DataFrame, digest: str) -> None:
    """The same table has the same digest, whichever library logged it."""
    assert compute_pandas_digest(table) == digest


@pytest.mark.parametrize(
    ("features", "targets", "digest"),
    [
        (np.array([[1.0, 2.0]]), np.array([1]), "58a08207"),
        ({"a": np.zeros((2, 2)), "b": np.ones(2)}, {"t": np.array(["u", "v"])}, "6f8bceb9"),
        (np.array([object(), {}], dtype=object), None, "9d310509"),
        (np.array(["a", "bb"]), None, "929c878a"),
    ],
)
def test_arrays_have_mlflows_digest(features: Any, targets: Any, digest: str) -> None:
    """The same arrays have the same digest, whichever library logged them."""
    assert compute_numpy_digest(features, targets) == digest


def test_a_change_in_the_sample_or_of_the_length_is_seen() -> None:
    """Of long tables the first rows count and the number of all."""
    long = pd.DataFrame({"x": np.arange(MAX_ROWS + 10)})
    changed = long.copy()
    changed.loc[MAX_ROWS - 1, "x"] = -1
    late = long.copy()
    late.loc[MAX_ROWS, "x"] = -1
    seen = [compute_pandas_digest(table) for table in (long, changed, long.head(MAX_ROWS), late)]
    assert len(set(seen)) == 3
    assert seen[0] == seen[3]


def test_shapes_count() -> None:
    """The same numbers in another shape are another dataset."""
    assert compute_numpy_digest(np.zeros((2, 3))) != compute_numpy_digest(np.zeros((3, 2)))


def test_nothing_has_no_digest() -> None:
    """A digest of nothing would be the same for everything."""
    with pytest.raises(InvalidInput, match="something to be the digest of"):
        get_normalized_md5_digest([])
