"""Attempts on real workers: the promises of a pool, and what happens when processes die."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cloudpickle
import distributed
import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.errors import ClusterUnavailable
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.pool import DaskPool
from mlflowflow.projects.sweep_spec import Resources, TrialPolicy
from mlflowflow.sweeps.pool import News
from mlflowflow.sweeps.trial import Outcome
from mlflowflow.testing.pool import PoolContract, news_of, trial
from tests.orchestration.clusters import DaskProcesses, wait_until
from tests.orchestration.works import Deadly, Heavy, Obedient, Slow, Stubborn

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from mlflowflow.orchestration.attempt import Work
    from mlflowflow.orchestration.cluster import OpenCluster
    from tests.orchestration.places import Place


@contextmanager
def pool_of(client: distributed.Client, place: Place, work: Work, **changes: Any) -> Generator[DaskPool]:
    """Open a pool for a sweep of its own."""
    pool = DaskPool(
        client, sweep_run_id=RandomIds().run_id(), workplace=place.workplace(), work=work, **changes
    )
    try:
        yield pool
    finally:
        pool.close()


def kept(client: distributed.Client) -> list[str]:
    """Return the results that workers hold."""
    by_worker: Any = client.has_what()
    return [key for keys in by_worker.values() for key in keys]


class TestDaskPool(PoolContract):
    """The promises, kept by processes."""

    @pytest.fixture
    def pool(self, client: distributed.Client, place: Place) -> Iterator[DaskPool]:
        """Give a pool on two workers."""
        with pool_of(client, place, Obedient()) as pool:
            yield pool


def test_nothing_is_left_on_the_cluster(client: distributed.Client, place: Place) -> None:
    """A result that stays there would be made again when its worker dies."""
    with pool_of(client, place, Obedient()) as pool:
        for number in range(3):
            pool.submit(trial(number, "complete"))
        news_of(pool, ends=3)
        wait_until(lambda: not kept(client))


def weight(client: distributed.Client) -> int:
    """Return how many bytes the tasks of trials weigh that the scheduler has."""

    def weighed(dask_scheduler: distributed.Scheduler) -> int:
        ours = ("trial-", "sweep-")
        specs = [each.run_spec for key, each in dask_scheduler.tasks.items() if str(key).startswith(ours)]
        return sum(len(cloudpickle.dumps(each)) for each in specs)

    found: Any = client.run_on_scheduler(weighed)
    return int(found)


def test_data_that_a_function_brings_along_goes_to_the_cluster_once(
    client: distributed.Client, place: Place
) -> None:
    """Ten trials weigh what one weighs, Dask has nothing to warn of, and nothing of it stays there."""
    size = 12_000_000
    with pool_of(client, place, Heavy(data=bytes(size))) as pool:
        for number in range(10):
            pool.submit(trial(number, ""))
        wait_until(lambda: weight(client) > 0)
        assert weight(client) < 2 * size
        ends = news_of(pool, ends=10).ends
        assert {each.metrics["size"] for each in ends} == {float(size)}
    wait_until(lambda: not kept(client))
    wait_until(lambda: weight(client) == 0)


def test_data_that_died_with_its_worker_is_there_for_the_next_attempt(place: Place, tmp_path: Path) -> None:
    """Also if no other worker had it."""
    with (
        DaskProcesses(tmp_path, workers=1) as cluster,
        cluster.client() as client,
        pool_of(client, place, Heavy(data=bytes(3_000_000), kills=frozenset({1}))) as pool,
    ):
        pool.submit(trial(3, ""))
        (end,) = news_of(pool, ends=1).ends
        assert end.outcome is Outcome.WORKER_LOST
        pool.submit(replace(trial(3, ""), attempt=2))
        (end,) = news_of(pool, ends=1).ends
        assert (end.outcome, end.metrics["size"]) == (Outcome.COMPLETED, 3_000_000.0)


def test_an_attempt_that_takes_its_worker_down_is_lost_and_not_repeated(
    client: distributed.Client, place: Place, tmp_path: Path
) -> None:
    """Whether it is tried again is the sweep's to decide; the attempt after it is another one."""
    (folder := tmp_path / "made").mkdir()
    work = Deadly(folder=folder, kills=frozenset({1}))
    with pool_of(client, place, work) as pool:
        pool.submit(trial(7, ""))
        (end,) = news_of(pool, ends=1).ends
        assert (end.outcome, end.attempt) == (Outcome.WORKER_LOST, 1)
        assert "The worker was lost" in end.error
        assert end.seconds > 0.0
        assert end.worker
        pool.submit(trial(7, "", attempt=2))
        (end,) = news_of(pool, ends=1).ends
        assert (end.outcome, end.attempt) == (Outcome.COMPLETED, 2)
    assert work.made() == [(7, 1), (7, 2)]


def test_an_attempt_on_a_cluster_that_repeats_tasks_is_made_once(place: Place, tmp_path: Path) -> None:
    """Dask runs a task again by itself when its worker dies, or its nanny too; the claim says that this is the second time."""
    (folder := tmp_path / "made").mkdir()
    work = Deadly(folder=folder, kills=frozenset({1, 2}), nanny=True)
    with (
        DaskProcesses(tmp_path, workers=3) as cluster,
        cluster.client() as client,
        pool_of(client, place, work) as pool,
    ):
        for attempt in (1, 2, 3):
            pool.submit(trial(0, "", attempt=attempt))
            (end,) = news_of(pool, ends=1).ends
            expected = Outcome.WORKER_LOST if attempt < 3 else Outcome.COMPLETED
            assert (end.outcome, end.attempt) == (expected, attempt)
    assert work.made() == [(0, 1), (0, 2), (0, 3)]


def test_attempts_on_workers_that_are_sent_home_or_restarted_are_lost_and_can_be_made_again(
    place: Place, tmp_path: Path
) -> None:
    """Walltimes, autoscalers and people take workers away in order; Dask then repeats or forgets what ran there."""
    (folder := tmp_path / "made").mkdir()
    work = Slow(folder=folder)
    with (
        DaskProcesses(tmp_path, workers=2) as cluster,
        cluster.client() as client,
        cluster.client() as somebody,
        pool_of(client, place, work) as pool,
    ):
        pool.submit(trial(0, ""))
        wait_until(lambda: work.made() == [(0, 1)])
        processing: Any = somebody.processing()
        busy = next(address for address, keys in processing.items() if keys)
        somebody.retire_workers([busy], close_workers=True)
        (end,) = news_of(pool, ends=1).ends
        assert (end.outcome, end.attempt) == (Outcome.WORKER_LOST, 1)
        pool.submit(trial(0, "", attempt=2))
        wait_until(lambda: work.made() == [(0, 1), (0, 2)])
        somebody.restart(wait_for_workers=False)
        (end,) = news_of(pool, ends=1).ends
        assert (end.outcome, end.attempt) == (Outcome.WORKER_LOST, 2)
        (folder / "go").touch()
        pool.submit(trial(0, "", attempt=3))
        (end,) = news_of(pool, ends=1).ends
        assert (end.outcome, end.attempt) == (Outcome.COMPLETED, 3)
    assert work.made() == [(0, 1), (0, 2), (0, 3)]


def test_what_ends_by_itself_while_it_is_cancelled_is_not_thrown_away(
    client: distributed.Client, place: Place, tmp_path: Path
) -> None:
    """It is not cut off: it would be made again, although it is done."""
    work = Stubborn(outcome=Outcome.COMPLETED, gone=tmp_path / "gone")
    with pool_of(client, place, work) as pool:
        pool.submit(trial(0, ""))
        news_of(pool, reports=1)
        assert pool.cancel() == []
        (end,) = pool.wait(0.0).ends
        assert (end.outcome, end.metrics) == (Outcome.COMPLETED, {"loss": 0.0})


def test_cancelling_returns_when_the_workers_have_stopped(
    client: distributed.Client, place: Place, tmp_path: Path
) -> None:
    """Whoever marks the runs afterwards has the last word."""
    gone = tmp_path / "gone"
    with pool_of(client, place, Stubborn(outcome=Outcome.CANCELLED, gone=gone)) as pool:
        pool.submit(trial(0, ""))
        news_of(pool, reports=1)
        assert [each.number for each in pool.cancel()] == [0]
        assert gone.exists()


def test_a_lost_scheduler_ends_the_waiting_with_one_sentence(place: Place, tmp_path: Path) -> None:
    """It says that the sweep can be resumed; what was in flight is what cancelling returns."""
    (folder := tmp_path / "made").mkdir()
    work = Slow(folder=folder)
    with (
        DaskProcesses(tmp_path, workers=1) as cluster,
        cluster.client() as client,
        pool_of(client, place, work) as pool,
    ):
        asked = trial(0, "")
        pool.submit(asked)
        wait_until(lambda: work.made() == [(0, 1)])
        cluster.kill_scheduler()
        with pytest.raises(
            ClusterUnavailable, match=r"went away with 1 trials under way.*[Rr]esume the sweep"
        ):
            await_trouble(pool)
        assert pool.cancel() == [asked]


def test_what_is_submitted_after_the_scheduler_was_lost_is_in_flight_too(
    cluster: OpenCluster, place: Place
) -> None:
    """The log says that it was started, so somebody must say that it was cut off."""
    with distributed.Client(cluster.address, set_as_default=False) as client:
        pool = DaskPool(
            client, sweep_run_id=RandomIds().run_id(), workplace=place.workplace(), work=Obedient()
        )
    pool.submit(trial(0, "complete"))
    with pytest.raises(ClusterUnavailable, match="Resume the sweep"):
        await_trouble(pool)
    assert [each.number for each in pool.cancel()] == [0]
    pool.close()


def test_trials_that_no_worker_can_run_are_not_waited_for_for_ever(
    client: distributed.Client, place: Place
) -> None:
    """The sentence names what is missing and the command that would start it."""
    gpu = TrialPolicy(resources=Resources(name="gpu", dask={"GPU": 1}))
    with pool_of(client, place, Obedient(), policy=gpu, patience_s=0.5) as pool:
        pool.submit(trial(0, "complete"))
        with pytest.raises(ClusterUnavailable, match=r'none offers GPU=1.*--resources "GPU=1"'):
            await_trouble(pool)
        assert [each.number for each in pool.cancel()] == [0]


def test_trials_wait_as_long_as_somebody_elses_work_keeps_the_workers(
    client: distributed.Client, place: Place, tmp_path: Path
) -> None:
    """A busy cluster is not one without workers."""
    (folder := tmp_path / "made").mkdir()
    others = Slow(folder=folder)
    with pool_of(client, place, others) as theirs, pool_of(client, place, Obedient(), patience_s=0.1) as ours:
        for number in range(2):
            theirs.submit(trial(number, ""))
        wait_until(lambda: len(others.made()) == 2)
        ours.submit(trial(0, "complete"))
        for _ in range(5):
            assert ours.wait(0.1) == News()
        (folder / "go").touch()
        assert news_of(ours, ends=1).ends[0].outcome is Outcome.COMPLETED
        news_of(theirs, ends=2)


def test_a_cluster_without_any_worker_is_named(place: Place, tmp_path: Path) -> None:
    """So is the command that starts one."""
    with (
        DaskProcesses(tmp_path, workers=0) as cluster,
        cluster.client() as client,
        pool_of(client, place, Obedient(), patience_s=0.5) as pool,
    ):
        pool.submit(trial(0, "complete"))
        with pytest.raises(
            ClusterUnavailable, match=r"of the 0 workers .* there is none\. Start one with 'dask worker tcp"
        ):
            await_trouble(pool)


def test_a_cluster_that_has_lost_all_its_workers_is_not_waited_for_for_ever(
    place: Place, tmp_path: Path
) -> None:
    """Dask would keep the attempt for a worker that never comes; nobody is waited for when it is cancelled."""
    (folder := tmp_path / "made").mkdir()
    work = Slow(folder=folder)
    with (
        DaskProcesses(tmp_path, workers=1) as cluster,
        cluster.client() as client,
        pool_of(client, place, work, patience_s=0.5) as pool,
    ):
        pool.submit(trial(0, ""))
        wait_until(lambda: work.made() == [(0, 1)])
        cluster.kill_workers()
        with pytest.raises(ClusterUnavailable, match=r"of the 0 workers .* there is none"):
            await_trouble(pool)
        began_s = SystemClock().monotonic_s()
        assert [each.number for each in pool.cancel()] == [0]
        assert SystemClock().monotonic_s() - began_s < 10.0


def test_resources_bound_how_many_trials_a_worker_runs(place: Place, tmp_path: Path) -> None:
    """Two threads and one GPU are one trial at a time."""
    (folder := tmp_path / "made").mkdir()
    work = Slow(folder=folder)
    gpu = TrialPolicy(resources=Resources(name="gpu", dask={"GPU": 1}))
    options = ("--nthreads", "2", "--resources", "GPU=1")
    with (
        DaskProcesses(tmp_path, workers=1, options=options) as cluster,
        cluster.client() as client,
        pool_of(client, place, work, policy=gpu) as pool,
    ):
        for number in range(2):
            pool.submit(trial(number, ""))
        wait_until(lambda: len(work.made()) == 1)
        SystemClock().sleep(0.3)
        assert len(work.made()) == 1
        (folder / "go").touch()
        assert len(news_of(pool, ends=2).ends) == 2


def test_trials_of_a_sweep_with_a_higher_priority_come_first(
    client: distributed.Client, place: Place, tmp_path: Path
) -> None:
    """Of two sweeps on one cluster the urgent one gets the next free worker."""
    (folder := tmp_path / "made").mkdir()
    work = Slow(folder=folder)
    with (
        pool_of(client, place, work) as low,
        pool_of(client, place, work, policy=TrialPolicy(priority=10)) as high,
    ):
        for number in range(16):
            low.submit(trial(number, ""))
        wait_until(lambda: len(work.made()) == 2)
        high.submit(trial(100, ""))
        SystemClock().sleep(0.3)
        (folder / "go").touch()
        news_of(high, ends=1)
        news_of(low, ends=16)
    # Some of the others run, or wait on a worker, when the urgent one comes; the rest come after it.
    assert (100, 1) in work.in_order()[:10]


def await_trouble(pool: DaskPool) -> None:
    """Wait until the pool gives up; nothing else may happen."""
    for _ in range(300):
        assert pool.wait(0.2) == News()
