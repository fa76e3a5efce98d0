"""Whatever happens to workers, coordinators and the store, a sweep comes to its end and did nothing twice."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import Conflict, StoreError
from mlflowflow.ids import SequentialIds
from mlflowflow.projects.sweep_spec import (
    Budget,
    Pruner,
    PrunerName,
    Resources,
    Sampler,
    SamplerName,
    TrialPolicy,
)
from mlflowflow.projects.sweep_spec import Stop as StopRule
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.entry import Ending
from mlflowflow.sweeps.log import SweepLog, read_history
from mlflowflow.sweeps.pool import News
from mlflowflow.sweeps.replay import replay
from mlflowflow.sweeps.requests import Extend, Requests, Stop
from mlflowflow.sweeps.trial import Outcome, Report, Trial, TrialState
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from tests.sweeps.examples import RUN_ID, sweep_of
from tests.sweeps.simulated import SimulatedPool, World, run_in

if TYPE_CHECKING:
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.running import Turn

TPE = sweep_of(
    budget=Budget(trials=15),
    parallel=3,
    sampler=Sampler(name=SamplerName.TPE, seed=5, startup=5),
    trial=TrialPolicy(attempts=20, retry_on=("worker_lost", "OSError")),
)


def _demand_sound(history: SweepHistory, world: World, sweep: SweepSpec) -> None:
    """Hold a finished sweep against every promise."""
    assert history.is_closed
    assert [each.number for each in history.trials] == list(range(len(history.trials)))
    assert all(each.state.is_final for each in history.trials)
    assert sweep.budget.trials is None or len(history.trials) <= sweep.budget.trials
    for trial in history.trials:
        made = world.executed.get(trial.number, [])
        assert all(params == trial.params for _, params in made)
        attempts = [number for number, _ in made]
        assert attempts == sorted(set(attempts))
        settled = [
            each.number for each in trial.attempts if each.outcome in {Outcome.COMPLETED, Outcome.PRUNED}
        ]
        assert len(settled) <= 1
        assert settled == [] or settled[0] >= attempts[-1]
    assert world.most_running <= sweep.parallel


@pytest.mark.parametrize("seed", range(8))
def test_lost_workers_and_errors_lose_no_trial(seed: int) -> None:
    """Each is attempted again until it completes, with the same parameters."""
    store, world = MemoryBlobStore(), World(random=random.Random(seed), lost=0.2, failing=0.1, repeated=0.1)
    history = run_in(world, store, TPE)
    _demand_sound(history, world, TPE)
    assert history.count(TrialState.COMPLETE) == 15
    assert read_history(store, RUN_ID).trials == history.trials
    assert replay(SweepLog(store, RUN_ID).read()).differences == ()


def test_what_runs_was_written_before() -> None:
    """Whoever reads the log finds every attempt that a worker was ever given."""
    store = MemoryBlobStore()

    def demand_written(trial: Trial) -> None:
        record = read_history(store, RUN_ID).trials[trial.number]
        assert (record.params, record.attempts[-1].number) == (trial.params, trial.attempt)
        assert record.state is TrialState.RUNNING

    run_in(World(random=random.Random(0), lost=0.2, on_submit=demand_written), store, TPE)


def _until_it_ends(
    store: MemoryBlobStore, world: World, sweep: SweepSpec, faults: FaultyBlobStore
) -> SweepHistory:
    """Start coordinators, the first on the failing store, until one comes to the end."""
    try:
        return run_in(world, faults, sweep, token="first")
    except (StoreError, Conflict):
        faults.settle()
    try:
        return run_in(world, store, sweep, token="second")
    except Conflict:  # a late write of the first came between
        return run_in(world, store, sweep, token="third")


@pytest.mark.parametrize(
    "fault", [Fault.UNAVAILABLE, Fault.LOST_ANSWER, Fault.LATE, Fault.TWICE, Fault.HANGING]
)
def test_a_fault_at_any_call_to_the_store(fault: Fault) -> None:
    """The next coordinator goes on; nothing is tried twice that came to a result."""
    sweep = sweep_of(budget=Budget(trials=5), parallel=2, trial=TrialPolicy(attempts=9))
    for number in itertools.count(1):
        store, world = MemoryBlobStore(), World(random=random.Random(number), lost=0.2)
        faulty = FaultyBlobStore(store, {number: fault})
        history = _until_it_ends(store, world, sweep, faulty)
        _demand_sound(history, world, sweep)
        assert read_history(store, RUN_ID).is_closed
        if len(faulty.calls) < number:
            break


class _Quick(SimulatedPool):
    """A pool whose trials are so quick that their points come in together with their end."""

    def wait(self, timeout_s: float) -> News:
        news = super().wait(timeout_s)
        points = [
            Report(
                number=end.trial.number, attempt=end.attempt, step=step, value=end.metrics["loss"] + 1 / step
            )
            for end in news.ends
            for step in (1, 2, 3)
        ]
        return News(ends=news.ends, reports=tuple(points))

    def prune(self, number: int) -> None:
        raise AssertionError(number)  # it has ended


def test_points_that_come_with_the_end_count() -> None:
    """Also of a quick trial the curve is kept, and sets the bar for others; what has ended is not pruned."""
    store, world = MemoryBlobStore(), World(random=random.Random(3))
    sweep = sweep_of(
        budget=Budget(trials=12), parallel=3, pruner=Pruner(name=PrunerName.MEDIAN, startup=2, warmup=0)
    )
    history = run_in(world, store, sweep, pool=_Quick(world))
    assert [len(each.points) for each in history.trials].count(3) >= 6
    assert any(each.prune_step is not None for each in history.trials)
    assert history.count(TrialState.COMPLETE) == 12
    assert replay(SweepLog(store, RUN_ID).read()).differences == ()


@pytest.mark.parametrize("now", [False, True])
def test_a_stop_that_comes_after_the_end_is_no_reason_to_go_on_later(*, now: bool) -> None:
    """The sweep has reached its target; stopping what still runs does not open it for more trials."""
    store, world = MemoryBlobStore(), World(random=random.Random(1))
    sweep = sweep_of(budget=Budget(trials=30), parallel=3, stop=StopRule(target={"loss": 0.2}))

    def stop(turn: Turn) -> None:
        if turn.history.ended is not None and turn.history.requests == 0:
            Requests(store, RUN_ID).send(Stop(now=now), ids=SequentialIds())

    history = run_in(world, store, sweep, watch=stop)
    asked = len(history.trials)
    assert history.is_closed
    Requests(store, RUN_ID).send(Stop(now=now), ids=SequentialIds())
    again = run_in(world, store, sweep, token="two")
    assert again.requests >= 1
    assert again.ended is not None
    assert (again.ended.why, len(again.trials)) == (Ending.TARGET, asked)


def test_a_stop_of_a_sweep_that_is_closed_does_not_say_that_it_was_stopped() -> None:
    """It came too late: all trials were tried."""
    store, world = MemoryBlobStore(), World(random=random.Random(1))
    run_in(world, store, sweep_of())
    Requests(store, RUN_ID).send(Stop(), ids=SequentialIds())
    again = run_in(world, store, sweep_of(), token="two")
    assert again.ended is not None
    assert (again.requests, again.is_closed, again.ended.why) == (1, True, Ending.TRIALS)


def test_an_extension_that_comes_with_a_stop_has_the_last_word() -> None:
    """Both are followed in one turn, and the sweep goes on to its new end."""
    store, world = MemoryBlobStore(), World(random=random.Random(1))
    requests, ids = Requests(store, RUN_ID), SequentialIds()

    def ask(turn: Turn) -> None:
        if turn.ends and requests.after(0) == []:
            requests.send(Stop(now=True), ids=ids)
            requests.send(Extend(trials=6), ids=ids)

    history = run_in(world, store, sweep_of(budget=Budget(trials=5), parallel=2), watch=ask)
    assert (history.requests, history.is_closed, len(history.trials)) == (2, True, 6)


class _Killed(BaseException):
    """The coordinator's process is gone: nothing more is written, nobody is told."""


@pytest.mark.parametrize("seed", range(12))
def test_coordinators_that_die_at_any_turn(seed: int) -> None:
    """Whoever comes next goes on, and the suggestions are those of a log that replays."""
    dice = random.Random(seed)
    store, world = MemoryBlobStore(), World(random=random.Random(seed + 100), lost=0.1)

    def die(_turn: Turn) -> None:
        if dice.random() < 0.15:
            raise _Killed

    def outlive(number: int) -> SweepHistory:
        try:
            return run_in(world, store, TPE, token=f"c{number}", watch=die)
        except _Killed:
            return outlive(number + 1)

    history = outlive(0)
    _demand_sound(history, world, TPE)
    assert history.count(TrialState.COMPLETE) == 15
    assert replay(SweepLog(store, RUN_ID).read()).differences == ()


def test_being_interrupted_marks_what_was_cut_off() -> None:
    """Each attempt in flight is cancelled, its run can be marked, and it is tried again later."""
    store, world = MemoryBlobStore(), World(random=random.Random(1))
    cut_off: list[Trial] = []

    def interrupt(turn: Turn) -> None:
        if turn.ends:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_in(world, store, TPE, watch=interrupt, cut_off=cut_off)
    assert [each.number for each in cut_off] == [0, 1, 2][: len(cut_off)] or len(cut_off) == 3
    assert read_history(store, RUN_ID).count(TrialState.RUNNING) == 0
    _demand_sound(run_in(world, store, TPE, token="two"), world, TPE)


def test_a_second_coordinator_ends_the_first() -> None:
    """The first learns of it at its next write, cancels what it runs, and touches no run."""
    store, world = MemoryBlobStore(), World(random=random.Random(2))
    cut_off: list[Trial] = []
    other: list[SweepHistory] = []

    def usurp(_turn: Turn) -> None:
        if not other:
            other.append(run_in(World(random=random.Random(3)), store, TPE, token="two"))

    with pytest.raises(Conflict, match="another process"):
        run_in(world, store, TPE, watch=usurp, cut_off=cut_off)
    assert cut_off == []
    assert read_history(store, RUN_ID).trials == other[0].trials


def test_a_second_resume_does_nothing() -> None:
    """The log is as it was, and no trial is run."""
    store, world = MemoryBlobStore(), World(random=random.Random(4))
    run_in(world, store, TPE)
    keys = sorted(each.key for each in store.list(""))
    executed = {number: list(made) for number, made in world.executed.items()}
    history = run_in(world, store, TPE, token="two")
    assert history.is_closed
    assert sorted(each.key for each in store.list("")) == keys
    assert world.executed == executed


@pytest.mark.parametrize("now", [False, True])
def test_a_running_sweep_is_stopped(*, now: bool) -> None:
    """Within a second or so; what runs ends by itself, or is cut off if that was asked."""
    store, world = MemoryBlobStore(), World(random=random.Random(5))
    cut_off: list[Trial] = []
    asked: list[int] = []

    def ask(turn: Turn) -> None:
        if turn.ends and not asked:
            asked.append(Requests(store, RUN_ID).send(Stop(now=now, by="ann"), ids=SequentialIds()))

    history = run_in(world, store, TPE, watch=ask, cut_off=cut_off)
    assert history.ended is not None
    assert history.ended.why is Ending.REQUESTED
    assert not history.is_closed
    assert history.count(TrialState.RUNNING) == 0
    assert len(history.trials) < 15
    assert bool(cut_off) is now
    _demand_sound(run_in(world, store, TPE, token="two"), world, TPE)


def test_a_finished_sweep_is_extended() -> None:
    """A request to a sweep that nobody coordinates waits for the next who does."""
    store, world = MemoryBlobStore(), World(random=random.Random(6))
    run_in(world, store, TPE)
    Requests(store, RUN_ID).send(Extend(trials=20), ids=SequentialIds())
    history = run_in(world, store, TPE, token="two")
    assert (len(history.trials), history.is_closed) == (20, True)
    assert replay(SweepLog(store, RUN_ID).read()).differences == ()


@pytest.mark.parametrize("seed", range(5))
def test_a_budget_of_money_is_kept(seed: int) -> None:
    """It is overrun by no more than what was in flight when nothing was known of the price."""
    priced = TrialPolicy(resources=Resources(name="gpu", price_per_hour=3600.0), attempts=9)
    sweep = sweep_of(budget=Budget(cost=12.0), parallel=3, trial=priced)
    store, world = MemoryBlobStore(), World(random=random.Random(seed), lost=0.2)
    history = run_in(world, store, sweep)
    assert history.cost <= 12.0 + 3.0
    assert history.ended is not None
    assert history.ended.why is Ending.COST
    assert history.count(TrialState.QUEUED, TrialState.RUNNING) == 0


def test_pruned_trials_end_early() -> None:
    """Points reach the judge, its decision reaches the pool, and the trial is pruned."""
    sweep = sweep_of(budget=Budget(trials=20), parallel=2, pruner=Pruner(name=PrunerName.MEDIAN, startup=3))
    store, world = MemoryBlobStore(), World(random=random.Random(7), epochs=5)
    history = run_in(world, store, sweep)
    _demand_sound(history, world, sweep)
    assert history.count(TrialState.PRUNED) > 3
    assert all(each.prune_step for each in history.trials if each.state is TrialState.PRUNED)
    assert replay(SweepLog(store, RUN_ID).read()).differences == ()
