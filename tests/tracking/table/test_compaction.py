"""Compaction: the same answers before and after, whoever else compacts, reads or uploads again."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidState
from mlflowflow.ids import RandomIds, SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.layout import parts_prefixes
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import Compaction, compact, contiguous, segments_in
from mlflowflow.tracking.table.manifest import head_number, manifest_log, read_manifest
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.table.rewriting import AMPLE, Room
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob, BlobStore
    from mlflowflow.tracking.run import Metric, Run


def filled(store: BlobStore, *, runs: int = 3) -> list[str]:
    """Log `runs` runs with everything that can be said about one, and return their ids."""
    with Tracker(store, user="ann", flush_intervals=()) as tracker:
        return [_filled_run(tracker, number) for number in range(runs)]


def _filled_run(tracker: Tracker, number: int) -> str:
    run_id = tracker.create_run("0", tags={"t": "1", "gone": "1"}).info.run_id
    tracker.log_batch(run_id, params={"lr": str(number)})
    for step in range(5):
        tracker.log_metric(run_id, "m", float("nan") if step == 1 else number + step, step=step)
    tracker.delete_tag(run_id, "gone")
    tracker.end_run(run_id, RunStatus.FAILED)
    if number == 1:
        tracker.delete_run(run_id)
    return run_id


def answers(store: BlobStore, run_ids: list[str]) -> tuple[str, list[list[tuple[int, str]]]]:
    """Return what a new reader says about the experiment: all runs and all histories."""
    reader = Reader(store)
    runs = sorted(reader.runs("0"), key=lambda run: run.info.run_id)
    histories = [reader.metric_history("0", run_id, "m") for run_id in run_ids]
    return repr([_ordered(run) for run in runs]), [_plain(history) for history in histories]


def _ordered(run: Run) -> object:
    return (
        run.info,
        sorted(run.data.metrics.items()),
        sorted(run.data.params.items()),
        sorted(run.data.tags.items()),
    )


def _plain(history: list[Metric]) -> list[tuple[int, str]]:
    return [(point.step, repr(point.value)) for point in history]


def compacted(store: BlobStore, *, clock: ManualClock | None = None) -> Compaction:
    """Compact the default experiment."""
    return compact(store, "0", clock=clock or ManualClock(), ids=RandomIds())


def test_compaction_changes_no_answer() -> None:
    """Runs, latest values, params, tags, statuses and histories are the same from parts."""
    store = MemoryBlobStore()
    ids = filled(store)
    before = answers(store, ids)
    result = compacted(store)
    assert (result.manifest, result.points) == (0, 15)
    for writer, seq in segments_in(store, "0"):
        store.delete(f"exp/0/hot/{writer}.{seq:010d}.parquet")
    assert answers(store, ids) == before


def test_later_compactions_add_to_earlier_ones() -> None:
    """Parts accumulate and merge, so that there are never many; every answer stays right."""
    store = MemoryBlobStore()
    ids: list[str] = []
    for number in range(12):
        ids += filled(store, runs=2)
        assert compacted(store).manifest == number
        head = read_manifest(manifest_log(store, "0"), number)
        assert max(len(head.of_kind("metrics")), len(head.of_kind("runs"))) <= 4
    collect(store, "0", ids=RandomIds(), hot_grace_s=0.0)
    assert len(answers(store, ids)[1]) == 24
    assert {len(history) for history in answers(store, ids)[1]} == {5}


def test_a_run_that_goes_on_is_written_anew_and_whole() -> None:
    """What was folded earlier and what comes later are one row; the old row is read past."""
    store = MemoryBlobStore()
    first, *others = filled(store, runs=6)
    compacted(store)
    with Tracker(store, flush_intervals=()) as tracker:
        tracker.log_batch(first, params={"late": "1"})
        tracker.delete_run(others[0])
    before = answers(store, [first, *others])
    compacted(store)
    assert len(read_manifest(manifest_log(store, "0"), 1).of_kind("runs")) == 2
    assert answers(store, [first, *others]) == before
    assert Reader(store).run("0", first) == Tracker(store, flush_intervals=()).get_run(first)


def test_a_crowd_is_folded_in_rounds() -> None:
    """What has piled up is taken a limited number of bytes at a time, and all of it in the end."""
    store = MemoryBlobStore()
    ids = filled(store, runs=6)
    before, count = answers(store, ids), len(segments_in(store, "0"))
    result = compact(
        store, "0", clock=ManualClock(), ids=RandomIds(), room=replace(AMPLE, round_bytes=1, tidies=False)
    )
    assert (result.segments, result.manifest, result.points) == (count, count - 1, 30)
    assert answers(store, ids) == before


def later(seconds: float) -> ManualClock:
    """Return a clock that is `seconds` past the default beginning."""
    clock = ManualClock()
    clock.advance(seconds)
    return clock


def test_nothing_new_publishes_nothing() -> None:
    """Compacting what is compacted is no event."""
    store = MemoryBlobStore()
    filled(store, runs=1)
    compacted(store)
    again = compacted(store)
    assert (again.manifest, again.segments) == (0, 0)
    assert manifest_log(store, "0").head() == 0


def test_a_gap_stops_a_writer_and_no_other() -> None:
    """A segment that a listing misses delays its successors and loses nothing."""
    assert contiguous({("a", 0), ("a", 2), ("b", 0)}, {}) == [("a", 0), ("b", 0)]
    assert contiguous({("a", 0), ("a", 1)}, {"a": 1}) == []


def test_an_old_segment_uploaded_again_counts_once() -> None:
    """A recovery a month later does not double what was folded."""
    store = MemoryBlobStore()
    (run_id,) = filled(store, runs=1)
    segments = {blob.key: store.get(blob.key) or b"" for blob in store.list("exp/0/hot/")}
    before = answers(store, [run_id])
    compacted(store)
    collect(store, "0", ids=RandomIds(), hot_grace_s=0.0)
    for key, body in segments.items():
        store.put(key, body)
    assert answers(store, [run_id]) == before
    assert compacted(store).segments == 0


def test_a_damaged_segment_stops_its_writer_and_is_kept() -> None:
    """Damage is not folded away: the file stays for a person to look at, and other writers go on."""
    store = MemoryBlobStore()
    filled(store, runs=1)
    victim = min(blob.key for blob in store.list("exp/0/hot/"))
    store.put(victim, b"PAR1 damaged")
    filled(store, runs=1)
    result = compacted(store)
    collect(store, "0", ids=RandomIds(), hot_grace_s=0.0)
    assert result.points == 5
    assert store.get(victim) == b"PAR1 damaged"
    assert len(Reader(store).runs("0")) == 1


class RacingStore:
    """A store in which somebody else compacts just before our first manifest is published."""

    shared = False

    def __init__(self) -> None:
        """Start empty."""
        self.inner = MemoryBlobStore()
        self.url = self.inner.url
        self.races = 1

    def create(self, key: str, data: bytes) -> object:
        """Lose the first race for a manifest."""
        if "/log/" in key and self.races:
            self.races -= 1
            compacted(self.inner)
        return self.inner.create(key, data)

    def __getattr__(self, name: str) -> object:
        """Be the inner store in everything else."""
        return getattr(self.inner, name)


def test_the_loser_of_a_race_leaves_nothing_behind() -> None:
    """Its parts are deleted, and the winner's manifest stands."""
    store = RacingStore()
    filled(store.inner, runs=2)
    result = compact(store, "0", clock=ManualClock(), ids=RandomIds())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - delegates by name
    assert (result.manifest, result.segments, result.lost_races) == (0, 0, 1)
    parts = [blob for prefix in parts_prefixes("0") for blob in store.inner.list(prefix)]
    assert len(parts) == 2


def test_a_compaction_that_took_too_long_does_not_publish() -> None:
    """Its parts may have been collected as orphans, so it must not name them."""

    class SlowStore:
        """A store that takes an hour for each file."""

        def __init__(self, clock: ManualClock) -> None:
            self.inner = MemoryBlobStore()
            self.clock = clock

        def put(self, key: str, data: bytes) -> None:
            self.clock.advance(3601.0)
            self.inner.put(key, data)

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    clock = ManualClock()
    store = SlowStore(clock)
    filled(store.inner, runs=1)
    with pytest.raises(InvalidState, match="start it again"):
        compact(store, "0", clock=clock, ids=SequentialIds())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - delegates by name
    assert manifest_log(store.inner, "0").head() == -1


class Bustle:
    """Writers, compactors and readers at work on one run, until the writers are done."""

    def __init__(self, store: MemoryBlobStore, run_id: str, *, points: int) -> None:
        """Log `points` points in each writer."""
        self.store = store
        self.run_id = run_id
        self.points = points
        self.done = threading.Event()
        self.counts: list[list[int]] = []

    def write(self) -> None:
        """Log, each point into a segment of its own."""
        with Tracker(self.store, flush_intervals=(), compact_at=10**9) as tracker:
            for step in range(self.points):
                tracker.log_metric(self.run_id, "n", 0.0, step=step)
                tracker.flush()

    def tidy(self) -> None:
        """Compact and collect without any grace."""
        while not self.done.is_set():
            compacted(self.store)
            collect(self.store, "0", ids=RandomIds(), hot_grace_s=0.0)

    def read(self) -> None:
        """Count points again and again."""
        reader = Reader(self.store)
        counts: list[int] = []
        self.counts.append(counts)
        while not self.done.is_set():
            counts.append(len(reader.metric_history("0", self.run_id, "n")))

    def run(self, *, writers: int) -> None:
        """Let all work at once."""
        background = [threading.Thread(target=work) for work in (self.tidy, self.tidy, self.read, self.read)]
        writing = [threading.Thread(target=self.write) for _ in range(writers)]
        for thread in (*background, *writing):
            thread.start()
        for thread in writing:
            thread.join()
        self.done.set()
        for thread in background:
            thread.join()


def test_readers_never_lose_or_double_a_point_while_others_compact() -> None:
    """With racing writers, compactors and collectors, what a reader counts only grows, to the right sum."""
    store = MemoryBlobStore()
    (run_id,) = filled(store, runs=1)
    bustle = Bustle(store, run_id, points=20)
    bustle.run(writers=3)
    assert all(counts == sorted(counts) for counts in bustle.counts)
    assert len(Reader(store).metric_history("0", run_id, "n")) == 60


class ForgetfulStore(MemoryBlobStore):
    """A store whose listings lack one object: an eventually consistent one."""

    missing = ""

    def list(self, prefix: str) -> Iterator[Blob]:
        """Leave out what is missing."""
        return (blob for blob in super().list(prefix) if blob.key != self.missing)


def test_a_segment_missing_from_a_listing_is_folded_later() -> None:
    """Nothing is skipped for good because a listing was late."""
    store = ForgetfulStore()
    ids = filled(store, runs=3)
    before = answers(store, ids)
    store.missing = sorted(blob.key for blob in store.list("exp/0/hot/"))[2]
    compacted(store)
    collect(store, "0", ids=RandomIds(), hot_grace_s=0.0)
    store.missing = ""
    compacted(store)
    assert answers(store, ids) == before


def test_what_was_left_in_many_parts_is_tidied_by_whoever_has_the_room() -> None:
    """A process that trains merges little; an ample compaction later makes few parts of it."""
    store = MemoryBlobStore()
    tiny = Room(round_bytes=1, metric_rows=10, run_rows=2)
    ids: list[str] = []
    for _ in range(6):
        ids += filled(store, runs=2)
        compact(store, "0", clock=ManualClock(), ids=RandomIds(), room=tiny)
    before = answers(store, ids)
    parts = read_manifest(manifest_log(store, "0"), head_number(store, "0")).parts
    assert len(parts) >= 12
    result = compacted(store)
    tidy = read_manifest(manifest_log(store, "0"), result.manifest)
    assert (len(tidy.of_kind("metrics")), len(tidy.of_kind("runs")), result.segments) == (1, 1, 0)
    assert answers(store, ids) == before
    assert compacted(store) == Compaction(manifest=result.manifest)
