"""Machines lose what was not synced, and nothing else."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from mlflowflow.testing.power import MachineWithoutBattery
from mlflowflow.tracking.writing.frame import Header

if TYPE_CHECKING:
    from pathlib import Path

BODY = b"0123456789"


def machine(folder: Path, seed: int) -> MachineWithoutBattery:
    """Return a machine whose store is in `folder`."""
    return MachineWithoutBattery(folder / str(seed), random.Random(seed))


def test_what_was_synced_stays(tmp_path: Path) -> None:
    """Written with a sync, created with one, or synced later; once or over and over."""
    for seed in range(20):
        mine = machine(tmp_path, seed)
        mine.store.put("a/put", BODY)
        mine.store.create("a/created", BODY)
        mine.store.put_unsynced("b/later", BODY)
        mine.store.create_unsynced("b/created", BODY)
        mine.store.sync(["b/later", "b/created", "b/absent"])
        for _ in range(3):
            mine.lose_power()
        keys = ("a/put", "a/created", "b/later", "b/created")
        assert [mine.store.get(key) for key in keys] == [BODY] * 4


def test_what_was_not_may_be_whole_cut_or_gone(tmp_path: Path) -> None:
    """Each of the three happens, and what is left then stays as it is."""
    seen: set[str] = set()
    for seed in range(40):
        mine = machine(tmp_path, seed)
        mine.store.put("a/sure", BODY)
        mine.store.put_unsynced("a/doubtful", BODY)
        mine.lose_power()
        found = mine.store.get("a/doubtful")
        seen.add("gone" if found is None else "whole" if found == BODY else "cut")
        assert found is None or BODY.startswith(found)
        mine.lose_power()
        assert mine.store.get("a/doubtful") == found
    assert seen == {"gone", "whole", "cut"}


def test_spools_keep_what_was_synced(tmp_path: Path) -> None:
    """And are let go of, so that a recovery can lock them."""
    kept: set[int] = set()
    for seed in range(20):
        mine = machine(tmp_path, seed)
        spool = mine.open(tmp_path / f"spool-{seed}", Header(writer="w", host="h", store="memory://s"))
        spool.append(b"sure")
        spool.sync()
        spool.append(b"doubtful")
        size, synced = spool.size, spool.synced_size
        mine.lose_power()
        kept.add(size - spool.path.stat().st_size)
        assert synced <= spool.path.stat().st_size <= size
    assert len(kept) > 1
