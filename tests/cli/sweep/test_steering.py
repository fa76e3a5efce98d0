"""``mlff sweep stop | extend``."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import pytest

from mlflowflow.cli.sweep.amounts import Amount
from mlflowflow.cli.sweep.steering import larger
from mlflowflow.clock import ManualClock, SystemClock
from mlflowflow.errors import InvalidInput, InvalidState
from mlflowflow.ids import RandomIds
from mlflowflow.projects.sweep_spec import Budget
from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.entry import Ended, Ending, Extended
from mlflowflow.sweeps.holder import Hold
from mlflowflow.sweeps.log import SweepLog
from mlflowflow.sweeps.requests import Extend, Requests, Stop
from mlflowflow.sweeps.standing import Limit
from tests.cli.sweep.conftest import CUT, DONE
from tests.sweeps.stories import SPEC, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.sweeps.entry import Entry
    from tests.cli.sweep.conftest import Sweeps


class _Follower:
    """A process that coordinates a sweep and does nothing but follow what is asked of it."""

    def __init__(self, store: BlobStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._over = threading.Event()
        self._hold = Hold(store, run_id, token="0" * 16, clock=SystemClock(), ids=RandomIds())
        self._thread = threading.Thread(target=self._follow)
        self.asked: list[Stop | Extend] = []

    def __enter__(self) -> Self:
        self._hold.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._hold.__exit__()

    def _follow(self) -> None:
        log, requests = SweepLog(self._store, self._run_id), Requests(self._store, self._run_id)
        log.read()
        while not self._over.wait(0.02):
            for number, request in enumerate(requests.after(len(self.asked)), len(self.asked)):
                self.asked.append(request)
                log.append([_entry(request, number)], clock=ManualClock(), token="0" * 16, elapsed_s=1.0)


def _entry(request: Stop | Extend, number: int) -> Entry:
    if isinstance(request, Stop):
        return Ended(why=Ending.REQUESTED, sentence="ada asked it to stop", request=number)
    return Extended(request=number, trials=request.trials)


@pytest.fixture
def follower(own_sweeps: Sweeps) -> Iterator[_Follower]:
    """Let somebody coordinate the interrupted sweep."""
    with _Follower(open_store(own_sweeps.store), CUT) as running:
        yield running


def sent(sweeps: Sweeps, run_id: str) -> list[Stop | Extend]:
    """Return what was asked of a sweep."""
    return Requests(open_store(sweeps.store), run_id).after(0)


def test_a_stop_reaches_whoever_runs_the_sweep(own_sweeps: Sweeps, follower: _Follower) -> None:
    """The command says that it is followed, and what still runs."""
    assert own_sweeps.mlff_sweep("stop", CUT) == [
        f"It starts no more trials; 1 is still running. 'mlff sweep resume {CUT}' goes on with it."
    ]
    assert follower.asked == [Stop(now=False, by="ada")]


def test_a_stop_may_be_meant_for_what_runs_too(own_sweeps: Sweeps, follower: _Follower) -> None:
    """And machines learn whether it was followed."""
    found = own_sweeps.mlff("sweep", "stop", CUT, "--now", "--json").json
    assert (found["run_id"], found["followed"]) == (CUT, True)
    assert follower.asked == [Stop(now=True, by="ada")]


@pytest.mark.parametrize("run_id", [CUT, DONE])
def test_what_nobody_runs_is_not_stopped(own_sweeps: Sweeps, run_id: str) -> None:
    """Nothing is left behind that would stop the sweep when it is resumed."""
    assert own_sweeps.mlff_sweep("stop", run_id) == [
        f"Nobody runs the sweep '{run_id}' now, so there is nothing to stop."
    ]
    assert sent(own_sweeps, run_id) == []


def test_a_sweep_that_runs_is_extended_where_it_runs(own_sweeps: Sweeps, follower: _Follower) -> None:
    """A number with a plus is added to the budget."""
    assert own_sweeps.mlff_sweep("extend", CUT, "--trials", "+6") == [
        f"The sweep '{CUT}' may use 30 trials in all."
    ]
    assert follower.asked == [Extend(trials=30, by="ada")]


def test_a_finished_sweep_is_opened_again_and_says_how_to_go_on(own_sweeps: Sweeps) -> None:
    """The request waits for whoever resumes it."""
    assert own_sweeps.mlff_sweep("extend", DONE, "--trials", "40") == [
        (
            f"The sweep '{DONE}' may use 40 trials in all. Nobody runs it now; 'mlff sweep resume {DONE}' goes on "
            "with it."
        )
    ]
    assert sent(own_sweeps, DONE) == [Extend(trials=40, by="ada")]


def test_a_second_extension_is_added_to_the_first(own_sweeps: Sweeps) -> None:
    """Also if nobody has followed that one yet."""
    own_sweeps.mlff_sweep("extend", DONE, "--trials", "+10")
    own_sweeps.mlff_sweep("extend", DONE, "--trials", "+10")
    assert sent(own_sweeps, DONE) == [Extend(trials=34, by="ada"), Extend(trials=44, by="ada")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Say what it may use: --trials, --wall, --cost or --failed-trials."),
        (
            ("--trials", "24"),
            "may use 24 trials in all already; give more than that, or +24 for so much more.",
        ),
        (("--trials", "3"), "give more than that, or +3 for so much more."),
        (("--wall", "1h"), "has no limit of time, so there is nothing to extend."),
        (("--trials", "many"), "'many' cannot be the trials; expected a whole number above 0."),
    ],
)
def test_what_extends_nothing_is_refused(
    own_sweeps: Sweeps, *, arguments: tuple[str, ...], sentence: str
) -> None:
    """Exit code 2, and nothing is asked of anybody."""
    answer = own_sweeps.mlff("sweep", "extend", DONE, *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert sent(own_sweeps, DONE) == []


def test_several_limits_are_extended_together() -> None:
    """Each by its own amount."""
    history = Story(replace(SPEC, budget=Budget(trials=24, wall_s=60.0, failed_trials=3))).history
    present = {Limit.TRIALS: 24.0, Limit.WALL: 60.0, Limit.COST: None, Limit.FAILED_TRIALS: 3.0}
    wanted = {Limit.WALL: Amount(value=60.0, is_more=True), Limit.FAILED_TRIALS: Amount(value=9)}
    assert larger(history, wanted, present=present) == {Limit.WALL: 120.0, Limit.FAILED_TRIALS: 9}
    with pytest.raises(InvalidInput, match="no limit of cost"):
        larger(history, {Limit.COST: Amount(value=1)}, present=present)


@pytest.mark.parametrize("why", [Ending.TARGET, Ending.NO_IMPROVEMENT, Ending.EXHAUSTED])
def test_a_sweep_that_its_results_ended_is_not_extended(why: Ending) -> None:
    """It would end again at once."""
    story = Story().close(why, "trial 3 has reached the target")
    with pytest.raises(
        InvalidState, match="because trial 3 has reached the target; a larger budget does not"
    ):
        larger(story.history, {Limit.TRIALS: Amount(value=99)}, present={Limit.TRIALS: 24})
