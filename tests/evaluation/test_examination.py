"""Everything an evaluation computes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlflowflow.data.evaluation_dataset import EvaluationDataset
from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.examination import examine
from mlflowflow.evaluation.extra import aggregates
from mlflowflow.evaluation.metric import make_metric
from mlflowflow.evaluation.settings import read_settings
from mlflowflow.evaluation.subject import Subject, find_subject
from tests.evaluation.sessions import TABLE, two_labels

if TYPE_CHECKING:
    from mlflowflow.evaluation.examination import Findings


def _sure(**changes: Any) -> Subject:
    model = two_labels()
    known: dict[str, Any] = {
        "predict": lambda data: model.predict(data.frame()),
        "probabilities": lambda data: model.predict_proba(data.frame()),
    }
    return Subject(**{**known, **changes})


def _classified(subject: Subject, **config: Any) -> Findings:
    data = EvaluationDataset(TABLE, targets="label", feature_names=["a", "b"])
    return examine(subject, data, read_settings("classifier", evaluator_config=config))


def _regressed(**config: Any) -> Findings:
    data = EvaluationDataset(TABLE, targets="size", feature_names=["a", "b"])
    subject = find_subject(lambda rows: rows["a"] + 1.5 * rows["b"])
    return examine(subject, data, read_settings("regressor", evaluator_config=config))


def _inside(found: Findings) -> dict[str, bool]:
    metrics = aggregates(found.values)
    return {name: one.low <= metrics[name] <= one.high for name, one in found.intervals.items()}


@pytest.mark.parametrize("weighted", [False, True])
def test_the_intervals_of_a_classifier_hold_its_metrics(weighted: bool) -> None:
    """Of two labels all main metrics have one; with weights those that are means."""
    config = {"sample_weights": np.arange(60) + 1.0} if weighted else {}
    inside = _inside(_classified(_sure(), **config))
    names = {"accuracy_score", "log_loss"}
    assert (
        set(inside) == names
        if weighted
        else names | {"precision_score", "recall_score", "f1_score", "roc_auc"}
    )
    assert all(inside.values())


def test_the_intervals_of_many_labels_are_drawn() -> None:
    """Averages other than macro and weighted have none."""
    labels = np.arange(60) % 3
    data = EvaluationDataset(TABLE[["a"]].assign(y=labels), targets="y")
    subject = find_subject(lambda rows: np.where(rows["a"] > 0, labels, 0))
    for average, count in (("weighted", 4), ("macro", 4), ("micro", 1)):
        settings = read_settings("classifier", evaluator_config={"average": average})
        inside = _inside(examine(subject, data, settings))
        assert (len(inside), all(inside.values())) == (count, True)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_intervals_of_a_regressor_hold_its_metrics(weighted: bool) -> None:
    """Four metrics have one, with weights too."""
    inside = _inside(_regressed(**({"sample_weights": np.arange(60) + 1.0} if weighted else {})))
    assert set(inside) == {"mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "r2_score"}
    assert all(inside.values())


def test_a_level_can_be_chosen() -> None:
    """And a wrong one is refused."""
    wide, narrow = (_regressed(confidence_level=one).intervals["r2_score"] for one in (0.99, 0.5))
    assert wide.low < narrow.low
    with pytest.raises(InvalidInput, match="confidence_level"):
        _regressed(confidence_level=95)


def test_columns_of_rows_go_with_the_kind_of_model() -> None:
    """Whether a row is right and what it costs, or how far off it is; weights are kept."""
    assert set(_classified(_sure()).columns or {}) == {"right", "probability", "loss"}
    assert set(_regressed(sample_weights=np.ones(60)).columns or {}) == {"error", "loss", "weight"}


def test_a_score_that_fails_is_told_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """All other metrics can be computed without it."""

    def fails(data: Any, weights: Any) -> float:
        raise TypeError(f"no score of {len(data)} rows with {weights}")

    with caplog.at_level(logging.WARNING):
        found = aggregates(_classified(_sure(score=fails)).values)
    assert ("score" in found, "accuracy_score" in found) == (False, True)
    assert "TypeError" in caplog.text


@pytest.mark.parametrize(
    ("returned", "output"),
    [
        (lambda rows: rows["a"].tolist(), None),
        (lambda rows: rows[["a"]], None),
        (lambda rows: rows["a"].to_numpy().reshape(-1, 1), None),
        (lambda rows: rows[["a", "b"]], "a"),
        (lambda rows: {"a": rows["a"].tolist(), "b": rows["b"].tolist()}, "a"),
        (lambda rows: [{"a": one, "b": 0} for one in rows["a"]], "a"),
        (lambda rows: rows["a"].set_axis(range(100, 160)), None),
    ],
)
def test_a_model_may_return_its_predictions_in_any_form(returned: Any, output: str | None) -> None:
    """Lists, tables, columns of tables, records; rows belong together by place, not by index."""
    data = EvaluationDataset(TABLE[["a", "b", "size"]], targets="size")
    found = examine(find_subject(returned), data, read_settings("regressor"), output=output)
    assert found.said.tolist() == TABLE["a"].tolist()


@pytest.mark.parametrize(
    ("returned", "word"),
    [
        (lambda rows: rows["a"].head(3), r"shape \(3,\)"),
        (lambda rows: rows[["a", "b"]].to_numpy(), r"shape \(60, 2\)"),
        (lambda rows: rows[["a", "b"]], "several outputs: a, b"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(returned: Any, word: str) -> None:
    """One for each row, and it must be clear which."""
    data = EvaluationDataset(TABLE[["a", "b", "size"]], targets="size")
    with pytest.raises(InvalidInput, match=word):
        examine(find_subject(returned), data, read_settings("regressor"))


def test_without_a_model_the_data_must_have_predictions() -> None:
    """Otherwise there is nothing to evaluate."""
    data = EvaluationDataset(TABLE[["a", "size"]], targets="size")
    with pytest.raises(InvalidInput, match="neither a model nor predictions"):
        examine(Subject(), data, read_settings("regressor"))


def test_weights_are_one_for_each_row() -> None:
    """Another number of them is a mistake."""
    with pytest.raises(InvalidInput, match="60 rows, and the sample_weights"):
        _regressed(sample_weights=[1.0, 2.0])


def test_columns_and_predictions_belong_together_by_place() -> None:
    """A metric may put them together, whatever index the table came with."""
    metric = make_metric(
        eval_fn=lambda predictions, a: float((predictions - a).abs().max()),
        greater_is_better=False,
        name="far",
    )
    data = EvaluationDataset(pd.DataFrame({"a": [1.0, 2.0]}, index=[7, 9]))
    found = examine(find_subject(lambda rows: rows["a"]), data, read_settings(None, extra_metrics=[metric]))
    assert aggregates(found.values) == {"far": 0.0}


def test_extra_metrics_see_the_other_outputs() -> None:
    """What a model returns beside its predictions is a column like any other."""
    metric = make_metric(eval_fn=lambda b: float(b.sum()), greater_is_better=True, name="sum")
    data = EvaluationDataset(pd.DataFrame({"a": [1.0, 2.0]}))
    settings = read_settings(None, extra_metrics=[metric])
    found = examine(find_subject(lambda rows: rows.assign(b=rows["a"] * 2)), data, settings, output="a")
    assert aggregates(found.values) == {"sum": 6.0}
