"""What a coordinator decides, one decision at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import Conflict, InvalidInput
from mlflowflow.projects.space import Choice
from mlflowflow.projects.sweep_spec import (
    Budget,
    Dedupe,
    OnPrune,
    Pruner,
    PrunerName,
    Resources,
    Sampler,
    SamplerName,
    Stop,
    TrialPolicy,
)
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.coordinator import Coordinator
from mlflowflow.sweeps.entry import Ending, Opened, Origin
from mlflowflow.sweeps.log import SweepLog, read_history
from mlflowflow.sweeps.requests import Extend
from mlflowflow.sweeps.requests import Stop as StopRequest
from mlflowflow.sweeps.trial import Outcome, Report, Trial, TrialEnd, TrialState
from tests.sweeps.examples import RUN_ID, sweep_of
from tests.sweeps.simulated import coordinator_of


def _end(
    trial: Trial, outcome: Outcome = Outcome.COMPLETED, *, attempt: int | None = None, **metrics: float
) -> TrialEnd:
    return TrialEnd(
        trial=trial,
        outcome=outcome,
        attempt=trial.attempt if attempt is None else attempt,
        metrics=metrics or {"loss": 0.5},
        seconds=2.0,
        error="" if outcome is Outcome.COMPLETED else "it broke",
        error_class="OSError" if outcome is Outcome.ERROR else "",
    )


def _next(coordinator: Coordinator) -> Trial:
    trial = coordinator.next_trial()
    assert trial is not None
    return trial


def _why(coordinator: Coordinator) -> Ending | None:
    ended = coordinator.history.ended
    return None if ended is None else ended.why


def test_a_sweep_without_a_number_of_trials_ends_when_all_results_are_known() -> None:
    """Taking them over costs no time, and it would do so until the hour is over, deaf to all requests."""
    space = (Choice(name="x", options=(1, 2)),)
    sweep = sweep_of(space=space, budget=Budget(wall_s=3600.0), dedupe=Dedupe.REUSE_RESULT)
    clock = ManualClock()
    coordinator = coordinator_of(MemoryBlobStore(), sweep, clock=clock)
    tried = 0
    while (trial := coordinator.next_trial()) is not None:
        coordinator.finish(_end(trial))
        tried += 1
        if len(coordinator.history.trials) > 1_000:
            clock.advance(3600.0)
    assert (tried, _why(coordinator)) == (2, Ending.EXHAUSTED)
    coordinator.close()
    assert coordinator.history.is_closed


def test_nothing_is_written_before_commit() -> None:
    """And then everything that was decided is one object."""
    store = MemoryBlobStore()
    coordinator = coordinator_of(store, sweep_of())
    _next(coordinator)
    assert list(store.list("sweeps/")) == []
    coordinator.commit()
    assert len(list(store.list("sweeps/"))) == 1
    assert read_history(store, RUN_ID).trials == coordinator.history.trials


def test_another_coordinator_goes_on_with_the_same_trials() -> None:
    """What was in flight is attempted again: the same run, the same parameters, another attempt."""
    store = MemoryBlobStore()
    first = coordinator_of(store, sweep_of())
    one, two = _next(first), _next(first)
    first.finish(_end(one))
    first.commit()
    second = coordinator_of(store, sweep_of(), token="two")
    again = _next(second)
    assert (again.number, again.run_id, again.params, again.attempt) == (1, two.run_id, two.params, 2)
    assert _next(second).number == 2
    second.commit()
    first.finish(_end(two))
    with pytest.raises(Conflict):
        first.commit()


def test_suggestions_do_not_depend_on_interruptions() -> None:
    """Results being equal, a sweep that was resumed after every trial tries what it would have tried."""
    sweep = sweep_of(budget=Budget(trials=12), sampler=Sampler(name=SamplerName.TPE, seed=3, startup=4))
    whole, parts = MemoryBlobStore(), MemoryBlobStore()
    coordinator = coordinator_of(whole, sweep)
    while (trial := coordinator.next_trial()) is not None:
        coordinator.finish(_end(trial, loss=float(trial.params["x"])))
    for _ in range(12):
        resumed = coordinator_of(parts, sweep)
        trial = _next(resumed)
        resumed.finish(_end(trial, loss=float(trial.params["x"])))
        resumed.commit()
    found = read_history(parts, RUN_ID)
    assert [each.params for each in found.trials] == [each.params for each in coordinator.history.trials]


def test_a_log_of_another_spec_is_refused() -> None:
    """The sweep has changed since: going on would mix two."""
    store = MemoryBlobStore()
    coordinator_of(store, sweep_of()).commit()
    with pytest.raises(InvalidInput, match="has changed since"):
        coordinator_of(store, sweep_of(parallel=2))


@pytest.mark.parametrize(
    ("retry_on", "outcome", "again"),
    [
        (("worker_lost",), Outcome.WORKER_LOST, True),
        (("worker_lost",), Outcome.ERROR, False),
        (("worker_lost",), Outcome.TIMEOUT, False),
        (("timeout",), Outcome.TIMEOUT, True),
        (("OSError",), Outcome.ERROR, True),
        (("ValueError",), Outcome.ERROR, False),
        (("error",), Outcome.ERROR, True),
        (("error",), Outcome.TIMEOUT, True),
        ((), Outcome.WORKER_LOST, False),
    ],
)
def test_what_is_attempted_again(retry_on: tuple[str, ...], outcome: Outcome, *, again: bool) -> None:
    """What the policy names, up to its number of attempts."""
    coordinator = coordinator_of(
        MemoryBlobStore(), sweep_of(trial=TrialPolicy(attempts=2, retry_on=retry_on))
    )
    trial = _next(coordinator)
    state = coordinator.finish(_end(trial, outcome))
    assert state is (TrialState.QUEUED if again else TrialState.FAILED)
    if again:
        second = _next(coordinator)
        assert (second.number, second.attempt) == (0, 2)
        assert coordinator.finish(_end(second, outcome)) is TrialState.FAILED


def test_being_cut_off_costs_no_attempt() -> None:
    """A trial that was cancelled with its sweep is not to blame."""
    coordinator = coordinator_of(MemoryBlobStore(), sweep_of(trial=TrialPolicy(attempts=1, retry_on=())))
    coordinator.cut_off(_next(coordinator))
    assert _next(coordinator).attempt == 2


def test_attempts_that_dask_repeated_are_counted() -> None:
    """The end says which attempt it was; those before were lost with their workers."""
    coordinator = coordinator_of(MemoryBlobStore(), sweep_of())
    coordinator.finish(_end(_next(coordinator), attempt=3))
    (trial,) = coordinator.history.trials
    assert [(each.number, each.outcome) for each in trial.attempts] == [
        (1, Outcome.WORKER_LOST),
        (2, Outcome.WORKER_LOST),
        (3, Outcome.COMPLETED),
    ]
    assert (trial.state, trial.seconds) == (TrialState.COMPLETE, 2.0)


def test_where_an_attempt_ran_is_written_down() -> None:
    """Whoever reads the log knows it, too; of those that Dask repeated nobody does."""
    store = MemoryBlobStore()
    coordinator = coordinator_of(store, sweep_of())
    coordinator.finish(replace(_end(_next(coordinator), attempt=2), worker="tcp://10.0.0.1:41"))
    coordinator.commit()
    (trial,) = read_history(store, RUN_ID).trials
    assert [each.worker for each in trial.attempts] == ["", "tcp://10.0.0.1:41"]


def test_an_end_counts_once() -> None:
    """A second end of the same trial changes nothing, whatever it says."""
    coordinator = coordinator_of(MemoryBlobStore(), sweep_of())
    trial = _next(coordinator)
    coordinator.finish(_end(trial, loss=0.5))
    assert coordinator.finish(_end(trial, loss=0.1)) is TrialState.COMPLETE
    assert coordinator.history.trials[0].values == (0.5,)


def test_known_results_are_taken_over() -> None:
    """With `dedupe`, parameters that were tried before are told and not run; each counts as a trial."""
    sweep = sweep_of(
        space=(Choice(name="x", options=(0.0, 1.0)),), dedupe=Dedupe.REUSE_RESULT, budget=Budget(trials=12)
    )
    coordinator = coordinator_of(MemoryBlobStore(), sweep)
    run = 0
    while (trial := coordinator.next_trial()) is not None:
        run += 1
        coordinator.finish(_end(trial, loss=float(trial.params["x"])))
    history = coordinator.history
    assert (run, len(history.trials)) == (2, 12)
    assert all(each.values == (each.params["x"],) for each in history.trials)
    assert sum(each.same_as is not None for each in history.trials) == 10


def test_equal_numbers_of_two_types_are_two_parameters() -> None:
    """1 and 1.0 print differently on a command line, so one's result is not the other's."""
    sweep = sweep_of(
        space=(Choice(name="x", options=(1, "1")),),
        sampler=Sampler(name=SamplerName.GRID),
        dedupe=Dedupe.REUSE_RESULT,
    )
    coordinator = coordinator_of(MemoryBlobStore(), sweep)
    for expected in (1, "1"):
        trial = _next(coordinator)
        assert trial.params["x"] == expected
        coordinator.finish(_end(trial))


def test_starting_points_come_first() -> None:
    """What they do not name the sampler adds, and the log says where they came from."""
    store = MemoryBlobStore()
    coordinator = Coordinator(
        SweepLog(store, RUN_ID),
        Opened(sweep=sweep_of(), seed=7, start=({"x": 0.25},)),
        run_id=RUN_ID,
        clock=ManualClock(),
        token="t",
    )
    assert _next(coordinator).params == {"x": 0.25}
    assert _next(coordinator).params != {"x": 0.25}
    assert [each.origin for each in coordinator.history.trials] == [Origin.START, Origin.SAMPLER]


def _pruned(on_prune: OnPrune) -> tuple[Coordinator, list[int]]:
    """Return a sweep in which trial 1 reports worse than trial 0 did, and which trials are to be ended."""
    pruner = Pruner(name=PrunerName.MEDIAN, startup=1, warmup=0)
    coordinator = coordinator_of(
        MemoryBlobStore(), sweep_of(pruner=pruner, trial=TrialPolicy(on_prune=on_prune))
    )
    good, bad = _next(coordinator), _next(coordinator)
    coordinator.report([Report(number=0, attempt=1, step=1, value=0.1)])
    coordinator.finish(_end(good, loss=0.1))
    assert bad.number == 1
    return coordinator, coordinator.report([Report(number=1, attempt=1, step=1, value=0.9)])


def test_a_trial_that_falls_behind_is_ended() -> None:
    """Once: later points of it are not weighed."""
    coordinator, ended = _pruned(OnPrune.SIGNAL)
    assert ended == [1]
    assert coordinator.report([Report(number=1, attempt=1, step=2, value=0.9)]) == []
    assert (
        coordinator.finish(_end(Trial(number=1, run_id="", params={}), Outcome.PRUNED)) is TrialState.PRUNED
    )
    assert (coordinator.history.trials[1].prune_step, coordinator.history.trials[1].points) == (1, [(1, 0.9)])


def test_pruning_may_only_be_recorded() -> None:
    """With `never` the decision is written down and the trial goes on."""
    coordinator, ended = _pruned(OnPrune.NEVER)
    assert ended == []
    assert coordinator.history.trials[1].prune_step == 1
    assert coordinator.finish(_end(Trial(number=1, run_id="", params={}))) is TrialState.COMPLETE


def test_points_of_a_lost_attempt_count_for_nothing() -> None:
    """They may arrive late; the trial runs again since."""
    coordinator, _ = _pruned(OnPrune.SIGNAL)
    coordinator.finish(_end(Trial(number=1, run_id="", params={}), Outcome.WORKER_LOST))
    assert _next(coordinator).attempt == 2
    assert coordinator.report([Report(number=1, attempt=1, step=3, value=0.9)]) == []
    assert coordinator.history.trials[1].points == []


def test_a_target_ends_it() -> None:
    """Nothing new is started, and what was to be attempted again is settled."""
    coordinator = coordinator_of(MemoryBlobStore(), sweep_of(stop=Stop(target={"loss": 0.3})))
    good, lost = _next(coordinator), _next(coordinator)
    coordinator.finish(_end(lost, Outcome.WORKER_LOST))
    coordinator.finish(_end(good, loss=0.2))
    assert coordinator.next_trial() is None
    coordinator.close()
    history = coordinator.history
    assert _why(coordinator) is Ending.TARGET
    assert [each.state for each in history.trials] == [TrialState.COMPLETE, TrialState.FAILED]
    assert history.is_closed


def test_the_last_trial_still_gets_its_attempts() -> None:
    """All trials were asked for, which is no reason not to attempt one again."""
    coordinator = coordinator_of(MemoryBlobStore(), sweep_of(budget=Budget(trials=1)))
    first = _next(coordinator)
    assert coordinator.next_trial() is None
    coordinator.finish(_end(first, Outcome.WORKER_LOST))
    assert _next(coordinator).attempt == 2


def test_money_holds_back_while_trials_run() -> None:
    """What is in flight is expected to cost as much as others did; the sweep ends when nothing more fits."""
    priced = TrialPolicy(resources=Resources(name="gpu", price_per_hour=3600.0))
    coordinator = coordinator_of(MemoryBlobStore(), sweep_of(budget=Budget(cost=5.0), trial=priced))
    coordinator.finish(_end(_next(coordinator)))  # two seconds
    running = _next(coordinator)
    assert coordinator.next_trial() is None
    assert _why(coordinator) is None
    coordinator.finish(_end(running))
    assert coordinator.next_trial() is None
    coordinator.close()
    assert (_why(coordinator), coordinator.history.cost) == (Ending.COST, 4.0)


def test_time_counts_while_somebody_coordinates() -> None:
    """Not between the end of one coordinator and the start of the next."""
    store, clock = MemoryBlobStore(), ManualClock()
    sweep = sweep_of(budget=Budget(wall_s=60.0))
    first = coordinator_of(store, sweep, clock=clock)
    clock.advance(40.0)
    first.finish(_end(_next(first)))
    first.commit()
    clock.advance(1000.0)
    second = coordinator_of(store, sweep, clock=clock, token="two")
    assert second.elapsed_s == pytest.approx(40.0)
    clock.advance(19.0)
    assert second.next_trial() is not None
    clock.advance(1.0)
    assert second.next_trial() is None


def test_a_stop_leaves_the_sweep_open() -> None:
    """Nothing is started any more; the next coordinator goes on as if nothing had been."""
    store = MemoryBlobStore()
    coordinator = coordinator_of(store, sweep_of())
    running = _next(coordinator)
    assert coordinator.follow(StopRequest(by="ann")) is False
    assert coordinator.next_trial() is None
    coordinator.finish(_end(running))
    coordinator.close()
    coordinator.commit()
    stopped = read_history(store, RUN_ID)
    assert stopped.ended is not None
    assert (stopped.ended.sentence, stopped.is_closed, stopped.requests) == ("ann asked it to stop", False, 1)
    assert _next(coordinator_of(store, sweep_of(), token="two")).number == 1


def test_an_extension_reopens_a_closed_sweep() -> None:
    """With a new epoch: whoever closed it may not write any more."""
    store = MemoryBlobStore()
    sweep = sweep_of(budget=Budget(trials=1))
    first = coordinator_of(store, sweep)
    first.finish(_end(_next(first)))
    assert first.next_trial() is None
    first.close()
    first.commit()
    second = coordinator_of(store, sweep, token="two")
    assert second.next_trial() is None
    assert second.follow(Extend(trials=2)) is False
    assert _next(second).number == 1
    second.commit()
    assert second.history.holder is not None
    assert second.history.holder.epoch == 2


def test_a_closed_sweep_is_left_alone() -> None:
    """Resuming it again writes nothing."""
    store = MemoryBlobStore()
    sweep = sweep_of(sampler=Sampler(name=SamplerName.GRID), space=(Choice(name="x", options=(0.5,)),))
    first = coordinator_of(store, sweep)
    first.finish(_end(_next(first)))
    assert first.next_trial() is None
    first.close()
    first.commit()
    before = sorted(each.key for each in store.list(""))
    second = coordinator_of(store, sweep, token="two")
    assert second.next_trial() is None
    second.close()
    second.commit()
    assert sorted(each.key for each in store.list("")) == before
    assert _why(second) is Ending.EXHAUSTED
