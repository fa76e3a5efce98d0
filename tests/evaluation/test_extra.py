"""Users' metrics are given what they ask for."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.evaluation.extra import Material, aggregates, compute
from mlflowflow.evaluation.metric import MetricValue, make_metric

TABLE = pd.DataFrame({"prediction": [1, 0], "target": [1, 1]})
MATERIAL = Material(
    table=TABLE,
    features=pd.DataFrame({"age": [20, 30]}),
    outputs=pd.DataFrame({"sure": [0.5, 0.75]}),
    config={"limit": 3, "col_mapping": {"years": "age", "whole": [9, 9]}},
    targets_name="y",
    predictions_name="p",
)
KNOWN = {"max_error": MetricValue(aggregate_results={"max_error": 1.0})}


def _metric(function: Any, name: str = "found", **more: Any) -> Any:
    return make_metric(eval_fn=function, greater_is_better=True, name=name, **more)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda predictions, targets: (predictions == targets).mean(), 0.5),
        (lambda p, y: p["target"].sum() + y["max_error"], 3.0),  # two other names: table and numbers
        (lambda y: y.sum(), 2),
        (lambda p: p.sum(), 1),
        (lambda age: age.sum(), 50),
        (lambda years: years.sum(), 50),
        (lambda whole: whole[0] + whole[1], 18),
        (lambda sure: sure.sum(), 1.25),
        (lambda limit: limit, 3),
        (lambda metrics: metrics["max_error"].aggregate_results["max_error"], 1.0),
        (lambda max_error: max_error.aggregate_results["max_error"], 1.0),
        (lambda nothing=7: nothing, 7),
        (lambda **rest: len(rest), 0),
    ],
)
def test_a_parameter_names_what_it_gets(function: Any, expected: float) -> None:
    """Predictions, targets, metrics, columns, outputs, settings, other metrics, and defaults."""
    found = compute([_metric(function)], MATERIAL, KNOWN)
    assert aggregates(found)["found"] == expected


def test_metrics_that_need_one_another_are_put_in_order() -> None:
    """Whatever order they are given in, also if what is needed has a default."""

    def after_second(second: Any = None) -> float:
        return float(second.aggregate_results["second"]) + 1

    third = _metric(after_second, "third")
    second = _metric(lambda first: first.aggregate_results["first"] + 1, "second")
    first = _metric(lambda predictions: float(len(predictions)), "first")
    assert aggregates(compute([third, second, first], MATERIAL, {}))["third"] == 4.0


def test_what_is_missing_is_named_with_what_there_is() -> None:
    """A circle cannot be ordered, and a column that is not there cannot be given."""
    circle = [_metric(lambda b: b, "a"), _metric(lambda a: a, "b")]
    with pytest.raises(InvalidInput, match=r"'a' needs b; 'b' needs a"):
        compute(circle, MATERIAL, {})
    with pytest.raises(InvalidInput, match=r"'found' needs weight.*age.*sure"):
        compute([_metric(lambda weight: weight)], MATERIAL, {})


def test_a_function_that_fails_is_named() -> None:
    """The user's own error stands behind ours; ours go through as they are."""
    with pytest.raises(InvalidInput, match="'found' failed: ZeroDivisionError"):
        compute([_metric(lambda predictions: len(predictions) / 0)], MATERIAL, {})

    def ours(predictions: Any) -> float:
        raise NotFound("table", str(len(predictions)))

    with pytest.raises(NotFound):
        compute([_metric(ours)], MATERIAL, {})


def test_how_a_function_takes_its_arguments_does_not_matter() -> None:
    """By place only, by name only, or as it likes."""

    def by_place(predictions: Any, targets: Any, limit: Any, /) -> float:
        return float(len(predictions) + len(targets) + limit)

    def by_name(*, predictions: Any, targets: Any, limit: Any) -> float:
        return float(len(predictions) + len(targets) + limit)

    for function in (by_place, by_name):
        assert aggregates(compute([_metric(function)], MATERIAL, {}))["found"] == 7.0


def test_a_function_may_write_into_what_it_gets() -> None:
    """The next one gets the data as it was."""

    def writes(predictions: Any) -> float:
        predictions.iloc[:] = 9
        return 0.0

    after = _metric(lambda predictions: float(predictions.sum()), "after")
    assert aggregates(compute([_metric(writes), after], MATERIAL, {}))["after"] == 1.0


@pytest.mark.parametrize(
    ("returned", "word"),
    [
        (None, "nothing"),
        ("x", "a str"),
        (MetricValue(scores=np.array([1.0])), "scores"),  # type: ignore[arg-type]
        (MetricValue(scores=[object()]), "scores"),
        (MetricValue(justifications=[1]), "justifications"),  # type: ignore[list-item]
        (MetricValue(aggregate_results={"x": "y"}), "aggregate_results"),  # type: ignore[dict-item]
    ],
)
def test_what_is_no_metric_is_left_out(returned: Any, word: str, caplog: pytest.LogCaptureFixture) -> None:
    """As with MLflow, a warning says so and the evaluation goes on."""
    with caplog.at_level(logging.WARNING):
        found = compute([_metric(lambda predictions: returned)], MATERIAL, KNOWN)  # noqa: ARG005
    assert set(found) == {"max_error"}
    assert word in caplog.text


def test_numbers_are_named_as_mlflow_names_them() -> None:
    """A version belongs to the name, other numbers come behind it, and None is none."""
    value = MetricValue(aggregate_results={"wer": 0.5, "p90": 0.9, "none": None})  # type: ignore[dict-item]
    assert aggregates({"wer/v1": value}) == {"wer/v1": 0.5, "wer/v1/p90": 0.9}
