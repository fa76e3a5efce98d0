"""Real servers: started, stopped, killed, and several on one store."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from mlflowflow.config import Settings
from mlflowflow.errors import InvalidInput, InvalidUri, StoreUnavailable
from mlflowflow.server.running import Serving, serve
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker
from tests.server.serving import Served, served

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system


def begin(server: Served) -> str:
    """Begin a run and return its id."""
    answer = httpx.post(f"{server.api}/runs/create", json={"experiment_id": "0"}, timeout=30)
    run_id: str = answer.json()["run"]["info"]["run_id"]
    return run_id


def log(client: httpx.Client, server: Served, run_id: str, step: int) -> bool:
    """Log one point, a param and a tag; return whether the server acknowledged them."""
    said: dict[str, Any] = {
        "run_id": run_id,
        "metrics": [{"key": "m", "value": step, "timestamp": step, "step": step}],
        "params": [{"key": f"p{step}", "value": str(step)}],
        "tags": [{"key": f"t{step}", "value": str(step)}],
    }
    try:
        return client.post(f"{server.api}/runs/log-batch", json=said).status_code == 200
    except httpx.TransportError:
        return False


def logged(store: Path, run_id: str) -> set[int]:
    """Return the steps of which everything is in the store."""
    with Tracker(open_store(store), flush_intervals=()) as tracker:
        run = tracker.get_run(run_id)
        points = {point.step for point in tracker.metric_history(run_id, "m")}
        return {
            step for step in points if run.data.params[f"p{step}"] == run.data.tags[f"t{step}"] == str(step)
        }


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_nothing_acknowledged_is_lost(tmp_path: Path, how: str) -> None:
    """Neither by kill -9 nor by an orderly end; and the run goes on, as its program does."""
    store = tmp_path / "store"
    acknowledged: set[int] = set()
    with served(store) as server, httpx.Client(timeout=30) as client:
        run_id = begin(server)
        enough = threading.Event()

        def work() -> None:
            for step in range(100_000):
                if not log(client, server, run_id, step):
                    return
                acknowledged.add(step)
                if len(acknowledged) >= 20:
                    enough.set()

        worker = threading.Thread(target=work)
        worker.start()
        assert enough.wait(60)
        if how == "kill":
            server.kill()
        else:
            assert server.stop() == 0
        worker.join(60)
    assert acknowledged <= logged(store, run_id)
    with served(store) as again:
        run = httpx.get(f"{again.api}/runs/get", params={"run_id": run_id}, timeout=30).json()["run"]
        assert run["info"]["status"] == "RUNNING"
        httpx.post(f"{again.api}/runs/update", json={"run_id": run_id, "status": "FINISHED"}, timeout=30)
        run = httpx.get(f"{again.api}/runs/get", params={"run_id": run_id}, timeout=30).json()["run"]
        assert run["info"]["status"] == "FINISHED"


def test_several_servers_and_processes_work_on_one_store(tmp_path: Path) -> None:
    """What one acknowledged, the others show at once."""
    store = tmp_path / "store"
    with served(store, "--workers", "2") as one, served(store) as other, httpx.Client(timeout=30) as client:
        run_id = begin(one)
        for step in range(20):
            assert log(client, (one, other)[step % 2], run_id, step)
        for server in (one, other, one):
            asked = {"run_id": run_id, "metric_key": "m"}
            points = client.get(f"{server.api}/metrics/get-history", params=asked).json()["metrics"]
            assert [point["step"] for point in points] == list(range(20))
        conflict = {"run_id": run_id, "key": "p1", "value": "another"}
        answers = [client.post(f"{each.api}/runs/log-parameter", json=conflict) for each in (one, other)]
        assert [answer.status_code for answer in answers] == [400, 400]
        assert (one.stop(), other.stop()) == (0, 0)
    assert logged(store, run_id) == set(range(20))


def test_a_server_that_others_could_reach_does_not_start(tmp_path: Path) -> None:
    """Without a token and a name; nothing is opened, and nothing said."""
    said: list[str] = []
    serving = Serving(settings=Settings(tracking_uri=str(tmp_path / "store")), host="0.0.0.0", port=0)
    with pytest.raises(InvalidInput, match="--token"):
        serve(serving, say=said.append)
    assert (said, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize(
    ("place", "problem"), [("foo://x", InvalidUri), ("{folder}/file/x", StoreUnavailable)]
)
def test_a_store_that_cannot_be_used_is_told_before_anything_else(
    tmp_path: Path, place: str, problem: type[Exception]
) -> None:
    """Not by each process, after the address was said."""
    (tmp_path / "file").touch()
    said: list[str] = []
    serving = Serving(settings=Settings(tracking_uri=place.format(folder=tmp_path)), port=0)
    with pytest.raises(problem):
        serve(serving, say=said.append)
    assert said == []


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """And the next step is told."""
    with served(tmp_path / "store") as server:
        port = int(server.url.rpartition(":")[2])
        serving = Serving(settings=Settings(tracking_uri=str(tmp_path / "other")), port=port)
        with pytest.raises(InvalidInput, match="choose another --port"):
            serve(serving, say=print)
