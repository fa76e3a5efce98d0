"""Stopped or killed at any moment: the store opens and continues, and nothing is left running."""

from __future__ import annotations

import signal
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from tests.system.programs import Bench, descendants, interrupt, is_alive, wait_for

if TYPE_CHECKING:
    import subprocess

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

PROJECT = """
name: slow
entry_points:
  trial:
    parameters: {go: string, x: {type: float, default: 0}}
    command: "python trial.py {go} {x}"
spec: mlflowflow/v1
sweeps:
  tune:
    entry_point: trial
    space: {x: {float: [0, 1]}}
    objectives: [{metric: loss, goal: minimize}]
    sampler: {name: random, seed: 1}
    parallel: 2
    budget: {trials: 4}
pipelines:
  chain:
    params: {go: string}
    steps:
      - {id: search, sweep: tune, params: {go: "${{ params.go }}"}}
"""
SCRIPT = """
    import os, sys, time
    import mlflowflow as mlflow
    mlflow.log_metric("loss", float(sys.argv[2]))
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.1)
    """
#: How many trials of the sweep run when they are stopped.
PARALLEL = 2


class Slow:
    """A sweep whose trials wait for a file, run in a bench."""

    def __init__(self, bench: Bench) -> None:
        """Write the project."""
        self.bench = bench
        self.go = bench.folder / "go"
        folder = bench.folder / "slow"
        folder.mkdir()
        (folder / "MLproject").write_text(PROJECT)
        (folder / "trial.py").write_text(textwrap.dedent(SCRIPT))

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Start the pipeline and wait until its first trials have logged."""
        process = self.bench.start("run", "slow", "-e", "chain", "-P", f"go={self.go}", *options)
        wait_for(lambda: len(self.running_trials()) == PARALLEL or process.poll() is not None)
        assert process.poll() is None, self.bench.printed
        return process

    def runs(self) -> list[dict[str, Any]]:
        """List all runs, as another process sees them."""
        if not (self.bench.folder / "mlff-data" / "store.json").exists():
            return []
        listed: list[dict[str, Any]] = self.bench.mlff("runs", "list", "--json").json
        return listed

    def running_trials(self) -> list[dict[str, Any]]:
        """List trials that run and have logged."""
        return [run for run in self.runs() if "loss" in run["metrics"] and run["status"] == "RUNNING"]

    def statuses(self) -> dict[str, str]:
        """Return each run's status by name."""
        return {run["run_name"]: run["status"] for run in self.runs()}

    def continue_to_the_end(self) -> None:
        """Let trials end, resume the root run, and check that all is finished and nothing was done twice."""
        self.go.touch()
        (root,) = [run for run in self.runs() if run["run_name"] == "chain"]
        command = ("run", "slow", "-e", "chain", "-P", f"go={self.go}", "--resume", root["run_id"], "--json")
        ended = self.bench.mlff(*command)
        assert ended.code == 0, ended.err
        assert set(self.statuses().values()) == {"FINISHED"}
        assert len(self.runs()) == 2 + 4  # the root, the sweep, and each trial once


def test_ctrl_c_stops_the_trials_marks_the_runs_and_leaves_nothing_behind(bench: Bench) -> None:
    """The runs are KILLED, the exit code is 130, and the same run can be continued."""
    slow = Slow(bench)
    process = slow.start()
    family = descendants(process.pid)
    interrupt(process)
    assert process.wait(90) == 130, bench.printed
    wait_for(lambda: not any(map(is_alive, family)), seconds=60)
    assert set(slow.statuses().values()) == {"KILLED"}
    assert "Traceback" not in bench.printed
    slow.continue_to_the_end()


def test_kill_9_of_the_client_ends_its_servers_workers_and_trials(lonely_bench: Bench) -> None:
    """Nobody could clean up, and still no process is left: server, workers and commands are gone."""
    slow = Slow(lonely_bench)
    process = slow.start()
    family = descendants(process.pid)
    assert len(family) > 2 * PARALLEL
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    wait_for(lambda: not any(map(is_alive, family)), seconds=60)
    assert slow.bench.mlff("runs", "list").code == 0
    slow.continue_to_the_end()


def test_kill_9_of_the_client_ends_its_trials_on_a_shared_cluster(bench: Bench, dask_address: str) -> None:
    """The cluster lives on; what it ran for the dead client does not."""
    slow = Slow(bench)
    process = slow.start("--cluster", dask_address)
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    wait_for(lambda: not slow.running_trials(), seconds=90)
    slow.continue_to_the_end()


def test_sigterm_is_like_ctrl_c(bench: Bench) -> None:
    """Schedulers of other people stop a program this way."""
    slow = Slow(bench)
    process = slow.start()
    process.terminate()
    assert process.wait(90) == 130, bench.printed
    assert set(slow.statuses().values()) == {"KILLED"}
