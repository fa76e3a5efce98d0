"""What a search over parameters leaves."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from mlflowflow import sklearn
from mlflowflow.autologging.sklearn.search import RESULTS, best_params, is_search
from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.fluent.api import current_tracker, search_runs
from mlflowflow.tracking.logged.fluent import search_logged_models
from mlflowflow.tracking.run import Run, RunStatus

X = np.random.default_rng(3).normal(size=(40, 2))
Y = (X[:, 0] > 0).astype(int)
GRID = {"C": [0.001, 0.1, 1.0, 10.0]}


def parent_and_children() -> tuple[Run, list[Run]]:
    """Return the run of the search, and those of its settings."""
    runs = search_runs(output_format="list")
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    (parent,) = [run for run in runs if run not in children]
    return parent, children


@pytest.mark.parametrize(("most", "expected"), [(2, 2), (None, 4)])
def test_the_best_settings_have_runs(most: int | None, expected: int) -> None:
    """They are children, ended, with the setting's params and its results as metrics."""
    sklearn.autolog(log_models=False, max_tuning_runs=most)
    search = GridSearchCV(LogisticRegression(), GRID, cv=2).fit(X, Y)
    parent, children = parent_and_children()
    assert len(children) == expected
    best = {
        float(each) for each in np.argsort(search.cv_results_["rank_test_score"], kind="stable")[:expected]
    }
    assert {GRID["C"].index(float(run.data.params["C"])) for run in children} == best
    for run in children:
        place = GRID["C"].index(float(run.data.params["C"]))
        assert run.data.metrics["mean_test_score"] == search.cv_results_["mean_test_score"][place]
        assert not [key for key in run.data.metrics if key.startswith(("split", "param"))]
        assert run.info.status is RunStatus.FINISHED
        assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert run.data.tags["estimator_name"] == "LogisticRegression"


def test_the_results_of_the_best_setting_are_about_the_best_model() -> None:
    """Those of the others are about no model."""
    sklearn.autolog()
    search = GridSearchCV(LogisticRegression(), GRID, cv=2).fit(X, Y)
    parent, children = parent_and_children()
    models = {each.name: each for each in search_logged_models(output_format="list")}
    scores = [each for each in models["best_estimator"].metrics or () if each.key == "mean_test_score"]
    (winner,) = [run for run in children if run.data.params["C"] == str(search.best_params_["C"])]
    assert [(each.run_id, each.value) for each in scores] == [(winner.info.run_id, search.best_score_)]
    assert {each.run_id for each in models["model"].metrics or ()} == {parent.info.run_id}


def test_the_search_itself() -> None:
    """It tells its best setting and score, and all results as a table."""
    sklearn.autolog(max_tuning_runs=0)
    search = GridSearchCV(LogisticRegression(), GRID, cv=2).fit(X, Y)
    parent, _ = parent_and_children()
    assert parent.data.params["best_C"] == str(search.best_params_["C"])
    assert parent.data.metrics["best_cv_score"] == search.best_score_
    assert "estimator__C" not in parent.data.params
    table = pd.read_csv(io.BytesIO(current_tracker().artifacts(parent.info.run_id).read(RESULTS)))
    assert list(table["param_C"]) == GRID["C"]
    assert len(parent.outputs.model_outputs) == 2


def test_several_scores_are_ranked_by_the_first(caplog: pytest.LogCaptureFixture) -> None:
    """Which one that is, is told."""
    sklearn.autolog(log_models=False, max_tuning_runs=1)
    options: dict[str, Any] = {"scoring": ["f1", "accuracy"], "refit": "f1"}
    GridSearchCV(LogisticRegression(), GRID, cv=2, **options).fit(X, Y)
    _, children = parent_and_children()
    assert [run.data.metrics["rank_test_f1"] for run in children] == [1.0]
    assert "rank_test_f1" in caplog.text


def test_what_is_no_number_of_runs_is_refused() -> None:
    """Nothing is switched on then."""
    with pytest.raises(InvalidInput, match="max_tuning_runs"):
        sklearn.autolog(max_tuning_runs=-1)
    assert not is_search(LogisticRegression())
    assert best_params(LogisticRegression()) == {}
