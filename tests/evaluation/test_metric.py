"""Users' metrics, before anything is computed."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.metric import EvaluationMetric, MetricValue, is_number, make_metric


def _half(predictions: Any) -> float:
    return float(len(predictions)) / 2


def test_a_metric_has_its_functions_name() -> None:
    """A name of its own, or a version, changes what it is kept under."""
    metric = make_metric(eval_fn=_half, greater_is_better=True)
    versioned = make_metric(eval_fn=_half, greater_is_better=True, name="half", version="v1")
    assert (metric.name, metric.key, metric.long_name) == ("_half", "_half", "_half")
    assert versioned.key == "half/v1"
    assert metric(predictions=[1, 2]) == 1.0


@pytest.mark.parametrize(
    ("function", "name"), [(lambda: 1, None), (np.vectorize(_half), "a/b"), (lambda: 1, "")]
)
def test_a_metric_needs_a_plain_name(function: Any, name: str | None) -> None:
    """A lambda has none, and a slash would look like a version."""
    with pytest.raises(InvalidInput):
        make_metric(eval_fn=function, greater_is_better=True, name=name)


@pytest.mark.parametrize("name", ["not a name", "class", "metrics"])
def test_a_name_that_no_parameter_can_have_is_told(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Such a metric works, but no other one can ask for it."""
    with caplog.at_level(logging.WARNING):
        make_metric(eval_fn=_half, greater_is_better=True, name=name)
    assert name in caplog.text


def test_scores_are_summed_up_only_if_they_are_numbers() -> None:
    """Numbers that were given stay, and texts have no mean."""
    assert MetricValue(scores=[1.0, 3.0]).aggregate_results == {"mean": 2.0, "variance": 1.0, "p90": 2.8}
    assert MetricValue(scores=["a"]).aggregate_results is None
    assert MetricValue(scores=[]).aggregate_results is None
    assert MetricValue(scores=[1.0], aggregate_results={"x": 2.0}).aggregate_results == {"x": 2.0}


def test_a_metric_says_what_is_known_of_it() -> None:
    """In MLflow's form, without what was not given."""
    text = str(EvaluationMetric(_half, "half", greater_is_better=False, version="v1"))
    assert text == "EvaluationMetric(name=half, greater_is_better=False, long_name=half, version=v1)"


def test_numbers_are_pythons_or_numpys() -> None:
    """A text is none, also one that looks like one."""
    assert [is_number(one) for one in (1, 1.5, np.float32(1), np.int8(1), "1", None)] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
