"""A sweep from its first trial to its extension, steered from other processes; the project's folder goes away."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.commands import Terminal
from tests.system.programs import Bench, wait_for

if TYPE_CHECKING:
    import subprocess

pytestmark = [pytest.mark.system, pytest.mark.timeout(500)]

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
    sampler: {name: tpe, seed: 1, startup: 2}
    parallel: 2
    budget: {trials: 99}
"""
SCRIPT = """
    import os, sys, time
    import mlflowflow as mlflow
    mlflow.log_metric("loss", float(sys.argv[2]))
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.1)
    """
RUN = ("sweep", "run", "slow", "--trials", "4")


class Slow:
    """A sweep whose trials wait for a file, run in a bench."""

    def __init__(self, bench: Bench, cluster: str) -> None:
        """Write the project and start the sweep of four trials, of which two run, on the `cluster`."""
        self.bench = bench
        self.cluster = cluster
        self.go = bench.folder / "go"
        self.folder = bench.folder / "slow"
        self.folder.mkdir()
        (self.folder / "MLproject").write_text(PROJECT)
        (self.folder / "trial.py").write_text(textwrap.dedent(SCRIPT))
        self.process: subprocess.Popen[bytes] = bench.start(*RUN, "--cluster", cluster, "-P", f"go={self.go}")
        wait_for(lambda: self._logged() == 2 or self.process.poll() is not None)
        assert self.process.poll() is None, bench.printed
        (listed,) = self._here.mlff("sweep", "list", "--json").json
        self.run_id: str = listed["run_id"]

    def _logged(self) -> int:
        if not (self.bench.folder / "mlff-data" / "store.json").exists():
            return 0
        return len(self._here.mlff("runs", "list", "--filter", "metrics.loss < 2", "--json").json)

    @property
    def _here(self) -> Terminal:
        """The command line in this process, which is another one than the sweep's and starts at once."""
        return Terminal(store=str(self.bench.folder / "mlff-data"))

    def ask(self, command: str, *arguments: str) -> Any:
        """Call a command about the sweep that must do well, and return its JSON."""
        return self._here.mlff("sweep", command, self.run_id[:-2], *arguments, "--json").json

    def run(self, command: str, *arguments: str) -> Any:
        """Call a command that runs the sweep, in a process of its own, and return its JSON."""
        options = ("--cluster", self.cluster, "--json")
        ended = self.bench.mlff("sweep", command, self.run_id[:-2], *arguments, *options)
        assert ended.code == 0, ended.err
        return ended.json

    def statuses(self) -> set[str]:
        """Return the states of all runs."""
        return {run["status"] for run in self._here.mlff("runs", "list", "--json").json}

    def rows(self) -> list[dict[str, Any]]:
        """Return the sweep's trials."""
        rows: list[dict[str, Any]] = self.ask("trials")
        return rows


def test_a_sweep_is_watched_stopped_resumed_and_extended_from_elsewhere(
    bench: Bench, dask_address: str
) -> None:
    """Each command finds what the one before left; no trial is done twice, and a replay has no differences."""
    slow = Slow(bench, dask_address)
    status = slow.ask("status")
    assert (status["state"], status["trials"]["running"]) == ("RUNNING", 2)
    assert status["holder"]["pid"] == slow.process.pid

    assert slow.ask("stop")["followed"]
    assert slow.ask("status")["state"] == "ENDING"
    slow.go.touch()
    assert slow.process.wait(120) == 0, bench.printed
    assert slow.ask("status")["state"] == "STOPPED"
    assert [row["state"] for row in slow.rows()] == ["COMPLETE", "COMPLETE"]

    shutil.rmtree(slow.folder)
    assert slow.run("resume")["status"] == "FINISHED"
    assert slow.ask("status")["state"] == "FINISHED"
    assert not slow.ask("resume")["resumed"]

    summary = slow.run("extend", "--trials", "+2", "--resume")
    assert summary["run_id"] == slow.run_id
    rows = slow.rows()
    assert [row["trial"] for row in rows] == list(range(6))
    assert {(row["state"], row["attempts"]) for row in rows} == {("COMPLETE", 1)}
    assert slow.ask("replay")["differences"] == []
    best = slow.ask("best")
    assert best["params"]["x"] == min(row["params.x"] for row in rows)


def test_a_stop_now_cuts_trials_off_and_they_run_again_with_the_same_parameters(
    bench: Bench, dask_address: str
) -> None:
    """Nothing is left running; the second attempt is the same run."""
    slow = Slow(bench, dask_address)
    before = slow.rows()
    slow.ask("stop", "--now")
    assert slow.process.wait(120) is not None
    stopped = slow.ask("status")
    assert (stopped["state"], stopped["trials"]["running"]) == ("STOPPED", 0)
    assert "RUNNING" not in slow.statuses()

    slow.go.touch()
    assert slow.run("resume")["status"] == "FINISHED"
    after = slow.rows()
    assert len(after) == 4
    for was, row in zip(before, after[:2], strict=True):
        assert (row["run_id"], row["params.x"]) == (was["run_id"], was["params.x"])
        assert (row["state"], row["attempts"]) == ("COMPLETE", 2)
