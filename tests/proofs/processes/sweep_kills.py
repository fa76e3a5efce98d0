"""A sweep whose processes are killed, one after the other, and whether it did anything wrong by that.

Scheduler, workers with their nannies, Prefect's server and the coordinator are processes of their own.
Every few moments one of them is killed, chosen by chance; what died is started again as an
administrator would, and after the coordinator's end the same person types ``mlff sweep resume``.

Each trial leaves a line when its command begins and another when it has logged everything, so what
was executed is known from outside of the store.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import httpx

from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.log import SweepLog, read_history, sweep_run_ids
from mlflowflow.sweeps.replay import replay
from mlflowflow.sweeps.trial import TrialState
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.tracker import Tracker
from tests.orchestration.clusters import DaskProcesses
from tests.system.conftest import free_port

if TYPE_CHECKING:
    from mlflowflow.sweeps.history import SweepHistory

TARGETS: Final = ("worker", "nanny", "scheduler", "coordinator", "prefect")
STEPS: Final = 3
_BIN: Final = Path(sys.executable).parent
_PATIENCE_S: Final = 900.0

_PROJECT: Final = """\
name: kills
entry_points:
  train:
    parameters: {x: {type: float, default: 0.5}, out: {type: string, default: ""}}
    command: "python train.py --x {x} --out {out}"
spec: mlflowflow/v1
resources:
  cpu: {price_per_hour: 3600}
sweeps:
  tune:
    entry_point: train
    params: {out: "%(out)s"}
    space: {x: {float: [0, 1]}}
    objectives: [{metric: loss, goal: minimize}]
    sampler: {name: tpe, seed: 3, startup: 4}
    parallel: 2
    budget: {trials: %(trials)d}
    trial: {timeout: 60s, attempts: 50, retry_on: [worker_lost, timeout], resources: cpu}
"""
_TRAIN: Final = """\
import argparse, os, time
import mlflowflow as mlflow

given = argparse.ArgumentParser()
given.add_argument("--x", type=float)
given.add_argument("--out")
given = given.parse_args()

def say(word):
    with open(given.out, "a") as file:
        file.write(f"{word} {os.environ['MLFLOWFLOW_RUN_ID']} {os.getpid()}\\n")

say("began")
with mlflow.start_run():
    for step in range(%d):
        time.sleep(0.1)
        mlflow.log_metric("loss", (given.x - 0.3) ** 2 + 1 / (step + 1), step=step)
say("ended")
"""


@dataclass(slots=True, kw_only=True)
class Found:
    """What came of one sweep: how often what was killed, and everything that must not be."""

    kills: Counter[str] = field(default_factory=Counter[str])
    resumes: int = 0
    violations: list[str] = field(default_factory=list[str])


class _Stage:
    """The processes of one sweep; a context, at whose end none of them is left."""

    def __init__(self, folder: Path, *, trials: int) -> None:
        self.folder = folder
        self.lines = folder / "executed.txt"
        self.store = folder / "store"
        project = folder / "project"
        project.mkdir(parents=True)
        (project / "MLproject").write_text(_PROJECT % {"out": self.lines, "trials": trials})
        (project / "train.py").write_text(_TRAIN % STEPS)
        self.lines.touch()
        self._port = free_port()
        self._dask = self._new_cluster()
        self._server = self._new_server()
        self.coordinator: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.coordinator, self._server):
            if process is not None:
                _kill_group(process)
        self._dask.__exit__()

    def _new_cluster(self) -> DaskProcesses:
        folder = self.folder / "dask"
        folder.mkdir(exist_ok=True)
        return DaskProcesses(folder, workers=2)

    def _new_server(self) -> subprocess.Popen[bytes]:
        server = subprocess.Popen(
            [_BIN / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self._port)],
            env={**self._environ(), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 120
        while not self._answers():
            assert time.monotonic() < deadline, "Prefect's server does not start"
            time.sleep(0.3)
        return server

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self._api}/health", timeout=2).is_success
        return False

    @property
    def _api(self) -> str:
        return f"http://127.0.0.1:{self._port}/api"

    def _environ(self) -> dict[str, str]:
        kept = {
            name: text for name, text in os.environ.items() if not name.startswith(("MLFLOWFLOW", "PREFECT"))
        }
        return {**kept, "PREFECT_HOME": str(self.folder / "prefect"), "PREFECT_API_URL": self._api}

    def begin(self) -> None:
        """Type the command: the sweep the first time, and resuming it later."""
        known = sweep_run_ids(open_store(self.store)) if self.store.exists() else []
        words = ["resume", known[0]] if known else ["run", str(self.folder / "project")]
        with (self.folder / "printed.txt").open("ab") as printed:
            self.coordinator = subprocess.Popen(
                [_BIN / "mlff", "sweep", *words, "--cluster", self._dask.address, "--store", str(self.store)],
                env=self._environ(),
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, target: str) -> None:
        """Kill it, and start again what an administrator would."""
        assert self.coordinator is not None
        match target:
            case "worker" | "nanny":
                pids = self._dask.worker_pids(with_nannies=target == "nanny")
                if pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(random.choice(pids), signal.SIGKILL)
                if target == "nanny":
                    self._dask.start_worker()
            case "scheduler":
                self._dask.kill_scheduler()
                self._dask.__exit__()
                self._dask = self._new_cluster()
            case "prefect":
                _kill_group(self._server)
                self._server = self._new_server()
            case _:
                _kill_group(self.coordinator)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


def kill_a_sweep(folder: Path, *, trials: int, kills: int, seed: int) -> Found:
    """Run a sweep of `trials` to its end through `kills` deaths, and return what was wrong."""
    dice, found = random.Random(seed), Found()
    with _Stage(folder, trials=trials) as stage:
        stage.begin()
        deadline = time.monotonic() + _PATIENCE_S
        next_kill = time.monotonic() + dice.uniform(4.0, 8.0)
        while time.monotonic() < deadline:
            code = stage.coordinator.poll() if stage.coordinator is not None else 1
            if code == 0:
                break
            if code is not None:
                found.resumes += 1
                stage.begin()
            elif sum(found.kills.values()) < kills and time.monotonic() > next_kill:
                target = dice.choice(TARGETS)
                found.kills[target] += 1
                stage.kill(target)
                next_kill = time.monotonic() + dice.uniform(0.5, 5.0)
            time.sleep(0.1)
        else:
            found.violations.append(f"it did not end: {(folder / 'printed.txt').read_text()[-2_000:]}")
        found.violations += _wrong(stage, trials)
    return found


def _wrong(stage: _Stage, trials: int) -> list[str]:
    """Return every promise that was not kept."""
    store = open_store(stage.store)
    (run_id,) = sweep_run_ids(store)
    history = read_history(store, run_id)
    wrong = [
        *wrong_trials(history, trials),
        *wrong_executions(history, stage.lines.read_text().splitlines()),
        *_wrong_runs(history, stage),
    ]
    replayed = replay(SweepLog(store, run_id).read())
    wrong += [each.sentence for each in replayed.differences]
    before = sorted(each.key for each in store.list(f"sweeps/{run_id}/log"))
    stage.begin()
    assert stage.coordinator is not None
    if stage.coordinator.wait(120) != 0:
        wrong.append("a second resume of a finished sweep failed")
    if sorted(each.key for each in store.list(f"sweeps/{run_id}/log")) != before:
        wrong.append("a second resume of a finished sweep wrote")
    return wrong


def wrong_trials(history: SweepHistory, trials: int) -> list[str]:
    """Each trial of the budget is there once and complete, its attempts are numbered, and the sweep is closed."""
    wrong = [
        f"trial {each.number} is {each.state}"
        for each in history.trials
        if each.state is not TrialState.COMPLETE
    ]
    if [each.number for each in history.trials] != list(range(trials)):
        wrong.append(f"the numbers of the trials are {[each.number for each in history.trials]}")
    if not history.is_closed:
        wrong.append("it is not closed")
    for each in history.trials:
        numbers = [attempt.number for attempt in each.attempts]
        if numbers != sorted(set(numbers)):
            wrong.append(f"the attempts of trial {each.number} are {numbers}")
    return wrong


def wrong_executions(history: SweepHistory, lines: list[str]) -> list[str]:
    """No trial is begun more often than it was attempted, and each came to its end at least once."""
    counts = Counter((word, run_id) for word, run_id, _ in map(str.split, lines))
    wrong = [
        f"trial {each.number} began {counts['began', each.run_id]} times in {len(each.attempts)} attempts"
        for each in history.trials
        if counts["began", each.run_id] > len(each.attempts)
    ]
    never = [each.number for each in history.trials if not counts["ended", each.run_id]]
    return wrong + [f"trial {number} never came to its end" for number in never]


def _wrong_runs(history: SweepHistory, stage: _Stage) -> list[str]:
    """Each trial is one finished run with its parameters, and each of its points is there once."""
    wrong: list[str] = []
    with Tracker(open_store(stage.store)) as tracker:
        for each in history.trials:
            run = tracker.get_run(each.run_id)
            if run.info.status is not RunStatus.FINISHED:
                wrong.append(f"the run of trial {each.number} is {run.info.status}")
            if run.data.params.get("x") != str(each.params["x"]):
                wrong.append(f"the run of trial {each.number} has x={run.data.params.get('x')}")
            steps = [point.step for point in tracker.metric_history(each.run_id, "loss")]
            if steps != list(range(STEPS)):
                wrong.append(f"the points of trial {each.number} are at {steps}")
        status = tracker.get_run(history.run_id).info.status
        if status is not RunStatus.FINISHED:
            wrong.append(f"the sweep's run is {status}")
    return wrong
