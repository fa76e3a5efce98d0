"""What is logged of one call of ``fit``."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mlflowflow
from mlflowflow import sklearn
from mlflowflow.autologging.sklearn.fitting import PAGE
from mlflowflow.tracking.fluent.api import search_runs

if TYPE_CHECKING:
    from mlflowflow.tracking.run import Run

TABLE = pd.DataFrame({"a": np.arange(8.0), "b": [1.0, 0.0] * 4})
LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def all_runs() -> list[Run]:
    """Return every run of the store."""
    return search_runs(output_format="list")


def files(run: Run) -> set[str]:
    """Return the files of a run at its root."""
    return {each.path for each in mlflowflow.current_tracker().artifacts(run.info.run_id).list()}


def test_a_classifier() -> None:
    """Params, class, scores, pictures, page, data and model are in one run."""
    sklearn.autolog(log_input_examples=True)
    model = LogisticRegression(C=0.5).fit(TABLE, LABELS)
    (run,) = all_runs()
    assert run.data.params["C"] == "0.5"
    assert run.data.tags["estimator_class"] == "sklearn.linear_model._logistic.LogisticRegression"
    assert run.data.metrics["training_accuracy_score"] == model.score(TABLE, LABELS)
    names = ("confusion_matrix", "roc_curve", "precision_recall_curve")
    assert files(run) >= {PAGE, *(f"training_{name}.png" for name in names)}
    (used,) = run.inputs.dataset_inputs
    assert (used.tags[0].value, used.dataset.source_type) == ("train", "code")
    (made,) = run.outputs.model_outputs
    loaded = sklearn.load_model(f"models:/{made.model_id}")
    np.testing.assert_array_equal(loaded.predict(TABLE), model.predict(TABLE))
    info = mlflowflow.models.get_model_info(f"models:/{made.model_id}")
    assert info.signature is not None
    assert info.signature.inputs is not None


def test_a_pipeline_is_one_training() -> None:
    """Its steps are params of it; a scaler by itself is none."""
    sklearn.autolog(log_models=False)
    make_pipeline(StandardScaler(), LogisticRegression(C=3)).fit(TABLE, LABELS)
    StandardScaler().fit(TABLE)
    (run,) = all_runs()
    assert run.data.params["logisticregression__C"] == "3"
    assert run.outputs.model_outputs == ()


@pytest.mark.parametrize("backend", ["threading", "loky", "sequential"])
def test_trials_of_a_search_are_no_trainings(backend: str) -> None:
    """Wherever they run: in threads of joblib's, in its processes, or here."""
    sklearn.autolog(log_models=False, max_tuning_runs=1)
    with warnings.catch_warnings(), joblib.parallel_backend(backend):
        warnings.simplefilter("ignore")  # loky's children warn of what they import
        jobs = 1 if backend == "sequential" else 2
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2, n_jobs=jobs).fit(TABLE, LABELS)
        BaggingClassifier(LogisticRegression(), n_estimators=3, n_jobs=jobs).fit(TABLE, LABELS)
    kinds = sorted(run.data.tags["estimator_name"] for run in all_runs())
    assert kinds == ["BaggingClassifier", "GridSearchCV", "LogisticRegression"]


def test_threads_of_the_user_are_all_logged() -> None:
    """Each has its own run."""
    sklearn.autolog(log_models=False)
    threads = [
        threading.Thread(target=lambda c=c: LogisticRegression(C=c).fit(TABLE, LABELS))
        for c in (1.0, 2.0, 3.0)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(run.data.params["C"] for run in all_runs()) == ["1.0", "2.0", "3.0"]


def test_data_that_may_be_overwritten_is_scored_as_it_was() -> None:
    """With ``copy_X=False`` the estimator centres the data in place."""
    sklearn.autolog(log_models=False)
    data, labels = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 4.5])
    expected = LinearRegression().fit(data, labels).score(data, labels)
    LinearRegression(copy_X=False).fit(data.copy(), labels)
    assert all_runs()[0].data.metrics["training_score"] == pytest.approx(expected)


@pytest.mark.usefixtures("in_use")
def test_a_model_that_cannot_be_kept_loses_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scores are there, and the estimator is fitted."""

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(sklearn, "log_model", fail)
    sklearn.autolog()
    model = LogisticRegression().fit(TABLE, LABELS)
    (run,) = all_runs()
    assert "training_score" in run.data.metrics
    assert model.predict(TABLE).shape == (8,)
    assert run.outputs.model_outputs == ()
