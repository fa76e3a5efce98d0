"""The ready-made metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearn

from mlflowflow import metrics
from mlflowflow.evaluation.extra import Material, aggregates, compute

TRUTH, SAID = np.array([1, 0, 1, 1]), np.array([1, 1, 1, 0])


@pytest.mark.parametrize(
    ("made", "name", "greater"),
    [
        (metrics.mae(), "mean_absolute_error", False),
        (metrics.mse(), "mean_squared_error", False),
        (metrics.rmse(), "root_mean_squared_error", False),
        (metrics.mape(), "mean_absolute_percentage_error", False),
        (metrics.max_error(), "max_error", False),
        (metrics.r2_score(), "r2_score", True),
        (metrics.recall_score(), "recall_score", True),
        (metrics.precision_score(), "precision_score", True),
        (metrics.f1_score(), "f1_score", True),
    ],
)
def test_each_is_scikit_learns_under_mlflows_name(made: Any, name: str, greater: bool) -> None:
    """Name, direction and value."""
    found = made(predictions=SAID, targets=TRUTH)
    assert (made.name, made.greater_is_better) == (name, greater)
    assert found.aggregate_results == {name: pytest.approx(getattr(sklearn, name)(TRUTH, SAID))}
    assert made(predictions=SAID, targets=None) is None


def test_arguments_come_from_the_configuration() -> None:
    """Another positive label and weights change the value."""
    config = {"pos_label": 0, "sample_weight": np.array([1.0, 2.0, 1.0, 1.0])}
    material = Material(
        table=pd.DataFrame({"prediction": SAID, "target": TRUTH}),
        features=pd.DataFrame(index=range(4)),
        config=config,
    )
    found = aggregates(compute([metrics.precision_score(), metrics.mae()], material, {}))
    assert found == {"precision_score": 0.0, "mean_absolute_error": pytest.approx(0.6)}
