"""Every key that the product makes has a kind, and what others put beside them has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.backlog import backlog_findings
from mlflowflow.maintenance.kinds import ObjectKind, experiment_in, kind_of
from mlflowflow.tracking import layout
from tests.maintenance.stores import keys, subjects

if TYPE_CHECKING:
    from mlflowflow.storage.memory import MemoryBlobStore


def test_everything_in_a_real_store_has_a_kind(store: MemoryBlobStore) -> None:
    """A store that was filled in every way holds nothing foreign, and many kinds of things."""
    kinds = {kind_of(key) for key in keys(store)}
    assert None not in kinds
    assert len(kinds) >= 12


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (layout.experiment_key("0"), ObjectKind.EXPERIMENT),
        (layout.segment_key("0", writer="ab", seq=3), ObjectKind.SEGMENT),
        (layout.metrics_part_key("0", "x"), ObjectKind.PART),
        (layout.runs_part_key("0", "x"), ObjectKind.PART),
        (layout.writers_part_key("0", "x"), ObjectKind.PART),
        (layout.name_key("A/b"), ObjectKind.EXPERIMENT_NAME),
        (layout.run_key("ab"), ObjectKind.RUN_ENTRY),
        (f"{layout.artifacts_prefix('0', 'ab')}model/MLmodel", ObjectKind.ARTIFACT),
        (f"{layout.log_prefix('0')}/{3:020d}.json", ObjectKind.MANIFEST),
        (f"{layout.ALIVE}ab.json", ObjectKind.SIGN_OF_LIFE),
        (f"{layout.upload_prefix('0', '7a')}begun.json", ObjectKind.UPLOAD),
        ("spool/ab.wal", ObjectKind.SPOOL),
    ],
)
def test_the_layout_agrees(key: str, kind: ObjectKind) -> None:
    """The patterns follow the module that makes the keys."""
    assert kind_of(key) is kind


@pytest.mark.parametrize(
    "key",
    [
        "notes.txt",
        "exp/0/hot/notes.txt",
        "exp/0/hot/ab.3.parquet",
        "exp/0/log/3.json",
        "exp/0",
        "registry/models/m/log/x.json",
    ],
)
def test_a_foreign_key_has_no_kind(key: str) -> None:
    """Something else in the same folder is not taken for ours."""
    assert kind_of(key) is None


def test_the_experiment_of_a_key_is_read_off_it() -> None:
    """Only keys under exp/ have one."""
    assert experiment_in("exp/17/exp.json") == "17"
    assert [experiment_in(key) for key in ("exp/17", "names/17", "artifacts/17/a/b")] == [None, None, None]


@pytest.mark.parametrize(
    "key", ["exp/my notes/exp.json", "exp/Ünï/hot/ab.0000000003.parquet", "artifacts/a b/r/x"]
)
def test_folders_that_are_no_experiments_are_foreign(store: MemoryBlobStore, key: str) -> None:
    """They are named by an examination, and stop neither it nor the questions of the doctor."""
    store.put(key, b"x")
    assert (kind_of(key), experiment_in(key), subjects(store)) == (None, None, [key])
    assert [each.level for each in backlog_findings(store, ids=SequentialIds())] == ["ok"]


def test_a_folder_of_foreign_files_is_no_experiment(store: MemoryBlobStore) -> None:
    """Nobody has to create it."""
    store.put("exp/notes/todo.txt", b"x")
    assert subjects(store) == ["exp/notes/todo.txt"]
