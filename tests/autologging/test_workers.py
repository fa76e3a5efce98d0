"""What is switched on here is not switched on where an estimator is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import distributed
import numpy as np
from sklearn.linear_model import LogisticRegression

from mlflowflow import sklearn
from mlflowflow.orchestration.cluster import LocalCluster, open_cluster
from mlflowflow.tracking.fluent.api import search_runs, start_run
from mlflowflow.tracking.fluent.session import current_tracker

if TYPE_CHECKING:
    import pytest

X = np.random.default_rng(3).normal(size=(20, 2))
Y = (X[:, 0] > 0).astype(int)


def fitted_there(estimator: Any) -> tuple[float, int]:
    """Fit what was sent, and return its score and how many runs this process's store then has."""
    return float(estimator.fit(X, Y).score(X, Y)), len(search_runs(output_format="list"))


def test_a_worker_that_is_sent_an_estimator_does_not_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Dask worker fits it as if nobody had switched anything on, though it could reach the store.

    Whoever wants its trainings logged switches autologging on in the worker.
    """
    monkeypatch.setenv("MLFLOWFLOW_TRACKING_URI", current_tracker().uri)
    sklearn.autolog(log_models=False)
    with start_run() as run:
        estimator = LogisticRegression().fit(X, Y)
    before = current_tracker().get_run(run.run_id)
    assert before.data.metrics
    with (
        open_cluster(LocalCluster(workers=1)) as cluster,
        distributed.Client(cluster.address, set_as_default=False) as client,
    ):
        assert client.submit(fitted_there, estimator).result(timeout=60) == (estimator.score(X, Y), 1)
        again = client.submit(LogisticRegression(C=0.5).fit, X, Y).result(timeout=60)
    assert again.coef_.shape == (1, 2)
    assert len(search_runs(output_format="list")) == 1
    assert current_tracker().get_run(run.run_id).data.params == before.data.params
