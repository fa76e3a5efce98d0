"""One experiment comes into another: parts with their watermarks in one step, segments under their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import Conflict, StoreUnavailable
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.copying import Copier, ReadOnly
from mlflowflow.maintenance.merge_table import TableMerge, merge_table
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.manifest import manifest_log, read_manifest
from mlflowflow.tracking.table.reader import Reader
from tests.maintenance.stores import EXPERIMENT, Hand, keys, objects, points

if TYPE_CHECKING:
    from mlflowflow.storage.blob import Created


def brought(
    source: MemoryBlobStore, target: Any, target_id: str = EXPERIMENT, *, same: bool = True
) -> TableMerge:
    """Bring the experiment over."""
    copier = Copier(source=ReadOnly(source), target=target)
    ids = SequentialIds(start_ms=1)
    return merge_table(copier, EXPERIMENT, target_id, same=same, clock=ManualClock(), ids=ids)


def head(store: MemoryBlobStore, experiment_id: str = EXPERIMENT) -> Any:
    """Return the newest manifest."""
    log = manifest_log(store, experiment_id)
    return read_manifest(log, log.head())


def test_parts_of_points_are_copied_as_they_are(store: MemoryBlobStore) -> None:
    """Their bytes are proved by the digests that the new manifest names."""
    target = MemoryBlobStore()
    assert brought(store, target) == TableMerge(parts=3, segments=4)
    theirs = {part.sha256 for part in head(target).of_kind("metrics")}
    assert theirs == {part.sha256 for part in head(store).of_kind("metrics")}
    assert head(target).watermarks == head(store).watermarks


def test_only_segments_that_no_part_holds_are_copied(store: MemoryBlobStore) -> None:
    """They keep their names, so that nothing is folded twice."""
    target = MemoryBlobStore()
    brought(store, target)
    copied_hot = keys(target, f"exp/{EXPERIMENT}/hot/")
    assert len(copied_hot) == 4
    assert all(target.get(key) == store.get(key) for key in copied_hot)


def test_a_repetition_brings_nothing(store: MemoryBlobStore) -> None:
    """The watermarks say that everything is there."""
    target = MemoryBlobStore()
    brought(store, target)
    before = objects(target)
    assert brought(store, target) == TableMerge()
    assert objects(target) == before


def test_what_is_said_of_another_experiment_stays_behind(store: MemoryBlobStore) -> None:
    """Its name is not the target's; its runs are."""
    target = MemoryBlobStore()
    brought(store, target, "17", same=False)
    from mlflowflow.maintenance.check_table import TableCheck
    from mlflowflow.maintenance.look import Look

    check = TableCheck(Look(target, now_us=0), "17")
    assert list(check.findings()) == []
    assert (check.facts.state.name.text, check.facts.state.tags) == ("", {})
    assert len(check.facts.run_ids) == 5
    same = TableCheck(Look(store, now_us=0), EXPERIMENT)
    assert list(same.findings()) == []
    assert same.facts.run_ids == check.facts.run_ids


class Overtaken(MemoryBlobStore):
    """A store in which somebody else publishes the first manifests that we want to publish."""

    def __init__(self, source: MemoryBlobStore, times: int) -> None:
        """Be overtaken so many times."""
        super().__init__()
        self._source = source
        self._times = times

    def create(self, key: str, data: bytes) -> Created:
        """Let the other be first."""
        if "/log/" in key and self._times:
            self._times -= 1
            number = int(key.rsplit("/", 1)[1].removesuffix(".json"))
            from mlflowflow.tracking.table.manifest import Manifest, manifest_to_json

            super().create(key, manifest_to_json(Manifest(number=number, token="other")))
        return super().create(key, data)


def test_a_lost_race_is_run_again(store: MemoryBlobStore) -> None:
    """Somebody compacted the target meanwhile; every point comes over all the same, once."""
    target = Overtaken(store, 2)
    brought(store, target)
    target.put(f"exp/{EXPERIMENT}/exp.json", store.get(f"exp/{EXPERIMENT}/exp.json") or b"")
    for key in keys(store, "runs/"):
        target.put(key, store.get(key) or b"")
    assert head(target).number == 2
    assert sorted(points(target, EXPERIMENT)) == sorted(points(store, EXPERIMENT))


def test_races_that_are_always_lost_end(store: MemoryBlobStore) -> None:
    """The person is told to try later."""
    with pytest.raises(Conflict, match="Others compacted experiment"):
        brought(store, Overtaken(store, 99))


def test_no_manifest_names_a_part_that_did_not_come(store: MemoryBlobStore) -> None:
    """It was collected in the source, or the target has another file there; its watermarks would hide it for ever."""
    part = head(store).of_kind("metrics")[0]
    kept = store.get(part.key) or b""
    target = MemoryBlobStore()
    store.delete(part.key)
    with pytest.raises(StoreUnavailable, match="was collected meanwhile; repeat the merge"):
        brought(store, target)
    store.put(part.key, kept)
    target.put(part.key, b"cut")
    with pytest.raises(StoreUnavailable, match="has 3 bytes and should have"):
        brought(store, target)
    assert manifest_log(target, EXPERIMENT).head() == -1


@pytest.mark.parametrize("folded", [True, False], ids=["parts", "segments"])
def test_attempts_come_along(folded: bool) -> None:
    """The target sees the attempt that the source sees, also if it had an earlier one from it already."""
    source, target = MemoryBlobStore(), MemoryBlobStore()
    hand = Hand(store=source)
    for attempt in (1, 2):
        with hand.tracker() as tracker:
            tracker.create_run("0", run_id="r", attempt=attempt)
            tracker.log_metric("r", "loss", float(attempt), step=attempt)
            tracker.flush()
            if folded:
                compact(source, "0", clock=hand.clock, ids=hand.ids)
        copier = Copier(source=ReadOnly(source), target=target)
        ids = SequentialIds(start_ms=1 + attempt)
        merge_table(copier, "0", "0", same=True, clock=ManualClock(), ids=ids)
        reader = Reader(target)
        run = reader.run("0", "r")
        assert run is not None
        assert run.data.metrics == {"loss": float(attempt)}
        assert [point.step for point in reader.metric_history("0", "r", "loss")] == [attempt]
