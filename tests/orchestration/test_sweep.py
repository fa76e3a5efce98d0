"""The coordinator: asked, told, killed and continued."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import Conflict, InvalidInput, StepFailed
from mlflowflow.gates.policy import Goal
from mlflowflow.orchestration.sweep import (
    Best,
    Coordinator,
    SweepLog,
    Tally,
    Trial,
    TrialEnd,
    TrialState,
    run_trials,
)
from mlflowflow.projects.space import FloatRange
from mlflowflow.projects.sweep_spec import Objective, Sampler, SweepSpec
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore

RUN_ID = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
SWEEP = SweepSpec(
    name="tune",
    entry_point="train",
    space=(FloatRange(name="x", low=-1.0, high=1.0),),
    objectives=(Objective(metric="loss", goal=Goal.MINIMIZE),),
    trials=12,
    sampler=Sampler(seed=5, startup=4),
    parallel=3,
    attempts=2,
)


class Killed(BaseException):
    """What `kill -9` is to a process, in a test."""


class InstantPool:
    """A pool whose trials end when waited for, with the loss (x - 0.3)²; numbers in `failing` fail once."""

    def __init__(self, *, failing: frozenset[int] = frozenset(), killed_after: int | None = None) -> None:
        """Kill the coordinator when `killed_after` trials have ended."""
        self.submitted: list[Trial] = []
        self._running: list[Trial] = []
        self._failing = set(failing)
        self._left = killed_after

    def submit(self, trial: Trial) -> None:
        """Take the trial."""
        self.submitted.append(trial)
        self._running.append(trial)

    def wait(self) -> list[TrialEnd]:
        """End the newest trial first, so that results come in another order than the asks."""
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Killed
        trial = self._running.pop()
        if trial.number in self._failing:
            self._failing.discard(trial.number)
            return [TrialEnd(trial=trial, error=StepFailed("train", "exited with code 1"))]
        return [TrialEnd(trial=trial, metrics={"loss": (float(trial.params["x"]) - 0.3) ** 2})]

    def cancel(self) -> list[Trial]:
        """Give up what runs."""
        running, self._running = self._running, []
        return running


def coordinator(store: BlobStore, sweep: SweepSpec = SWEEP, *, token: str = "one") -> Coordinator:
    """Open or continue the sweep run in `store`."""
    return Coordinator(sweep, run_id=RUN_ID, log=SweepLog(store, RUN_ID, token=token), fresh_seed=1)


def run(
    store: BlobStore, pool: InstantPool, sweep: SweepSpec = SWEEP
) -> tuple[Best, list[Tally], list[Trial]]:
    """Run the sweep to its end, collecting tallies and cut-off trials."""
    tallies: list[Tally] = []
    cut_off: list[Trial] = []
    best = run_trials(
        coordinator(store, sweep),
        pool,
        parallel=sweep.parallel,
        on_change=lambda tally, _end: tallies.append(tally),
        on_cut_off=cut_off.append,
    )
    return best, tallies, cut_off


def test_a_sweep_runs_all_its_trials_and_returns_the_best() -> None:
    """The best is the one whose value no other beats."""
    pool = InstantPool()
    best, tallies, _ = run(MemoryBlobStore(), pool)
    losses = {trial.number: (float(trial.params["x"]) - 0.3) ** 2 for trial in pool.submitted}
    assert (len(losses), tallies[-1].complete, tallies[-1].running) == (12, 12, 0)
    assert best.trial.number == min(losses, key=lambda number: losses[number])


def test_never_more_trials_run_than_allowed() -> None:
    """`parallel` bounds the load."""
    _, tallies, _ = run(MemoryBlobStore(), InstantPool())
    assert max(tally.running for tally in tallies) == SWEEP.parallel


@pytest.mark.parametrize("killed_after", range(0, 12, 3))
def test_a_killed_sweep_continues_as_if_nothing_had_happened(killed_after: int) -> None:
    """Every trial of the whole run has the parameters and the run id it would have had anyway."""
    undisturbed = InstantPool()
    run(MemoryBlobStore(), undisturbed)
    store = MemoryBlobStore()
    with pytest.raises(Killed):
        run(store, InstantPool(killed_after=killed_after))
    continued = InstantPool()
    run(store, continued)
    params = {trial.number: trial.params for trial in continued.submitted}
    again = {trial.number: trial.run_id for trial in continued.submitted}
    wanted = {trial.number: (trial.params, trial.run_id) for trial in undisturbed.submitted}
    in_flight = [number for number in params if number < killed_after + SWEEP.parallel]
    assert {number: (params[number], again[number]) for number in in_flight} == {
        number: wanted[number] for number in in_flight
    }


def test_a_finished_sweep_that_is_run_again_runs_nothing() -> None:
    """Its result is in its log."""
    store = MemoryBlobStore()
    first, _, _ = run(store, InstantPool())
    again = InstantPool()
    second, _, _ = run(store, again)
    assert (second.trial.run_id, again.submitted) == (first.trial.run_id, [])


def test_a_failed_attempt_is_repeated_with_the_same_run_and_parameters() -> None:
    """An attempt more is not a trial more."""
    pool = InstantPool(failing=frozenset({2}))
    _, tallies, _ = run(MemoryBlobStore(), pool)
    attempts = [trial for trial in pool.submitted if trial.number == 2]
    assert [trial.attempt for trial in attempts] == [1, 2]
    assert (attempts[0].run_id, attempts[0].params) == (attempts[1].run_id, attempts[1].params)
    assert tallies[-1].failed == 0


def test_a_trial_that_has_used_up_its_attempts_is_failed() -> None:
    """The sweep goes on without it."""
    once = dataclasses.replace(SWEEP, attempts=1)
    _, tallies, _ = run(MemoryBlobStore(), InstantPool(failing=frozenset({0, 3})), once)
    assert (tallies[-1].failed, tallies[-1].complete) == (2, 10)


def test_a_sweep_without_one_good_trial_fails_with_the_last_error() -> None:
    """There is no winner to hand on."""
    once = dataclasses.replace(SWEEP, attempts=1, trials=2)
    with pytest.raises(StepFailed, match="completed no trial"):
        run(MemoryBlobStore(), InstantPool(failing=frozenset({0, 1})), once)


def test_an_interrupted_sweep_names_the_trials_it_cut_off() -> None:
    """Their runs can be marked."""
    cut_off: list[Trial] = []
    with pytest.raises(Killed):
        run_trials(
            coordinator(MemoryBlobStore()),
            InstantPool(killed_after=2),
            parallel=3,
            on_change=lambda _tally, _end: None,
            on_cut_off=cut_off.append,
        )
    assert len(cut_off) == 3


def test_a_second_coordinator_fences_the_first() -> None:
    """Of two coordinators of one sweep run, the one that comes too late to append stops."""
    store = MemoryBlobStore()
    first = coordinator(store)
    second = coordinator(store, token="two")
    second.next_trial()
    with pytest.raises(Conflict, match="another process"):
        first.next_trial()


def test_a_sweep_that_has_changed_is_not_continued() -> None:
    """A log belongs to the spec it was written for."""
    store = MemoryBlobStore()
    coordinator(store)
    with pytest.raises(InvalidInput, match="has changed"):
        coordinator(store, dataclasses.replace(SWEEP, trials=13))


@pytest.mark.parametrize("metrics", [{}, {"loss": float("nan")}, {"other": 1.0}])
def test_a_trial_without_a_usable_objective_is_failed(metrics: dict[str, float]) -> None:
    """A missing metric and NaN are no values to compare."""
    sweep = coordinator(MemoryBlobStore())
    trial = sweep.next_trial()
    assert trial is not None
    assert sweep.finish(TrialEnd(trial=trial, metrics=metrics)) is TrialState.FAILED


def test_several_objectives_are_refused_with_a_sentence() -> None:
    """What is not there yet says so."""
    both = dataclasses.replace(
        SWEEP, objectives=(*SWEEP.objectives, Objective(metric="size", goal=Goal.MINIMIZE))
    )
    with pytest.raises(InvalidInput, match="exactly one"):
        coordinator(MemoryBlobStore(), both)
