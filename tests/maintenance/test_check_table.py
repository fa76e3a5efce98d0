"""Segments, parts and manifests: each kind of harm to each of them is found under its name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mlflowflow.maintenance.check_table import TableCheck
from mlflowflow.maintenance.finding import Trouble
from mlflowflow.maintenance.look import Look
from mlflowflow.testing.faults import FaultyBlobStore
from mlflowflow.tracking.table.manifest import manifest_from_json, manifest_to_json
from tests.maintenance.stores import EXPERIMENT, Hand, flip, keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob
    from mlflowflow.storage.memory import MemoryBlobStore

HOT = f"exp/{EXPERIMENT}/hot/"
LOG = f"exp/{EXPERIMENT}/log/"


def findings(store: MemoryBlobStore, *, now_us: int | None = 0) -> dict[str, Trouble | None]:
    """Return what is found about the experiment; nothing is old, unless `now_us` is None."""
    check = TableCheck(Look(store, now_us=now_us), EXPERIMENT)
    return {finding.subject: finding.trouble for finding in check.findings()}


def unfolded(store: MemoryBlobStore) -> list[str]:
    """Return the keys of the segments that no part holds, in order."""
    head = manifest_from_json(store.get(keys(store, LOG)[-1]) or b"", key="head")
    places = [(key, *key.removeprefix(HOT).split(".")[:2]) for key in keys(store, HOT)]
    return [key for key, writer, seq in places if not head.covers(writer, int(seq))]


def test_a_whole_table_gives_facts_and_no_findings(store: MemoryBlobStore) -> None:
    """All runs and what became of the experiment's name are known afterwards."""
    check = TableCheck(Look(store, now_us=0), EXPERIMENT)
    assert list(check.findings()) == []
    assert (check.facts.complete, check.facts.state.name.text) == (True, "Digits")
    assert len(check.facts.run_ids) == 5


def test_a_damaged_segment_that_waits_is_a_problem(store: MemoryBlobStore) -> None:
    """Its writer's later ones are not folded any more."""
    key = unfolded(store)[0]
    flip(store, key, 400)
    assert findings(store) == {key: Trouble.DAMAGED}


def test_a_damaged_segment_that_was_folded_is_only_left_over(store: MemoryBlobStore) -> None:
    """Its records are in a part; the next collection takes it."""
    (key, *_) = [key for key in keys(store, HOT) if key not in unfolded(store)]
    flip(store, key, 400)
    assert findings(store) == {key: Trouble.LEFT_OVER}


def test_a_segment_under_another_name_is_found(store: MemoryBlobStore) -> None:
    """It is whole, and would be read as somebody else's."""
    first, second = unfolded(store)[:2]
    store.put(second, store.get(first) or b"")
    assert findings(store) == {second: Trouble.DAMAGED}


def test_a_gap_in_a_writers_segments_is_found(store: MemoryBlobStore) -> None:
    """The missing one is named; later ones wait for it."""
    key = unfolded(store)[1]
    store.delete(key)
    assert findings(store) == {key: Trouble.MISSING}


def test_a_missing_first_segment_of_an_unknown_writer_is_a_gap(store: MemoryBlobStore) -> None:
    """Writers begin at 0."""
    key = unfolded(store)[0]
    store.delete(key)
    assert findings(store) == {key: Trouble.MISSING}


@pytest.mark.parametrize("folder", ["metrics", "runs"])
def test_a_part_that_is_not_what_the_manifest_names_is_found(store: MemoryBlobStore, folder: str) -> None:
    """Also where every page's checksum fits, as of another whole part."""
    head = manifest_from_json(store.get(keys(store, LOG)[-1]) or b"", key="head")
    (key, *_) = [part.key for part in head.parts if part.kind == folder]
    other = next(each for each in keys(store, f"exp/{EXPERIMENT}/") if "/runs/" in each and each != key)
    store.put(key, store.get(other) or b"")
    assert findings(store) == {key: Trouble.DAMAGED}
    store.delete(key)
    assert findings(store) == {key: Trouble.MISSING}


def test_a_part_nobody_names_is_left_over_once_it_is_old(store: MemoryBlobStore) -> None:
    """A compaction that is under way has unnamed parts for a while."""
    key = f"exp/{EXPERIMENT}/metrics/{1:016x}-ab.parquet"
    store.put(key, store.get(keys(store, f"exp/{EXPERIMENT}/metrics/")[0]) or b"")
    assert findings(store) == {}
    assert findings(store, now_us=None)[key] is Trouble.LEFT_OVER


def test_a_damaged_newest_manifest_leaves_the_rest_unjudged(store: MemoryBlobStore) -> None:
    """Nobody can say then which parts are needed; that is one finding, not many."""
    key = keys(store, LOG)[-1]
    flip(store, key, 100)
    check = TableCheck(Look(store, now_us=0), EXPERIMENT)
    assert [finding.subject for finding in check.findings()] == [key]
    assert not check.facts.complete


def test_a_manifest_of_a_later_release_is_no_damage(store: MemoryBlobStore) -> None:
    """A newer release is what is needed, not a repair."""
    key = keys(store, LOG)[-1]
    store.put(key, json.dumps({**json.loads(store.get(key) or b""), "format": 99}).encode())
    assert findings(store) == {key: Trouble.TOO_NEW}


def test_a_missing_manifest_is_found(store: MemoryBlobStore) -> None:
    """Numbers are never left out."""
    key = keys(store, LOG)[0]
    store.delete(key)
    assert findings(store) == {key: Trouble.MISSING}


def test_a_manifest_that_does_not_continue_the_one_before_is_found(store: MemoryBlobStore) -> None:
    """Somebody exchanged one for another that is whole and sealed."""
    first, second = keys(store, LOG)
    manifest = manifest_from_json(store.get(first) or b"", key=first)
    forged = manifest_to_json(manifest).replace(manifest.token.encode(), b"f" * 16)
    store.put(first, manifest_to_json(manifest_from_json(_resealed(forged), key=first)))
    assert findings(store) == {second: Trouble.CONTRADICTS}


def test_a_manifest_under_another_number_is_found(store: MemoryBlobStore) -> None:
    """A copy of the first in place of the second would take the experiment back in time."""
    first, second = keys(store, LOG)
    store.put(second, store.get(first) or b"")
    assert findings(store)[second] is Trouble.CONTRADICTS


def test_what_a_stub_left_out_is_not_missed(store: MemoryBlobStore) -> None:
    """Manifests of long ago say only which one they were."""
    first, _ = keys(store, LOG)
    manifest = manifest_from_json(store.get(first) or b"", key=first)
    store.put(first, manifest_to_json(manifest.emptied()))
    assert findings(store) == {}


def test_a_store_that_is_compacted_meanwhile_has_no_findings(store: MemoryBlobStore) -> None:
    """The look is older than the newest manifest; nothing of that is reported."""
    look = Look(store, now_us=0)
    Hand(store=store).compact(EXPERIMENT)
    for key in keys(store, HOT):
        store.delete(key)
    assert list(TableCheck(look, EXPERIMENT).findings()) == []


def _resealed(body: bytes) -> bytes:
    fields = json.loads(body)
    del fields["sha256"]
    return json.dumps(fields).encode()


def test_a_cut_part_is_told_by_its_size(store: MemoryBlobStore) -> None:
    """A number says more to a person than two digests."""
    key = keys(store, f"exp/{EXPERIMENT}/metrics/")[-1]
    body = store.get(key) or b""
    store.put(key, body[:-1])
    (finding,) = TableCheck(Look(store, now_us=0), EXPERIMENT).findings()
    assert f"it has {len(body) - 1} bytes, and the manifest names {len(body)}" in finding.sentence


def test_a_segment_that_comes_while_its_folder_is_listed_is_no_gap(store: MemoryBlobStore) -> None:
    """A listing takes time, and may have the later of two segments only."""
    key = unfolded(store)[1]

    class Late(FaultyBlobStore):
        """A store whose listings lack one segment."""

        def list(self, prefix: str) -> Iterator[Blob]:
            """Leave it out."""
            return (blob for blob in super().list(prefix) if blob.key != key)

    assert list(TableCheck(Look(Late(store, {}), now_us=0), EXPERIMENT).findings()) == []
