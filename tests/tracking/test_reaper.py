"""The reaper: who is dead by the store's clock loses its runs, and takes them back if it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreUnavailable
from mlflowflow.ids import RandomIds
from mlflowflow.storage.blob import Blob
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from mlflowflow.tracking.layout import ALIVE, alive_key
from mlflowflow.tracking.reaper import Reaping, reap
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.table.manifest import manifest_log
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.lost import LOST_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAR = (3600.0,)


class World:
    """A store with a clock of its own, and processes that may stop without a word."""

    def __init__(self) -> None:
        """Begin with an empty store."""
        self.clock = ManualClock()
        self.store = MemoryBlobStore(clock=self.clock)
        self.ids = RandomIds(self.clock)

    def process(self) -> Tracker:
        """Return a tracker whose background work is done by hand."""
        return Tracker(self.store, clock=self.clock, ids=self.ids, flush_intervals=_FAR)

    def tick(self, *trackers: Tracker, seconds: float) -> None:
        """Let time pass, and `trackers` do their background work every ten seconds."""
        for _ in range(int(seconds / 10)):
            self.clock.advance(10.0)
            for tracker in trackers:
                tracker._stream.flush_and_tend()

    def reap(self) -> Reaping:
        """Look for dead processes."""
        return reap(self.store, ids=self.ids)

    def status(self, run_id: str) -> tuple[str, bool]:
        """Return a run's status, and whether it was taken for lost."""
        with Tracker(self.store, clock=self.clock, flush_intervals=()) as tracker:
            run = tracker.get_run(run_id)
        return run.info.status, LOST_TAG in run.data.tags


@pytest.fixture
def world() -> World:
    """Give an empty world."""
    return World()


def begun(tracker: Tracker) -> str:
    """Begin a run and give a sign of life."""
    run_id = tracker.create_run("0").info.run_id
    tracker._stream.flush_and_tend()
    return run_id


def test_the_runs_of_a_dead_process_failed(world: World) -> None:
    """Not before three heartbeats; then with a tag that says what was seen, and once."""
    run_id = begun(world.process())
    last_sign = world.clock.now_us() // 1000
    world.clock.advance(89.0)
    assert world.reap() == Reaping(alive=1)
    world.clock.advance(2.0)
    assert world.reap() == Reaping(dead=1, runs=(run_id,))
    assert world.status(run_id) == ("FAILED", True)
    run = Tracker(world.store, flush_intervals=()).get_run(run_id)
    assert run.info.end_time == last_sign
    assert "gave its last sign of life at 2023-11-14T22:13:20Z" in run.data.tags[LOST_TAG]
    assert world.reap() == Reaping()


def test_what_cannot_be_read_of_one_process_keeps_nobody_else_waiting(world: World) -> None:
    """The runs of the others are ended; of the one, its sign of life stays for whoever can read it."""
    blocked = world.process()
    other = blocked.create_experiment("other")
    lost = blocked.create_run(other).info.run_id
    blocked._stream.flush_and_tend()
    (sign,) = world.store.list(ALIVE)
    run_id = begun(world.process())
    manifest = manifest_log(world.store, other).key(0)
    world.store.put(manifest, b"{}")
    world.clock.advance(100.0)
    assert world.reap() == Reaping(dead=1, runs=(run_id,))
    assert [blob.key for blob in world.store.list(ALIVE)] == [sign.key]
    world.store.delete(manifest)
    assert world.reap().runs == (lost,)


@pytest.mark.parametrize("logs", [True, False], ids=["logging", "silent"])
def test_a_living_process_keeps_its_runs(world: World, *, logs: bool) -> None:
    """Whether it logs all the time or nothing at all."""
    tracker = world.process()
    run_id = begun(tracker)
    for step in range(30):
        if logs:
            tracker.log_metric(run_id, "m", 0.5, step=step)
        world.tick(tracker, seconds=10.0)
        assert world.reap() == Reaping(alive=1)
    assert world.status(run_id) == ("RUNNING", False)


def test_a_stopped_process_takes_its_runs_back(world: World) -> None:
    """It was suspended, or cut off; when it goes on, so does its run, without a mark."""
    tracker = world.process()
    run_id = begun(tracker)
    world.clock.advance(1000.0)
    world.reap()
    assert world.status(run_id) == ("FAILED", True)
    world.tick(tracker, seconds=10.0)
    tracker.flush()
    assert world.status(run_id) == ("RUNNING", False)
    assert world.reap() == Reaping(alive=1)


@pytest.mark.parametrize("late", [True, False], ids=["reaped first", "ended first"])
def test_the_end_that_a_process_gave_its_run_stands(world: World, *, late: bool) -> None:
    """Whether a reaper marks it before or after, or finds the object of a process killed behind it."""
    tracker = world.process()
    run_id = begun(tracker)
    if not late:
        tracker.end_run(run_id)
    world.clock.advance(1000.0)
    assert world.reap().dead == 1
    if late:
        tracker.end_run(run_id)
    assert world.status(run_id)[0] == "FINISHED"


def test_a_run_that_another_living_process_has_open_is_not_lost(world: World) -> None:
    """A program that was handed its run died; its launcher lives and will say how it ended."""
    launcher = world.process()
    run_id = begun(launcher)
    program = world.process()
    program.create_run("0", run_id=run_id)
    program._stream.flush_and_tend()
    world.tick(launcher, seconds=80.0)
    world.clock.advance(20.0)
    assert world.reap() == Reaping(alive=1, dead=1)
    assert world.status(run_id) == ("RUNNING", False)
    world.clock.advance(300.0)
    assert world.reap().runs == (run_id,)


def test_reapers_that_race_say_the_same(world: World) -> None:
    """Both mark the run; it failed once."""
    run_id = begun(world.process())
    world.clock.advance(1000.0)
    body = world.store.get(next(iter(world.store.list(ALIVE))).key) or b""
    key = next(iter(world.store.list(ALIVE))).key
    assert world.reap().runs == (run_id,)
    world.store.put(key, body)
    world.clock.advance(1000.0)
    assert world.reap() == Reaping(dead=1)
    assert world.status(run_id) == ("FAILED", True)


def test_an_interrupted_reaper_is_repeated(world: World) -> None:
    """At whatever call it fails, the next one finishes, and nothing else changes."""
    run_id = begun(world.process())
    world.clock.advance(1000.0)
    for number in range(1, 100):
        faulty = FaultyBlobStore(world.store, {number: Fault.UNAVAILABLE})
        try:
            reap(faulty, ids=world.ids)
        except StoreUnavailable:
            continue
        break
    world.reap()
    assert world.status(run_id) == ("FAILED", True)
    assert list(world.store.list(ALIVE)) == []


def test_objects_that_are_not_understood_are_left(world: World) -> None:
    """A later release may write them; their process is nobody's to judge."""
    world.store.put(alive_key("later"), b'{"format": 99}')
    world.clock.advance(1000.0)
    assert world.reap() == Reaping()
    assert world.store.get(alive_key("later")) is not None


class Timeless(MemoryBlobStore):
    """A store that tells no times."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """List without times."""
        return (Blob(key=blob.key, size=blob.size) for blob in super().list(prefix))


def test_without_the_stores_clock_nobody_is_dead() -> None:
    """It says why, and changes nothing."""
    store = Timeless()
    store.put(alive_key("old"), b"{}")
    found = reap(store, ids=RandomIds())
    assert (found.dead, found.runs) == (0, ())
    assert "does not tell when" in found.reason
    assert store.get(alive_key("old")) == b"{}"


def test_the_background_looks_after_the_dead(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Any process that logs does it, now and then."""
    run_id = begun(world.process())
    other = world.process()
    own = begun(other)
    world.tick(other, seconds=80.0)
    assert world.status(run_id) == ("RUNNING", False)
    world.tick(other, seconds=120.0)
    assert world.status(run_id) == ("FAILED", True)
    assert run_id in caplog.text
    assert world.status(own) == (RunStatus.RUNNING, False)


def test_a_fleet_costs_one_listing_for_each_experiment(world: World) -> None:
    """Listing for every writer would cost more than all of their uploads."""
    fleet = [world.process() for _ in range(5)]
    runs = [begun(tracker) for tracker in fleet]
    for tracker, run_id in zip(fleet, runs, strict=True):
        world.clock.advance(30.0)
        tracker.log_metric(run_id, "m", 0.5)
        tracker.flush()
    watched = FaultyBlobStore(world.store, {})
    assert reap(watched, ids=world.ids) == Reaping(alive=4, dead=1, runs=(runs[0],))
    assert [call.key for call in watched.calls if call.verb == "list"].count("exp/0/hot/") <= 2


def test_the_dead_process_of_a_later_attempt_ends_that_attempt(world: World) -> None:
    """What is said of an earlier one would change nothing, and the run would run for ever."""
    with Tracker(world.store, clock=world.clock, flush_intervals=()) as first:
        run_id = first.create_run("0", run_id="r", attempt=1).info.run_id
    second = world.process()
    second.create_run("0", run_id=run_id, attempt=2)
    second._stream.flush_and_tend()
    world.clock.advance(100.0)
    assert world.reap() == Reaping(dead=1, runs=(run_id,))
    assert world.status(run_id) == ("FAILED", True)


def test_a_run_in_a_later_attempt_is_not_lost_with_an_earlier_one(world: World) -> None:
    """Not a tag is left of it, also if nobody knows whether the later one lives."""
    begun_first = world.process()
    run_id = begun(begun_first)
    with Tracker(world.store, clock=world.clock, flush_intervals=()) as second:
        second.create_run("0", run_id=run_id, attempt=2)
    world.clock.advance(100.0)
    assert world.reap() == Reaping(dead=1)
    assert world.status(run_id) == ("RUNNING", False)


def test_a_later_attempt_that_was_taken_for_lost_comes_back(world: World) -> None:
    """It was suspended; what it says when it goes on is said of its own attempt."""
    tracker = world.process()
    run_id = tracker.create_run("0", run_id="r", attempt=2).info.run_id
    tracker._stream.flush_and_tend()
    world.clock.advance(1000.0)
    world.reap()
    assert world.status(run_id) == ("FAILED", True)
    world.tick(tracker, seconds=10.0)
    tracker.flush()
    assert world.status(run_id) == ("RUNNING", False)
