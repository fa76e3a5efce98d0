"""A sweep that is cancelled in Prefect: its trials stop, its runs say so, and it can be resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.log import read_history, sweep_run_ids
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.system.programs import ROOT, descendants, is_alive, wait_for
from tests.system.test_interruption import Slow

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.system.programs import Bench

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]
NAME = "to-be-cancelled"
SERVE = f"""
import sys
sys.path.insert(0, sys.argv[1])
from flows.sweep import sweep
sweep.serve(name="{NAME}")
"""


@contextmanager
def served(slow: Slow) -> Generator[subprocess.Popen[bytes]]:
    """Serve the project's sweep, as a deployment does."""
    bench = slow.bench
    env = {
        **os.environ,
        **bench.environ,
        "MLFLOWFLOW_PROJECT": str(bench.folder / "slow"),
        "MLFLOWFLOW_TRACKING_URI": str(bench.folder / "mlff-data"),
        "MLFLOWFLOW_CLUSTER": "local:2",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        "PYTHONPATH": str(ROOT),
    }
    with (bench.folder / "served.txt").open("wb") as printed:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(ROOT)],
            cwd=ROOT,
            env=env,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: deployment_id(bench) is not None or server.poll() is not None)
        assert server.poll() is None, (bench.folder / "served.txt").read_text()
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def asked(bench: Bench, path: str, body: dict[str, Any]) -> Any:
    """Post to the Prefect API and return the answer."""
    answer = httpx.post(f"{bench.environ['PREFECT_API_URL']}/{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def deployment_id(bench: Bench) -> str | None:
    """Return the id of the deployment, once it is known."""
    found = asked(bench, "deployments/filter", {"deployments": {"name": {"any_": [NAME]}}})
    return found[0]["id"] if found else None


def state_of(bench: Bench, flow_run_id: str) -> str:
    """Return the type of a flow run's state."""
    answer = httpx.get(f"{bench.environ['PREFECT_API_URL']}/flow_runs/{flow_run_id}", timeout=30)
    return str(answer.json()["state_type"])


def of_the_sweep(server: int) -> set[int]:
    """Return the processes of the flow run; the server keeps one that tracks its own resources."""
    return {
        pid
        for pid in descendants(server)
        if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text()
    }


def test_cancelling_in_prefect_stops_the_trials_within_the_grace_period(bench: Bench) -> None:
    """No process of the sweep is left, no run is RUNNING, the reason is said, and the sweep goes on when resumed."""
    slow = Slow(bench)
    with served(slow) as server:
        parameters = {"go": str(slow.go)}
        flow_run = asked(
            bench, f"deployments/{deployment_id(bench)}/create_flow_run", {"parameters": parameters}
        )
        wait_for(lambda: len(slow.running_trials()) == 2, seconds=180)
        family = of_the_sweep(server.pid)
        assert len(family) > 4  # the flow, workers, supervisors, trials
        asked(bench, f"flow_runs/{flow_run['id']}/set_state", {"state": {"type": "CANCELLING"}})
        wait_for(lambda: state_of(bench, flow_run["id"]) == "CANCELLED", seconds=60)
        wait_for(lambda: not any(map(is_alive, family)), seconds=60)
    assert set(slow.statuses().values()) == {"KILLED"}
    reasons = {run["tags"]["mlff.failure"] for run in slow.runs()}
    assert reasons <= {
        "It was interrupted.",
        "The sweep was interrupted.",
        *(r for r in reasons if "was cancelled" in r),
    }
    store = open_store(str(bench.folder / "mlff-data"))
    (run_id,) = sweep_run_ids(store)
    history = read_history(store, run_id)
    assert history.count(TrialState.RUNNING) == 0
    assert {attempt.outcome for trial in history.trials for attempt in trial.attempts} == {Outcome.CANCELLED}
    slow.go.touch()
    ended = bench.mlff("sweep", "resume", run_id)
    assert ended.code == 0, ended.err
    assert set(slow.statuses().values()) == {"FINISHED"}
    assert len(slow.runs()) == 1 + 4
