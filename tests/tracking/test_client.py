"""The tracking half of `MlflowClient`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.client import TrackingClient
from mlflowflow.tracking.entities import Param, RunTag, ViewType
from mlflowflow.tracking.fluent.active import active_run
from mlflowflow.tracking.run import Metric, RunStatus
from tests.tracking.sessions import private_session


@pytest.fixture
def client() -> TrackingClient:
    """Open a client over a fresh store."""
    with private_session():
        return TrackingClient(MemoryBlobStore().url)


@pytest.fixture
def run_id(client: TrackingClient) -> str:
    """Create a run."""
    return client.create_run("0", run_name="first").info.run_id


def _metric(key: str, value: Any, step: Any = 0) -> Metric:
    return Metric(key=key, value=value, timestamp=1, step=step)


def test_a_client_uses_the_current_store_by_default() -> None:
    """Without an address it sees what the fluent functions see."""
    with private_session() as session:
        assert TrackingClient().tracker is session.tracker()


def test_a_client_can_use_another_store() -> None:
    """With an address it leaves the current store alone."""
    with private_session() as session:
        client = TrackingClient("memory://other")
    assert client.tracking_uri == "memory://other" != session.tracking_uri


def test_a_run_of_a_client_is_not_active(client: TrackingClient) -> None:
    """Creating a run makes nothing active."""
    run = client.create_run("0", 123, {"team": 1}, "named")
    assert active_run() is None
    assert (run.info.start_time, run.info.run_name, run.data.tags["team"]) == (123, "named", "1")


def test_a_run_is_ended_and_resumed(client: TrackingClient, run_id: str) -> None:
    """A status can be set at any time, with the time of the end."""
    client.set_terminated(run_id, end_time=9)
    ended = client.get_run(run_id).info
    assert (ended.status, ended.end_time) == (RunStatus.FINISHED, 9)
    client.update_run(run_id, status="RUNNING", name="again")
    resumed = client.get_run(run_id).info
    assert (resumed.status, resumed.run_name) == (RunStatus.RUNNING, "again")


def test_a_run_can_fail(client: TrackingClient, run_id: str) -> None:
    """`update_run` ends a run too."""
    client.update_run(run_id, "FAILED")
    assert client.get_run(run_id).info.status is RunStatus.FAILED


def test_an_unknown_status_is_refused(client: TrackingClient, run_id: str) -> None:
    """A misspelt status is an error."""
    with pytest.raises(InvalidInput, match="'DONE'"):
        client.set_terminated(run_id, "DONE")


def test_a_batch_holds_everything(client: TrackingClient, run_id: str) -> None:
    """Params and tags may be entities or mappings."""
    client.log_batch(run_id, [_metric("m", 1)], [Param("p", "1")], [RunTag("t", "2")])
    client.log_batch(run_id, params={"q": 3}, tags={"u": 4})
    data = client.get_run(run_id).data
    assert (data.metrics, data.params) == ({"m": 1.0}, {"p": "1", "q": "3"})
    assert (data.tags["t"], data.tags["u"]) == ("2", "4")


def test_a_batch_is_logged_whole_or_not_at_all(client: TrackingClient, run_id: str) -> None:
    """One thing that may not be logged stops the rest."""
    with pytest.raises(InvalidInput, match="given twice"):
        client.log_batch(run_id, [_metric("m", 1)], [Param("p", "1"), Param("p", "2")])
    with pytest.raises(InvalidInput, match="metric key"):
        client.log_batch(run_id, [_metric("a#b", 1)], {"p": 1})
    data = client.get_run(run_id).data
    assert (data.metrics, data.params) == ({}, {})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"key": "a#b"}, "metric key"),
        ({"value": True}, "one number"),
        ({"timestamp": -1}, "at least 0"),
        ({"timestamp": 1.5}, "whole number"),
        ({"step": True}, "whole number"),
    ],
)
def test_every_metric_of_a_batch_is_checked(
    client: TrackingClient, run_id: str, fields: dict[str, Any], reason: str
) -> None:
    """Metrics that look ordinary are passed on as they are; whatever is not ordinary is looked at closely."""
    plain: dict[str, Any] = {"key": "m", "value": 1.0, "timestamp": 1, "step": 2}
    with pytest.raises(InvalidInput, match=reason):
        client.log_batch(run_id, [Metric(**plain), Metric(**{**plain, **fields})])
    assert client.get_run(run_id).data.metrics == {}


def test_scalars_of_a_batch_become_plain_numbers(client: TrackingClient, run_id: str) -> None:
    """A NumPy number in a batch is stored as the number it is."""
    client.log_batch(run_id, [_metric("m", np.float32(0.5), step=np.int64(3))])
    assert client.get_metric_history(run_id, "m") == [_metric("m", 0.5, step=3)]


def test_single_values_are_logged(client: TrackingClient, run_id: str) -> None:
    """Params, metrics and tags one at a time."""
    assert client.log_param(run_id, "p", 7) == 7
    client.log_metric(run_id, "m", 2, 5, step=3)
    client.set_tag(run_id, "t", "x")
    client.delete_tag(run_id, "t")
    data = client.get_run(run_id).data
    assert (data.params, "t" in data.tags) == ({"p": "7"}, False)
    assert client.get_metric_history(run_id, "m") == [Metric(key="m", value=2.0, timestamp=5, step=3)]


def test_a_param_does_not_change(client: TrackingClient, run_id: str) -> None:
    """Another value is refused."""
    client.log_param(run_id, "p", 1)
    with pytest.raises(InvalidState, match="'p'"):
        client.log_param(run_id, "p", 2)


def test_runs_are_found_deleted_and_restored(client: TrackingClient, run_id: str) -> None:
    """A search sees the runs of the view it asks for."""
    client.delete_run(run_id)
    assert client.search_runs(["0"]) == []
    found = client.search_runs(["0"], "run_name = 'first'", ViewType.DELETED_ONLY, 10, order_by=["run_id"])
    assert [run.info.run_id for run in found] == [run_id]
    client.restore_run(run_id)
    assert len(client.search_runs(["0"])) == 1


def test_experiments_live(client: TrackingClient) -> None:
    """They are created, tagged, renamed, found, deleted and restored."""
    created = client.create_experiment("cats", tags={"a": 1})
    client.set_experiment_tag(created, "b", 2)
    client.rename_experiment(created, "dogs")
    assert dict(client.get_experiment(created).tags) == {"a": "1", "b": "2"}
    assert client.get_experiment_by_name("cats") is None
    client.delete_experiment(created)
    assert [found.name for found in client.search_experiments(ViewType.DELETED_ONLY, 1, None, ["name"])] == [
        "dogs"
    ]
    client.restore_experiment(created)
    assert client.get_experiment_by_name("dogs") == client.get_experiment(created)


def test_artifacts_come_back(client: TrackingClient, run_id: str, tmp_path: Path) -> None:
    """What was stored is listed and copied, to a given or a new folder."""
    (tmp_path / "file.txt").write_text("f")
    client.log_artifact(run_id, tmp_path / "file.txt", "in")
    client.log_artifacts(run_id, tmp_path, "all")
    client.log_text(run_id, "hi", "in/note.txt")
    client.log_dict(run_id, {"a": 1}, "in/a.json")
    listed = [found.path for found in client.list_artifacts(run_id, "in")]
    assert sorted(listed) == ["in/a.json", "in/file.txt", "in/note.txt"]
    assert Path(client.download_artifacts(run_id, "in/note.txt")).read_text() == "hi"
    folder = Path(client.download_artifacts(run_id, "all", tmp_path / "copy"))
    assert (folder / "file.txt").read_text() == "f"


def test_a_figure_is_an_artifact(client: TrackingClient, run_id: str) -> None:
    """A figure is drawn in the format of its name."""
    from matplotlib.figure import Figure

    client.log_figure(run_id, Figure(), "plot.png", save_kwargs={"dpi": 20})
    assert client.tracker.artifacts(run_id).read("plot.png").startswith(b"\x89PNG")


def test_what_does_not_exist_is_named(client: TrackingClient) -> None:
    """An unknown run is an error, not an empty one."""
    with pytest.raises(NotFound, match="run 'nope'"):
        client.get_run("nope")
