"""``mlff sweep status``."""

from __future__ import annotations

import os
import platform
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from mlflowflow.cli.sweep.find import FoundSweep
from mlflowflow.cli.sweep.status import _draw, _print, looks, status_json, status_lines
from mlflowflow.clock import ManualClock, SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.projects.sweep_spec import Budget
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.entry import Ended, Ending
from mlflowflow.sweeps.holder import Hold, Holder
from mlflowflow.sweeps.log import SweepLog, read_history
from mlflowflow.tracking.tracker import Tracker
from tests.cli.sweep.conftest import CUT, DONE, finished
from tests.sweeps.stories import SPEC, Story, mixed

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.storage.blob import BlobStore
    from tests.cli.sweep.conftest import Sweeps

HOLDER = Holder(token="0" * 16, host="anvil", pid=4242)


def squeezed(lines: list[str]) -> list[str]:
    """Return the lines that are not empty, with their blanks squeezed."""
    return [" ".join(line.split()) for text in lines for line in text.splitlines() if line]


def test_a_sweep_is_shown_with_all_that_matters() -> None:
    """What it is, how far it is, what is the best, what went wrong, and what to do next."""
    story = mixed()
    now_us = story.clock.now_us() + 60_000_000
    lines = squeezed(status_lines(story.history, HOLDER, now_us=now_us, store="s3://b/ml"))
    assert lines == [
        "Sweep tune RUNNING",
        f"run {CUT}, spec {story.history.sweep.digest[:12]}",
        "least loss over C, model; random",
        "begun 2023-11-14T22:13:20Z, last written 1 min ago, coordinated by process 4242 on 'anvil'",
        "trials 2 complete, 1 pruned, 1 infeasible, 2 failed, 1 running, 1 queued",
        "budget trials 6 of 24, 18 left",
        "budget cost 3.50",
        "pace a trial every 30 s, about 9 min to go",
        "spent 14 s of workers' time in 7 attempts, 1.50 of the cost in vain",
        f"best loss 0.25 in trial 2, run {story.history.trials[2].run_id}",
        "C=12.5 model=kernel",
        "what went wrong, the latest first",
        "1x The worker is gone. (trial 6)",
        "2x ValueError: rows 4 are missing (trials 1, 3)",
        f"mlff sweep status {CUT} --watch --store s3://b/ml",
        f"mlff sweep stop {CUT} --store s3://b/ml",
    ]


def test_a_sweep_that_nobody_runs_is_interrupted_and_its_trials_cut_off(sweeps: Sweeps) -> None:
    """Nothing that is over is said to be running, and the next step is to resume it."""
    lines = sweeps.mlff_sweep("status", CUT)
    assert lines[0] == "Sweep tune INTERRUPTED"
    assert "trials 2 complete, 1 pruned, 1 infeasible, 2 failed, 1 cut off, 1 queued" in lines
    assert not [line for line in lines if line.startswith("pace")]
    assert lines[-1] == f"mlff sweep resume {CUT} --store {sweeps.store}"


def test_time_does_not_go_on_for_a_sweep_that_nobody_runs() -> None:
    """A night between two coordinators uses nothing of its budget."""
    story = Story(replace(SPEC, budget=Budget(wall_s=3600.0)))
    now_us = story.clock.now_us() + 1_800_000_000
    assert "budget time 1.0 s of 1 h, 59 min 59 s left" in squeezed(
        status_lines(story.history, None, now_us=now_us, store=None)
    )
    assert status_json(story.history, None, now_us=now_us)["budget"]["wall"]["used"] == 1.0
    assert status_json(story.history, HOLDER, now_us=now_us)["budget"]["wall"]["used"] == 1801.0


def test_a_finished_sweep_says_why_and_shows_its_front(sweeps: Sweeps) -> None:
    """Of several objectives nobody can name the one best trial."""
    lines = sweeps.mlff_sweep("status", DONE)
    assert lines[0] == "Sweep tune FINISHED: all 24 trials were tried"
    at = lines.index("no other trial is better in everything than")
    assert lines[at + 1 : at + 4] == [
        "trial 0 auc 0.5, size 100 (C=0.5 model=tree)",
        "trial 2 auc 0.6, size 300 (C=0.6 model=tree)",
        "trial 1 auc 0.9, size 2000 (C=0.9 model=tree)",
    ]
    assert lines[-2:] == [
        f"mlff sweep best {DONE} --store {sweeps.store}",
        f"mlff sweep plot {DONE} --store {sweeps.store}",
    ]


def test_a_sweep_that_was_stopped_is_neither_finished_nor_interrupted() -> None:
    """Somebody wanted it so, and it can be resumed."""
    story = Story()
    story.complete(0.5)
    story.enter(Ended(why=Ending.REQUESTED, sentence="ada asked it to stop", request=0))
    lines = status_lines(story.history, None, now_us=story.clock.now_us(), store=None)
    assert lines[0] == "Sweep tune  STOPPED: ada asked it to stop"
    assert lines[-1] == f"mlff sweep resume {CUT}"
    lines = status_lines(story.history, HOLDER, now_us=story.clock.now_us(), store=None)
    assert lines[0] == "Sweep tune  ENDING: ada asked it to stop", "its last trials are still running"


def test_machines_get_every_number() -> None:
    """Times in microseconds, durations in seconds, limits as null if there are none."""
    story = mixed()
    found = status_json(story.history, HOLDER, now_us=story.clock.now_us() + 2_000_000)
    assert found["state"] == "RUNNING"
    assert found["holder"] == {"host": "anvil", "pid": 4242}
    assert found["trials"] == {
        "queued": 1,
        "running": 1,
        "complete": 2,
        "pruned": 1,
        "infeasible": 1,
        "failed": 2,
    }
    assert found["budget"]["trials"] == {"used": 6, "limit": 24, "left": 18}
    assert found["budget"]["wall"] == {"used": 127.0, "limit": None, "left": None}
    assert found["best"]["values"] == {"loss": 0.25}
    assert found["best"]["params"] == {"C": 12.5, "model": "kernel"}
    assert found["ledger"] == {"attempts": 7, "seconds": 14.0, "cost": 3.5, "wasted": 1.5}
    assert found["running"] == [6]
    assert [each["trials"] for each in found["errors"]] == [[6], [1, 3]]
    assert found["front"] == []
    assert status_json(finished().history, None, now_us=0)["front"] == [0, 1, 2]
    assert status_json(finished().history, None, now_us=0)["ended"]["why"] == "trials"


def test_json_is_printed_for_any_sweep(sweeps: Sweeps) -> None:
    """A script asks as often as it likes."""
    found = sweeps.mlff("sweep", "status", CUT, "--json").json
    assert (found["run_id"], found["state"], found["holder"]) == (CUT, "INTERRUPTED", None)


def test_watching_is_for_people(sweeps: Sweeps) -> None:
    """Two forms of one answer are refused."""
    assert sweeps.mlff("sweep", "status", CUT, "--watch", "--json").code == 2


def test_watching_what_does_not_run_shows_it_and_ends(sweeps: Sweeps) -> None:
    """The exit code says how it stands."""
    done = sweeps.mlff("sweep", "status", DONE, "--watch")
    assert (done.code, done.out.splitlines()[-1]) == (0, "FINISHED: all 24 trials were tried")
    cut = sweeps.mlff("sweep", "status", CUT, "--watch")
    assert (cut.code, cut.out.splitlines()[-1]) == (1, "INTERRUPTED")


class _Busy(ManualClock):
    """A clock during whose sleeps the sweep goes on."""

    def __init__(self, *deeds: Callable[[], object]) -> None:
        super().__init__()
        self._deeds = list(deeds)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self._deeds:
            self._deeds.pop(0)()


class _Going:
    """A sweep that runs in this process, in a store of its own."""

    def __init__(self) -> None:
        self.store: BlobStore = MemoryBlobStore()
        self.story = Story()
        self._written = 0
        self._hold = Hold(self.store, CUT, token="0" * 16, clock=SystemClock(), ids=RandomIds())
        self._hold.__enter__()
        self.write()

    def write(self) -> None:
        """Write what is new of the story."""
        log = SweepLog(self.store, CUT)
        log.read()
        for batch in self.story.batches[self._written :]:
            log.append(batch.entries, clock=self.story.clock, token="0" * 16, elapsed_s=batch.elapsed_s)
        self._written = len(self.story.batches)

    def complete(self, value: float) -> None:
        """Let a trial end."""
        self.story.complete(value)
        self.write()

    def die(self) -> None:
        """Let the coordinator go, with the sweep as it is."""
        self._hold.__exit__()

    def close(self) -> None:
        """Let the sweep end, and its coordinator."""
        self.story.close()
        self.write()
        self._hold.__exit__()


def test_every_look_reads_what_is_new_until_it_is_over() -> None:
    """The last look shows the end."""
    going = _Going()
    clock = _Busy(lambda: going.complete(0.5), lambda: None, lambda: going.complete(0.25), going.close)
    with Tracker(going.store) as tracker:
        found = FoundSweep(tracker=tracker, history=read_history(going.store, CUT))
        seen = [
            (
                len(history.told_order),
                None if holder is None else (holder.host, holder.pid),
                history.is_closed,
            )
            for history, holder in looks(found, clock)
        ]
    here = (platform.node(), os.getpid())
    assert seen == [(0, here, False), (1, here, False), (1, here, False), (2, here, False), (2, here, True)]


def test_a_coordinator_that_dies_is_missed_within_seconds() -> None:
    """Its sweep is shown as interrupted, and the watching ends; it is not looked for at every look."""
    going = _Going()
    clock = _Busy(going.die)
    asked: list[float] = []

    class Counted(FoundSweep):
        """A sweep that notes when its coordinator is looked for."""

        def holder(self) -> Holder | None:
            """Look for it."""
            asked.append(clock.monotonic_s())
            return FoundSweep.holder(self)

    with Tracker(going.store) as tracker:
        states = list(looks(Counted(tracker=tracker, history=read_history(going.store, CUT)), clock))
    assert [holder is None for _, holder in states] == [False] * 5 + [True]
    assert asked[1] - asked[0] == 5.0


def test_a_sweep_that_ends_while_it_is_looked_at_has_not_been_interrupted() -> None:
    """Whether somebody runs it is asked first, so what was written last is read after that."""
    going = _Going()

    class Leaving(FoundSweep):
        """A sweep whose coordinator ends it and goes just before it is looked for."""

        def holder(self) -> Holder | None:
            """Close the sweep, and find nobody."""
            going.close()
            return None

    with Tracker(going.store) as tracker:
        found = Leaving(tracker=tracker, history=read_history(going.store, CUT))
        ((history, _),) = looks(found, ManualClock())
    assert history.is_closed


@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_sweep_is_watched_as_it_is_seen_when_it_runs_here(
    capsys: pytest.CaptureFixture[str], *, is_terminal: bool
) -> None:
    """Lines in a pipe, a picture on a terminal; both end with how it ended."""
    going = _Going()
    clock = _Busy(lambda: going.complete(0.5), going.close)
    console = Console(file=StringIO(), force_terminal=is_terminal, color_system=None, width=100)
    with Tracker(going.store) as tracker, console.capture() as picture:
        found = FoundSweep(tracker=tracker, history=read_history(going.store, CUT))
        states = looks(found, clock)
        history, _ = _draw(console, states, clock) if is_terminal else _print(states, clock)
    assert history.is_closed
    if is_terminal:
        assert "tune  FINISHED" in picture.get()
        assert "loss 0.5 in trial 0" in picture.get()
        return
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "trial 0 is the best so far: loss 0.5 (C=1 model=tree)"
    assert lines[-1] == "FINISHED: all 24 trials were tried"
