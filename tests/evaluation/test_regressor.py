"""Metrics of regressors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.regressor import metrics_of


def test_the_metrics_are_mlflows() -> None:
    """Computed by hand for four rows."""
    found = metrics_of(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 6.0]))
    assert found == pytest.approx(
        {
            "example_count": 4,
            "mean_absolute_error": 0.5,
            "mean_squared_error": 1.0,
            "root_mean_squared_error": 1.0,
            "sum_on_target": 10.0,
            "mean_on_target": 2.5,
            "r2_score": 0.2,
            "max_error": 2.0,
            "mean_absolute_percentage_error": 0.125,
        }
    )


def test_weights_count() -> None:
    """A row of weight zero is no row, except for the greatest error."""
    found = metrics_of(np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 8.0]), np.array([1.0, 1.0, 0.0]))
    assert (found["mean_absolute_error"], found["sum_on_target"], found["max_error"]) == (0.5, 3.0, 4.0)


def test_one_row_has_no_variance() -> None:
    """The share of it that is explained is left out."""
    assert "r2_score" not in metrics_of(np.array([1.0]), np.array([2.0]))


@pytest.mark.parametrize(
    ("truth", "said", "word"),
    [
        (["a"], [1.0], "labels of a regressor"),
        ([1.0], ["a"], "predictions of a regressor"),
        ([], [], "no rows"),
    ],
)
def test_what_is_no_number_is_refused(truth: list[Any], said: list[Any], word: str) -> None:
    """The sentence says which of the two it is."""
    with pytest.raises(InvalidInput, match=word):
        metrics_of(np.array(truth), np.array(said))
