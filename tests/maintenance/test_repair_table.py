"""Tables are put right so that everything that can be read is read again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.finding import Finding, Level, Trouble
from mlflowflow.maintenance.repair import repair
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import FaultyBlobStore
from mlflowflow.tracking.table.footer import tail_bytes
from mlflowflow.tracking.table.manifest import manifest_from_json, manifest_log, read_manifest
from tests.formats.telling import told
from tests.maintenance.stores import EXPERIMENT, Hand, flip, found, keys, points
from tests.maintenance.test_check_table import unfolded
from tests.maintenance.test_repair import repaired
from tests.maintenance.test_salvage import spoiled

if TYPE_CHECKING:
    from mlflowflow.storage.blob import Created
    from mlflowflow.tracking.table.manifest import Manifest

HOT = f"exp/{EXPERIMENT}/hot/"
LOG = f"exp/{EXPERIMENT}/log/"


def head(store: MemoryBlobStore) -> Manifest:
    """Return the newest manifest."""
    log = manifest_log(store, EXPERIMENT)
    return read_manifest(log, log.head())


def test_a_damaged_segment_lets_its_writers_later_ones_through(store: MemoryBlobStore) -> None:
    """They are folded after the repair; how many records are lost is said."""
    spoiled_one = unfolded(store)[2]
    store.put(spoiled_one, (store.get(spoiled_one) or b"")[:-1])
    (done,) = repaired(store)
    assert done.sentence.endswith("the records in it are lost.")
    Hand(store=store).compact(EXPERIMENT)
    assert unfolded(store) == []
    assert found(store) == []


def test_how_many_records_a_segment_had_is_said_if_it_says_so_itself(store: MemoryBlobStore) -> None:
    """Two wrong bits in a page are past mending; the footer is whole."""
    key = unfolded(store)[2]
    body = store.get(key) or b""
    store.put(key, spoiled(spoiled(body, group=0, column="at"), group=0, column="kind"))
    (done,) = repaired(store)
    assert re.search(r"\d records are lost\.$", done.sentence)


def test_a_missing_segment_is_filled(store: MemoryBlobStore) -> None:
    """A gap would stop its writer for ever."""
    key = unfolded(store)[1]
    store.delete(key)
    (done,) = repaired(store)
    assert (done.kept, found(store)) == ("", [])


def test_a_part_of_points_is_replaced_by_what_can_be_read(store: MemoryBlobStore) -> None:
    """A damaged part is left out of the next manifest; all other points are there."""
    bad = next(part for part in head(store).parts if part.kind == "metrics")
    before = sorted(points(store, EXPERIMENT))
    store.put(bad.key, spoiled(store.get(bad.key) or b"", group=0, column="value"))
    (done,) = repaired(store)
    assert done.sentence == f"All of its {bad.rows} rows are lost."
    assert bad.key not in [part.key for part in head(store).parts]
    after = sorted(points(store, EXPERIMENT))
    assert 0 < len(after) == len(before) - bad.rows
    assert set(after) <= set(before)
    assert found(store) == []


def test_a_part_of_runs_loses_one_column(store: MemoryBlobStore) -> None:
    """All runs are there after it; the param that nobody can read is not."""
    right = told(store.url)
    bad = next(part for part in head(store).parts if part.kind == "runs")
    store.put(bad.key, spoiled(store.get(bad.key) or b"", group=0, column="params.C"))
    (done,) = repaired(store)
    assert done.sentence == ("What can be read of it is in a new part; 'params.C' of some runs are lost.")
    said = told(store.url)
    assert [{**run, "params": {}} for run in said["runs"]] == [{**run, "params": {}} for run in right["runs"]]
    assert [run["params"] for run in said["runs"]] != [run["params"] for run in right["runs"]]
    assert found(store) == []


def test_a_part_whose_damage_hurts_nobody_is_written_again(store: MemoryBlobStore) -> None:
    """Its points are all there, but it is another file than the manifest names."""
    before = sorted(points(store, EXPERIMENT))
    bad = next(part for part in head(store).parts if part.kind == "metrics")
    body = store.get(bad.key) or b""
    store.put(bad.key, body[: -tail_bytes(body)] + body[-tail_bytes(body) :].replace(b"mlff", b"xxxx", 1))
    (done,) = repaired(store)
    assert done.sentence == "What can be read of it is in a new part; nothing is lost."
    assert (sorted(points(store, EXPERIMENT)), found(store)) == (before, [])


def test_a_missing_part_is_left_out(store: MemoryBlobStore) -> None:
    """Readers of the experiment would start over again and again."""
    gone = next(part for part in head(store).parts if part.kind == "metrics")
    store.delete(gone.key)
    (done,) = repaired(store)
    assert (done.subject, done.kept) == (gone.key, "")
    assert found(store) == []


def test_a_part_that_only_time_travel_needs_is_moved_aside(store: MemoryBlobStore) -> None:
    """The present does not name it."""
    named = {part.key for part in head(store).parts}
    (old, *_) = [key for key in keys(store, f"exp/{EXPERIMENT}/runs/") if key not in named]
    for bit in (800, 900):
        flip(store, old, bit)
    (done,) = repaired(store)
    assert done.sentence == "It was moved aside; only time travel needed it."
    assert store.get(old) is None


def test_an_unreadable_newest_manifest_takes_the_experiment_back(store: MemoryBlobStore) -> None:
    """Segments that are still there are folded again, so nothing is lost while they are."""
    right = told(store.url)
    key = keys(store, LOG)[-1]
    store.put(key, b"nonsense")
    (done,) = repaired(store)
    assert done.sentence.startswith("It says what manifest 0 said.")
    assert told(store.url) == right
    Hand(store=store).compact(EXPERIMENT)
    assert told(store.url) == right
    assert found(store) == []


def test_an_unreadable_first_manifest_that_is_the_newest_begins_anew(store: MemoryBlobStore) -> None:
    """Nothing was before it; all segments count as not folded."""
    right = told(store.url)
    key = keys(store, "exp/0/log/")[0]
    store.put(key, b"nonsense")
    (done,) = repaired(store)
    assert done.sentence.startswith("It says that nothing was folded.")
    assert told(store.url) == right


def test_an_unreadable_earlier_manifest_becomes_a_stub(store: MemoryBlobStore) -> None:
    """Its number must stay taken."""
    key = keys(store, LOG)[0]
    store.put(key, b"nonsense")
    (done,) = repaired(store)
    assert done.sentence == "A stub took its place; only time travel to it is lost."
    assert manifest_from_json(store.get(key) or b"", key=key).stub
    assert found(store) == []


@pytest.mark.parametrize("trouble", [Trouble.LEFT_OVER, Trouble.CONTRADICTS, Trouble.UNREADABLE])
def test_other_trouble_is_left_to_a_person(store: MemoryBlobStore, trouble: Trouble) -> None:
    """Two whole objects that contradict each other: only a backup knows which is right."""
    finding = Finding(level=Level.PROBLEM, subject=keys(store, LOG)[0], sentence="x", trouble=trouble)
    assert list(repair(store, [finding], clock=ManualClock(), ids=SequentialIds())) == []


def test_keys_of_nothing_are_passed_over() -> None:
    """A finding about an experiment that is gone asks for nothing."""
    key = f"exp/1/metrics/{1:016x}-a.parquet"
    finding = Finding(level=Level.PROBLEM, subject=key, sentence="x", trouble=Trouble.DAMAGED)
    (done,) = repair(MemoryBlobStore(), [finding], clock=ManualClock(), ids=SequentialIds())
    assert done.kept == ""


def test_a_segment_that_arrives_as_its_gap_is_filled_stays(store: MemoryBlobStore) -> None:
    """Its machine was off and uploads it at last, between the look and the write."""
    key = unfolded(store)[1]
    right = store.get(key) or b""
    store.delete(key)

    class Late(FaultyBlobStore):
        """A store in which the segment appears right before it is written."""

        def create(self, key: str, data: bytes) -> Created:
            """Let the other writer be first."""
            self.inner.put(key, right)
            return super().create(key, data)

    (gap,) = found(store)
    assert list(repair(Late(store, {}), [gap], clock=ManualClock(), ids=SequentialIds())) == []
    assert store.get(key) == right


def test_a_segment_under_another_name_is_not_called_mended(store: MemoryBlobStore) -> None:
    """Every checksum in it fits, so no bit of it is wrong; it goes aside, and an empty one takes its place."""
    first, second = unfolded(store)[:2]
    store.put(second, store.get(first) or b"")
    (done,) = repaired(store)
    assert done.sentence.startswith("An empty segment took its place")
    assert found(store) == []


def test_a_part_stays_where_it_is_if_somebody_compacts_meanwhile(store: MemoryBlobStore) -> None:
    """The manifest without it did not come about, and the newest one may name it still."""
    bad = next(part for part in head(store).parts if part.kind == "metrics")
    store.put(bad.key, b"nonsense")
    (finding,) = found(store)

    class Overtaken(FaultyBlobStore):
        """A store in which another manifest is published first."""

        def create(self, key: str, data: bytes) -> Created:
            """Let somebody else have the number."""
            self.inner.create(key, b"somebody else's")
            return super().create(key, data)

    assert list(repair(Overtaken(store, {}), [finding], clock=ManualClock(), ids=SequentialIds())) == []
    assert store.get(bad.key) == b"nonsense"


def test_a_newest_manifest_without_a_past_is_left_to_a_person(store: MemoryBlobStore) -> None:
    """To say that nothing was folded would count all points twice that are in its parts and in segments."""
    first, newest = keys(store, LOG)
    store.delete(first)
    store.put(newest, b"nonsense")
    finding = Finding(level=Level.PROBLEM, subject=newest, sentence="x", trouble=Trouble.DAMAGED)
    assert list(repair(store, [finding], clock=ManualClock(), ids=SequentialIds())) == []
    assert store.get(newest) == b"nonsense"
