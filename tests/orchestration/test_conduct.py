"""Whole sweeps on real workers: they come to their end whoever dies, and nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import distributed
import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.errors import ClusterUnavailable, StepFailed, TakenOver
from mlflowflow.gates.policy import Goal
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.cluster import DescribedCluster, open_cluster
from mlflowflow.orchestration.conduct import Score, conduct, log_winner, run_once, winner
from mlflowflow.orchestration.pool import DaskPool
from mlflowflow.projects.space import Choice
from mlflowflow.projects.sweep_spec import (
    Budget,
    Dedupe,
    Objective,
    Sampler,
    SamplerName,
    SweepSpec,
    TrialPolicy,
)
from mlflowflow.sweeps.coordinator import Coordinator
from mlflowflow.sweeps.entry import Asked, Ended, Ending, Opened, Origin
from mlflowflow.sweeps.holder import Hold
from mlflowflow.sweeps.ledger import total
from mlflowflow.sweeps.log import SweepLog, read_history
from mlflowflow.sweeps.requests import Extend, Requests, Stop
from mlflowflow.sweeps.trial import Outcome, TrialState
from mlflowflow.testing.pool import ThreadPool, obey, trial
from mlflowflow.tracking.run import RunStatus
from tests.orchestration.clusters import DaskProcesses, wait_until
from tests.orchestration.works import Slow, Timed

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.orchestration.attempt import Work
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.running import Turn
    from mlflowflow.sweeps.trial import Trial
    from mlflowflow.testing.pool import Line
    from tests.orchestration.places import Place

TRIALS = 12


def spec(trials: int = TRIALS, *, attempts: int = 9) -> SweepSpec:
    """Return a sweep over a grid of so many points."""
    return SweepSpec(
        name="tune",
        entry_point="main",
        space=(Choice(name="x", options=tuple(range(trials))),),
        objectives=(Objective(metric="loss", goal=Goal.MINIMIZE),),
        sampler=Sampler(name=SamplerName.GRID, seed=7),
        budget=Budget(),
        parallel=4,
        trial=TrialPolicy(attempts=attempts),
    )


def score(place: Place, sweep: SweepSpec | None = None) -> Score:
    """Return what is conducted, as a run that exists."""
    workplace = place.workplace()
    run_id = workplace.tracker().create_run(workplace.experiment_id).info.run_id
    return Score(sweep=sweep or spec(), run_id=run_id, workplace=workplace)


def on(client: distributed.Client, known: Score, work: Work) -> SweepHistory:
    """Conduct the sweep on the cluster of `client`."""

    def pool() -> DaskPool:
        return DaskPool(
            client,
            sweep_run_id=known.run_id,
            workplace=known.workplace,
            work=work,
            policy=known.sweep.trial,
        )

    return conduct(known, pool, watch=lambda _turn: None)


def is_longer(work: Timed, than: int) -> bool:
    """Answer whether more than so many attempts were begun."""
    return len(work.made()) > than


def test_a_sweep_survives_the_deaths_of_workers_and_nannies(place: Place, tmp_path: Path) -> None:
    """Every trial completes, every attempt was made at most once, and the ledger is what the workers measured."""
    (folder := tmp_path / "made").mkdir()
    work = Timed(folder=folder, seconds=0.3)
    known = score(place)
    chance = random.Random(5)
    with DaskProcesses(tmp_path, workers=3) as cluster, cluster.client() as client:

        def kill() -> None:
            for round_ in range(4):
                wait_until(partial(is_longer, work, 2 * round_ + 1))
                os.kill(chance.choice(cluster.worker_pids(with_nannies=round_ % 2 == 1)), signal.SIGKILL)
                if round_ % 2 == 1:
                    cluster.start_worker()

        killer = threading.Thread(target=kill)
        killer.start()
        history = on(client, known, work)
        killer.join()
    assert history.is_closed
    assert [each.number for each in history.trials] == list(range(TRIALS))
    assert history.count(TrialState.COMPLETE) == TRIALS
    assert len(work.made()) == len(set(work.made()))
    attempts = [attempt for each in history.trials for attempt in each.attempts]
    assert {each.outcome for each in attempts} <= {Outcome.COMPLETED, Outcome.WORKER_LOST}
    completed = sum(each.seconds for each in attempts if each.outcome is Outcome.COMPLETED)
    assert 0.3 * TRIALS < completed < 60.0
    assert total(history).seconds == pytest.approx(sum(each.seconds for each in attempts))


def test_a_sweep_that_lost_its_scheduler_goes_on_with_another(place: Place, tmp_path: Path) -> None:
    """The error says what to do; the attempts in flight are made again, the finished ones are not."""
    (folder := tmp_path / "made").mkdir()
    work = Slow(folder=folder)
    known = score(place, spec(4))
    with DaskProcesses(tmp_path, workers=2) as cluster, cluster.client() as client:

        def kill() -> None:
            wait_until(lambda: len(work.made()) >= 2)
            cluster.kill_scheduler()

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(ClusterUnavailable, match="Resume the sweep"):
            on(client, known, work)
        killer.join()
    before = read_history(known.workplace.tracker().store, known.run_id)
    assert not before.is_closed
    assert before.count(TrialState.RUNNING) == 0
    (folder / "go").touch()
    with DaskProcesses(tmp_path, workers=2) as cluster, cluster.client() as client:
        history = on(client, known, work)
        assert history.count(TrialState.COMPLETE) == 4
        made = work.made()
        assert len(made) == len(set(made))
        again = on(client, known, work)
    assert again.is_closed
    assert work.made() == made  # a second resume does nothing
    params = {each.number: dict(each.params) for each in before.trials}
    assert params.items() <= {each.number: dict(each.params) for each in again.trials}.items()


def test_a_cluster_may_grow_and_shrink_under_a_sweep(place: Place, tmp_path: Path) -> None:
    """From no worker to several and back, all the time: no trial is lost, none is made twice."""
    (folder := tmp_path / "made").mkdir()
    work = Timed(folder=folder, seconds=0.2)
    known = score(place)
    described = DescribedCluster(
        class_name="distributed.LocalCluster",
        kwargs={
            "n_workers": 0,
            "threads_per_worker": 1,
            "host": "127.0.0.1",
            "dashboard_address": "127.0.0.1:0",
        },
        adapt={"minimum": 0, "maximum": 2, "interval": "100ms", "wait_count": 1, "target_duration": "200ms"},
    )
    with (
        open_cluster(described) as opened,
        distributed.Client(opened.address, set_as_default=False) as client,
    ):
        history = on(client, known, work)
    assert history.count(TrialState.COMPLETE) == TRIALS
    assert work.made() == [(number, 1) for number in range(TRIALS)]


def test_a_second_coordinator_is_turned_away(place: Place) -> None:
    """The first is named; nothing of it is touched, and no pool is made."""
    known = score(place)
    store, ids = known.workplace.tracker().store, RandomIds()
    pools: list[ThreadPool] = []

    def pool() -> ThreadPool:
        pools.append(ThreadPool(obey))
        return pools[-1]

    with (
        Hold(store, known.run_id, token="other", clock=SystemClock(), ids=ids),
        pytest.raises(TakenOver, match="coordinated by process"),
    ):
        conduct(known, pool, watch=lambda _turn: None)
    assert pools == []


def test_runs_of_trials_that_failed_with_their_worker_are_ended(place: Place) -> None:
    """A worker that is dead cannot write how its run ended."""
    known = score(place, spec(2, attempts=1))
    tracker = known.workplace.tracker()

    def lose(lost: Trial, _line: Line) -> tuple[Outcome, dict[str, float]]:
        tracker.create_run(known.workplace.experiment_id, run_id=lost.run_id)
        return Outcome.WORKER_LOST, {}

    history = conduct(known, lambda: ThreadPool(lose), watch=lambda _turn: None)
    assert history.count(TrialState.FAILED) == 2
    statuses = [tracker.get_run(each.run_id).info.status for each in history.trials]
    assert statuses == [RunStatus.FAILED, RunStatus.FAILED]


def test_a_lost_trial_that_is_not_tried_again_leaves_no_run_open(place: Place) -> None:
    """When its worker was lost another attempt was to come, but by then the sweep was stopped."""
    known = score(place, replace(spec(4), parallel=1))
    tracker = known.workplace.tracker()

    def is_stopping() -> bool:
        return read_history(tracker.store, known.run_id).ended is not None

    def lose(lost: Trial, _line: Line) -> tuple[Outcome, dict[str, float]]:
        tracker.create_run(known.workplace.experiment_id, run_id=lost.run_id)
        Requests(tracker.store, known.run_id).send(Stop(), ids=RandomIds())
        wait_until(is_stopping)
        return Outcome.WORKER_LOST, {}

    history = conduct(known, lambda: ThreadPool(lose), watch=lambda _turn: None)
    assert [each.state for each in history.trials] == [TrialState.QUEUED]
    assert tracker.get_run(history.trials[0].run_id).info.status is RunStatus.KILLED


def test_a_sweep_that_is_over_when_it_is_resumed_leaves_no_run_open(place: Place) -> None:
    """Nobody has ended the runs of a coordinator that was killed, and there is no budget to try them again."""
    known = score(place, replace(spec(4), parallel=1))
    tracker = known.workplace.tracker()
    coordinator = Coordinator(
        SweepLog(tracker.store, known.run_id),
        Opened(sweep=known.sweep, seed=7),
        run_id=known.run_id,
        clock=SystemClock(),
        token="killed",
    )
    begun = coordinator.next_trial()
    assert begun is not None
    tracker.create_run(known.workplace.experiment_id, run_id=begun.run_id)
    coordinator.commit()
    over = Ended(why=Ending.WALL, sentence="its time is used up")
    log = SweepLog(tracker.store, known.run_id)
    log.read()
    log.append([over], clock=SystemClock(), token="killed", elapsed_s=1.0)
    history = conduct(known, lambda: ThreadPool(complete), watch=lambda _turn: None)
    assert (history.is_closed, history.trials[0].state) == (True, TrialState.FAILED)
    assert tracker.get_run(begun.run_id).info.status is RunStatus.FAILED


def test_an_interrupted_sweep_leaves_no_run_open(place: Place) -> None:
    """The runs of its trials are KILLED with the reason; trials that had not begun have no run."""
    known = score(place, spec(4))
    tracker = known.workplace.tracker()

    def begin(begun: Trial, line: Line) -> tuple[Outcome, dict[str, float]]:
        if begun.number == 0:
            tracker.create_run(known.workplace.experiment_id, run_id=begun.run_id)
            line.report([(0, 1.0)])
        while not line.is_cancelled():
            SystemClock().sleep(0.01)
        return Outcome.CANCELLED, {}

    def interrupt(turn: Turn) -> None:
        if turn.reports:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conduct(known, lambda: ThreadPool(begin), watch=interrupt)
    history = read_history(tracker.store, known.run_id)
    assert history.count(TrialState.RUNNING) == 0
    run = tracker.get_run(history.trials[0].run_id)
    assert (run.info.status, run.data.tags["mlff.failure"]) == (
        RunStatus.KILLED,
        "The sweep was interrupted.",
    )


def test_the_winner_is_said_in_the_sweeps_run_once(place: Place) -> None:
    """A second time the same is no second point."""
    known = score(place, spec(3))
    history = conduct(known, lambda: ThreadPool(complete), watch=lambda _turn: None)
    for _ in range(2):
        log_winner(known, history, winner(history))
    tracker = known.workplace.tracker()
    run = tracker.get_run(known.run_id)
    assert run.data.metrics == {"best_loss": 0.0}
    assert run.data.tags["mlff.sweep.best_run_id"] == history.trials[0].run_id
    assert run.data.tags["mlff.sweep.ended"] == "exhausted"
    assert len(tracker.metric_history(known.run_id, "best_loss")) == 1


def complete(asked: Trial, _line: Line) -> tuple[Outcome, dict[str, float]]:
    """Complete with the number as the loss."""
    return Outcome.COMPLETED, {"loss": float(asked.number)}


def test_a_sweep_that_has_ended_goes_on_only_if_somebody_asked_for_more(place: Place) -> None:
    """No pool is made in vain; known results are not run again, whoever found them."""
    sampler = Sampler(name=SamplerName.RANDOM, seed=7)
    reuse = replace(spec(2), sampler=sampler, budget=Budget(trials=4), dedupe=Dedupe.REUSE_RESULT)
    known = score(place, reuse)
    pools: list[ThreadPool] = []

    def pool() -> ThreadPool:
        pools.append(ThreadPool(complete))
        return pools[-1]

    first = conduct(known, pool, watch=lambda _turn: None)
    assert conduct(known, pool, watch=lambda _turn: None).told_order == first.told_order
    assert (len(pools), len(first.trials), first.is_closed) == (1, 4, True)
    Requests(known.workplace.tracker().store, known.run_id).send(Extend(trials=12), ids=RandomIds())
    more = conduct(known, pool, watch=lambda _turn: None)
    assert (len(pools), len(more.trials), more.is_closed) == (2, 12, True)
    tried = {trial.params["x"] for trial in first.trials}
    again = [trial for trial in more.trials[4:] if trial.params["x"] in tried]
    assert again
    assert all(trial.same_as is not None for trial in again)
    third = conduct(known, pool, watch=lambda _turn: None)
    assert (len(pools), len(third.trials)) == (2, 12), "the request was followed once"


def test_a_sweep_that_another_release_began_goes_on_with_a_warning(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever continues it learns that it would have gone on otherwise, and which releases those were."""
    known = score(place, replace(spec(3), sampler=Sampler(name=SamplerName.QMC), budget=Budget(trials=3)))
    store = known.workplace.tracker().store
    history = conduct(known, lambda: ThreadPool(complete), watch=lambda _turn: None)
    assert "optuna" in history.opened.versions
    begun = (
        Opened(sweep=known.sweep, seed=history.opened.seed, versions={"optuna": "4.5.0"}),
        Asked(trial=0, params={"x": (int(history.trials[0].params["x"]) + 1) % 3}, origin=Origin.SAMPLER),
    )
    other = replace(known, run_id=score(place).run_id)
    SweepLog(store, other.run_id).append(begun, clock=SystemClock(), token="before", elapsed_s=0.0)
    assert "goes on with" not in caplog.text
    conduct(other, lambda: ThreadPool(complete), watch=lambda _turn: None)
    assert "Sweep 'tune' goes on with other suggestions" in caplog.text
    assert "written with optuna 4.5.0" in caplog.text


def test_a_sweep_without_a_result_says_its_last_error(place: Place) -> None:
    """There is no winner to go on with."""

    def fail(_trial: Trial, _line: Line) -> tuple[Outcome, dict[str, float]]:
        raise ValueError("there are no rows")

    history = conduct(score(place, spec(2)), lambda: ThreadPool(fail), watch=lambda _turn: None)
    with pytest.raises(StepFailed, match=r"completed no trial(.|\n)*there are no rows"):
        winner(history)


def test_a_single_run_is_made_again_when_its_worker_is_lost(place: Place) -> None:
    """It is the next attempt of the same run, and there are only so many."""
    made: list[int] = []

    def lose_once(asked: Trial, _line: Line) -> tuple[Outcome, dict[str, float]]:
        made.append(asked.attempt)
        return (Outcome.WORKER_LOST if len(made) < 3 else Outcome.COMPLETED), {}

    def pool(_run_id: str) -> ThreadPool:
        return ThreadPool(lose_once)

    alone = trial(0, "complete")
    assert run_once(pool, alone, workplace=place.workplace(), attempts=2).outcome is Outcome.WORKER_LOST
    assert run_once(pool, alone, workplace=place.workplace(), attempts=2).outcome is Outcome.COMPLETED
    assert made == [1, 2, 1]
