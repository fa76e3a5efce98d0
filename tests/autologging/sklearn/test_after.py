"""What is asked of a model after its training."""

from __future__ import annotations

import gc
import json

import numpy as np
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

from mlflowflow import sklearn
from mlflowflow.autologging.sklearn.after import CALLS
from mlflowflow.tracking.fluent.active import start_run
from mlflowflow.tracking.fluent.api import current_tracker, get_run

X = np.arange(20.0).reshape(10, 2)
Y = np.array([0, 1] * 5)


def after_training(run_id: str) -> dict[str, float]:
    """Return the metrics that are not of the training."""
    found = get_run(run_id).data.metrics
    return {key: value for key, value in found.items() if not key.startswith("training_")}


def test_metrics_are_named_by_the_data() -> None:
    """A second call and other data of the same name are counted; the calls are kept as code."""
    sklearn.autolog(log_models=False)
    with start_run() as run:
        model = LogisticRegression().fit(X, Y)
        held_out = X[:4]
        predicted = model.predict(held_out)
        metrics.accuracy_score(Y[:4], predicted)
        metrics.accuracy_score(Y[:4], predicted, normalize=False)
        held_out = X[4:8]
        predicted = model.predict(held_out)
        metrics.zero_one_loss(Y[4:8], predicted)
        model.score(held_out, y=Y[4:8])
    assert set(after_training(run.run_id)) == {
        "accuracy_score_held_out",
        "accuracy_score-2_held_out",
        "zero_one_loss_held_out-2",
        "LogisticRegression_score_held_out-2",
    }
    calls = json.loads(run.tracker.artifacts(run.run_id).read(CALLS))
    assert calls["accuracy_score-2_held_out"] == (
        "accuracy_score(y_true=<ndarray>, y_pred=predicted, normalize=False)"
    )


def test_only_the_prediction_itself_is_known() -> None:
    """A copy of it, the labels alone and what a model that nobody saw trained answers are not logged."""
    unseen = LogisticRegression().fit(X, Y)
    sklearn.autolog(log_models=False)
    with start_run() as run:
        model = LogisticRegression().fit(X, Y)
        predicted = model.predict(X)
        metrics.accuracy_score(Y, predicted.copy())
        metrics.accuracy_score(Y, Y)
        metrics.accuracy_score(Y, unseen.predict(X))
        metrics.confusion_matrix(Y, predicted)
        unseen.score(X, Y)
    assert after_training(run.run_id) == {}


def test_a_prediction_that_is_gone_is_forgotten() -> None:
    """Its identity may be that of something else by now."""
    sklearn.autolog(log_models=False)
    with start_run() as run:
        model = LogisticRegression().fit(X, Y)
        for _ in range(50):
            model.predict(X)
            gc.collect()
            metrics.accuracy_score(Y, np.array(Y))
    assert after_training(run.run_id) == {}


def test_the_run_may_have_ended() -> None:
    """An evaluation after the training belongs to its run, and so does its data."""
    sklearn.autolog(log_models=False)
    model = LogisticRegression().fit(X, Y)
    other = X[:6].copy()
    metrics.accuracy_score(Y[:6], model.predict(other))
    (run,) = current_tracker().search_runs(["0"])
    assert "accuracy_score_other" in run.data.metrics
    assert sorted(one.tags[0].value for one in run.inputs.dataset_inputs) == ["eval", "train"]


def test_it_can_be_declined() -> None:
    """The functions are the library's own then."""
    sklearn.autolog(log_models=False, log_post_training_metrics=False)
    with start_run() as run:
        model = LogisticRegression().fit(X, Y)
        metrics.accuracy_score(Y, model.predict(X))
    assert after_training(run.run_id) == {}
