"""Experiments and runs through MLflow's client, on a store of ours in the same process."""

from __future__ import annotations

import math
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

from mlflowflow.mlflow_plugin.opened import desk_at
from mlflowflow.mlflow_plugin.tracking import TrackingStore

pytestmark = pytest.mark.mlflow


@pytest.fixture
def client(uri: str) -> Any:
    """Give MLflow's client of the store."""
    return MlflowClient(uri, uri)


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    """Return the code of the error that a call ends with."""
    with pytest.raises(MlflowException) as caught:
        call(*args, **kwargs)
    return str(caught.value.error_code)


def test_a_run_is_read_as_it_was_logged(client: Any) -> None:
    """Points, params, tags, name, times and status, through MLflow's own entities."""
    experiment_id = client.create_experiment("wine", tags={"team": "a"})
    run = client.create_run(experiment_id, start_time=5, tags={"x": "1"}, run_name="first")
    client.log_batch(
        run.info.run_id,
        metrics=[Metric("loss", 0.5, 7, 1), Metric("loss", math.inf, 8, 2), Metric("nan", math.nan, 7, 0)],
        params=[Param("depth", "3")],
        tags=[RunTag("y", "2")],
    )
    client.set_terminated(run.info.run_id, end_time=9)
    found = client.get_run(run.info.run_id)
    assert (found.info.run_name, found.info.status, found.info.start_time, found.info.end_time) == (
        "first",
        "FINISHED",
        5,
        9,
    )
    assert found.data.metrics["loss"] == math.inf
    assert math.isnan(found.data.metrics["nan"])
    assert (found.data.params, found.data.tags["x"], found.data.tags["y"]) == ({"depth": "3"}, "1", "2")
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [(point.timestamp, point.step, point.value) for point in history] == [
        (7, 1, 0.5),
        (8, 2, math.inf),
    ]
    assert client.get_experiment_by_name("wine").tags == {"team": "a"}


def test_the_same_run_is_this_librarys_run(client: Any, uri: str) -> None:
    """Programs of both libraries work on one store."""
    run = client.create_run("0", run_name="theirs")
    client.log_metric(run.info.run_id, "loss", 0.25)
    ours = desk_at(uri).tracker.get_run(run.info.run_id)
    assert (ours.info.run_name, dict(ours.data.metrics)) == ("theirs", {"loss": 0.25})


def test_a_param_is_written_once_and_a_batch_is_logged_whole_or_not(client: Any) -> None:
    """As in MLflow: the same again is no error, another value is, and then nothing of the batch is there."""
    run_id = client.create_run("0").info.run_id
    client.log_param(run_id, "a", "1")
    client.log_param(run_id, "a", "1")
    batch = {"metrics": [Metric("m", 1.0, 1, 1)], "params": [Param("a", "2")], "tags": [RunTag("t", "1")]}
    assert refused(client.log_batch, run_id, **batch) == "INVALID_PARAMETER_VALUE"
    found = client.get_run(run_id)
    assert (found.data.params, found.data.metrics, "t" in found.data.tags) == ({"a": "1"}, {}, False)


def test_a_deleted_run_takes_nothing_until_it_is_restored(client: Any) -> None:
    """And it is found only by who asks for deleted runs, without tags that are not its own."""
    run_id = client.create_run("0").info.run_id
    client.delete_run(run_id)
    assert refused(client.log_metric, run_id, "m", 1.0) == "INVALID_PARAMETER_VALUE"
    assert client.search_runs(["0"]) == []
    (deleted,) = client.search_runs(["0"], run_view_type=ViewType.DELETED_ONLY)
    assert not [key for key in deleted.data.tags if key.startswith("mlff.")]
    client.restore_run(run_id)
    client.log_metric(run_id, "m", 1.0)
    assert [run.info.run_id for run in client.search_runs(["0"], "metrics.m = 1")] == [run_id]


def test_what_is_not_there_has_mlflows_code(client: Any) -> None:
    """Clients decide by it."""
    run_id = client.create_run("0").info.run_id
    assert refused(client.get_run, "0" * 32) == "RESOURCE_DOES_NOT_EXIST"
    assert refused(client.get_experiment, "999") == "RESOURCE_DOES_NOT_EXIST"
    assert refused(client.delete_tag, run_id, "none") == "RESOURCE_DOES_NOT_EXIST"
    assert refused(client.create_experiment, "Default") == "RESOURCE_ALREADY_EXISTS"
    assert refused(client.search_runs, ["0"], "metrics.a >") == "INVALID_PARAMETER_VALUE"
    assert refused(client.search_runs, ["0"], max_results=50_001) == "INVALID_PARAMETER_VALUE"
    assert client.get_experiment_by_name("none") is None


def test_a_search_is_read_in_pages(client: Any) -> None:
    """Each run once, in order."""
    for number in range(5):
        client.log_metric(client.create_run("0").info.run_id, "n", number)
    found, token = [], None
    while True:
        page = client.search_runs(["0"], order_by=["metrics.n DESC"], max_results=2, page_token=token)
        found += [run.data.metrics["n"] for run in page]
        token = page.token
        if not token:
            break
    assert found == [4, 3, 2, 1, 0]


def test_histories_of_several_runs_are_read_at_once(uri: str, client: Any) -> None:
    """By run and in order, as many points as were asked for; or a sample of them."""
    runs = sorted(client.create_run("0").info.run_id for _ in range(2))
    for run_id in runs:
        client.log_batch(run_id, metrics=[Metric("m", step, step, step) for step in range(3)])
    store: Any = TrackingStore(uri)
    bulk = store.get_metric_history_bulk(runs, "m", 4)
    assert [(point.run_id, point.step) for point in bulk] == [
        *((runs[0], step) for step in range(3)),
        (runs[1], 0),
    ]
    sampled = store.get_metric_history_bulk_interval(runs, "m", 2, None, None)
    assert {(point.run_id, point.step) for point in sampled} >= {
        (run_id, step) for run_id in runs for step in (0, 2)
    }
    page = store.get_metric_history(runs[0], "m", max_results=2)
    rest = store.get_metric_history(runs[0], "m", max_results=2, page_token=page.token)
    assert ([point.step for point in [*page, *rest]], rest.token) == ([0, 1, 2], None)
    assert list(store.get_metric_history(runs[0], "none")) == []


def test_inputs_and_datasets_are_found(uri: str, client: Any) -> None:
    """A dataset that a run used is one of its experiment's."""
    run_id = client.create_run("0").info.run_id
    dataset = Dataset("wine", "f9a1", "local", "{}")
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
    (found,) = client.get_run(run_id).inputs.dataset_inputs
    assert (found.dataset.name, found.tags[0].value) == ("wine", "training")
    store: Any = TrackingStore(uri)
    (summary,) = store._search_datasets(["0"])
    assert (summary.name, summary.digest, summary.context) == ("wine", "f9a1", "training")


def test_experiments_are_changed_deleted_and_restored(client: Any) -> None:
    """Tags and names; a second deletion finds nothing."""
    experiment_id = client.create_experiment("wine")
    client.set_experiment_tag(experiment_id, "a", "1")
    client.rename_experiment(experiment_id, "beer")
    client.delete_experiment(experiment_id)
    assert refused(client.delete_experiment, experiment_id) == "RESOURCE_DOES_NOT_EXIST"
    assert [each.name for each in client.search_experiments()] == ["Default"]
    client.restore_experiment(experiment_id)
    found = client.search_experiments(filter_string="name = 'beer'")
    assert [(each.name, each.tags) for each in found] == [("beer", {"a": "1"})]
    client.delete_experiment_tag(experiment_id, "a")
    assert client.get_experiment(experiment_id).tags == {}


def test_a_runs_status_and_name_are_changed(client: Any) -> None:
    """A run that is begun again is running again."""
    run_id = client.create_run("0", run_name="a").info.run_id
    client.set_terminated(run_id, "FAILED")
    client.update_run(run_id, status="RUNNING", name="b")
    found = client.get_run(run_id).info
    assert (found.status, found.run_name, found.end_time) == ("RUNNING", "b", None)


def test_a_clients_queue_is_emptied(client: Any) -> None:
    """Logging in the background ends where logging at once does."""
    run_id = client.create_run("0").info.run_id
    for step in range(20):
        client.log_metric(run_id, "m", step, step=step, synchronous=False)
    client.log_param(run_id, "p", "1", synchronous=False).wait()
    store = client._tracking_client.store
    store.flush_async_logging()
    assert len(client.get_metric_history(run_id, "m")) == 20
    assert client.get_run(run_id).data.params == {"p": "1"}


def test_gc_removes_what_was_deleted(uri: str, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run, files and experiment are gone for MLflow's client."""
    from click.testing import CliRunner
    from mlflow.cli import gc

    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    experiment_id = client.create_experiment("wine")
    run_id, kept = (client.create_run(experiment_id).info.run_id for _ in range(2))
    client.log_text(run_id, "x", "a.txt")
    client.delete_run(run_id)
    done = CliRunner().invoke(gc, ["--backend-store-uri", uri], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert refused(client.get_run, run_id) == "RESOURCE_DOES_NOT_EXIST"
    assert client.get_run(kept).info.run_id == kept
    assert desk_at(uri).tracker.artifacts(run_id).list() == []
    client.delete_experiment(experiment_id)
    done = CliRunner().invoke(gc, ["--backend-store-uri", uri], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert refused(client.get_experiment, experiment_id) == "RESOURCE_DOES_NOT_EXIST"
    assert client.create_experiment("wine") != experiment_id
