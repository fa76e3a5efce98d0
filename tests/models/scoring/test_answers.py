"""Answers of models as columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.models.scoring.answers import as_columns


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (np.array([1, 2]), {"p": [1, 2]}),
        (np.array([[1.0], [2.0]]), {"p": [1.0, 2.0]}),
        (np.array([[1, 2], [3, 4]]), {"p_0": [1, 3], "p_1": [2, 4]}),
        ([True, False], {"p": [True, False]}),
        (["a", None], {"p": ["a", None]}),
        (pd.Series([1, 2], name="price"), {"price": [1, 2]}),
        (pd.Series([1, 2]), {"p": [1, 2]}),
        (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), {"a": [1, 2], "b": ["x", "y"]}),
        (pd.DataFrame(np.array([[1], [2]])), {"p": [1, 2]}),
        (
            {"a": np.array([1, 2]), "b": np.array([[1, 2], [3, 4]])},
            {"a": [1, 2], "b_0": [1, 3], "b_1": [2, 4]},
        ),
        (pd.Series(["x", "y"], dtype="category"), {"p": ["x", "y"]}),
    ],
)
def test_every_form_becomes_named_columns(answer: Any, expected: dict[str, list[Any]]) -> None:
    """Names are kept where there are some, and categories are written out."""
    assert as_columns(answer, rows=2, prediction="p").to_pydict() == expected


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (np.array([1, 2, 3]), "returned 3 values of 'p' for 2 rows"),
        (np.array(1.0), r"the shape \(\)"),
        (np.zeros((2, 2, 2)), r"the shape \(2, 2, 2\)"),
        ([[1], [1, 2]], "not one value for each row"),
        ([object(), object()], "cannot be kept"),
    ],
)
def test_what_is_not_one_value_a_row_is_refused(answer: Any, said: str) -> None:
    """A model that loses rows is not believed."""
    with pytest.raises(InvalidInput, match=said):
        as_columns(answer, rows=2, prediction="p")
