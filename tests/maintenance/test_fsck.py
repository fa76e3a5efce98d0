"""An examination finds every changed bit by name or is right to say nothing, and changes nothing itself."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import MlflowflowError, NotFound
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.finding import Trouble
from mlflowflow.maintenance.fsck import fsck
from mlflowflow.maintenance.kinds import ObjectKind, kind_of
from mlflowflow.storage.memory import MemoryBlobStore
from tests.formats.telling import told
from tests.maintenance.stores import copied, flip, found, keys, objects

if TYPE_CHECKING:
    from pathlib import Path

#: Artifacts without a recorded digest: nobody can say what they were.
UNKNOWN = "/plots/"


def test_a_whole_store_has_no_findings_and_is_left_as_it_was(store: MemoryBlobStore) -> None:
    """Not even what an examination writes to tell the time stays."""
    before = objects(store)
    examined = fsck(store, ids=SequentialIds())
    assert (examined.findings, examined.is_clean, objects(store)) == ((), True, before)
    assert (examined.objects, examined.read > 50, examined.bytes > 50_000) == (len(before), True, True)
    assert dict(examined.kinds)["decision"] == 14


@pytest.mark.parametrize("seed", range(3))
def test_a_flipped_bit_is_found_by_name_or_changes_nothing(store: MemoryBlobStore, seed: int) -> None:
    """For each kind of object: what readers say is right, or refused, or its object is named; never wrong."""
    chance = random.Random(seed)
    right = told(store.url)
    every = [key for key in keys(store) if UNKNOWN not in key]
    silent: list[str] = []
    for kind in sorted({kind_of(key) for key in every}, key=str):
        key = chance.choice([each for each in every if kind_of(each) is kind])
        body = store.get(key) or b""
        flip(store, key, chance.randrange(len(body) * 8))
        if not any(each.subject in key for each in found(store)) and _says_another_thing(store, right):
            silent.append(key)
        store.put(key, body)
    assert silent == []


def _says_another_thing(store: MemoryBlobStore, right: object) -> bool:
    try:
        return told(store.url) != right
    except MlflowflowError:
        return False


def test_foreign_objects_are_named(store: MemoryBlobStore) -> None:
    """Whoever owns them can remove them."""
    for key in ("notes.txt", "exp/0/hot/notes.txt", "exp/0/hot/zz.0000000000.parquet"):
        store.put(key, b"x")
    assert {finding.subject: finding.trouble for finding in found(store)} == {
        "notes.txt": Trouble.FOREIGN,
        "exp/0/hot/notes.txt": Trouble.FOREIGN,
        "exp/0/hot/zz.0000000000.parquet": Trouble.DAMAGED,
    }


def test_what_a_probe_left_long_ago_is_named(store: MemoryBlobStore) -> None:
    """A young one is somebody's who is trying the store out right now."""
    clock = ManualClock()
    old = copied(store, clock=clock)
    old.put("probe/ab", b"x")
    assert found(old) == []
    clock.advance(25 * 3600)
    assert [finding.subject for finding in found(old)] == ["probe/ab"]


def test_quarantine_is_not_examined(store: MemoryBlobStore) -> None:
    """What lies there is known to be damaged."""
    store.put("quarantine/0/exp/0/exp.json", b"x")
    assert found(store) == []
    assert kind_of("quarantine/0/exp/0/exp.json") is ObjectKind.QUARANTINE


def test_spools_of_this_machine_are_examined_too(store: MemoryBlobStore, tmp_path: Path) -> None:
    """Records that are not in the store yet belong to it."""
    (tmp_path / "a.wal").write_bytes(b"\x00" * 50)
    findings = fsck(store, ids=SequentialIds(), spool_dir=tmp_path).findings
    assert [finding.subject for finding in findings] == [str(tmp_path / "a.wal")]


def test_a_place_that_is_no_store_is_refused() -> None:
    """An empty place is not a clean store."""
    with pytest.raises(NotFound, match="There is no store"):
        fsck(MemoryBlobStore(), ids=SequentialIds())
