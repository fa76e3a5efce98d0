"""Manifests: the same after being stored, and foreign or newer ones refused by name."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, StoreTooNew
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.fold import ExperimentState, fold
from mlflowflow.tracking.table.manifest import (
    EMPTY,
    FORMAT,
    Manifest,
    Part,
    experiment_from_json,
    experiment_to_json,
    manifest_from_json,
    manifest_log,
    manifest_to_json,
    read_manifest,
)
from tests.tracking.stores import records

_SOME = Manifest(
    number=3,
    created_us=5,
    parent="ab",
    token="t",
    parts=(Part(kind="metrics", key="k", rows=1, size=2, sha256="s", min_run="a", max_run="b"),),
    watermarks=MappingProxyType({"w": 7}),
    experiment=MappingProxyType({}),
)


def test_a_manifest_is_the_same_after_being_stored() -> None:
    """Every field comes back."""
    assert manifest_from_json(manifest_to_json(_SOME), key="k") == _SOME


@given(st.lists(records(run_ids=("",)), max_size=8))
def test_an_experiments_cells_are_the_same_after_being_stored(logged: list[object]) -> None:
    """Name, stage and tags come back with their places in the order, deleted tags included."""
    state = ExperimentState()
    fold(state, logged, writer="w")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - records are what is drawn
    assert experiment_from_json(json.loads(json.dumps(experiment_to_json(state)))) == state


def test_before_the_first_manifest_nothing_is_folded() -> None:
    """The empty manifest covers no segment and has no cells."""
    assert read_manifest(manifest_log(MemoryBlobStore(), "0"), -1) == EMPTY
    assert not EMPTY.covers("w", 0)
    assert experiment_from_json(EMPTY.experiment) == ExperimentState()


def test_watermarks_cover_all_up_to_them() -> None:
    """And nothing of other writers."""
    assert [_SOME.covers("w", seq) for seq in (0, 7, 8)] == [True, True, False]
    assert not _SOME.covers("other", 0)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"format": 1}', b'{"format": "x"}'])
def test_what_is_no_manifest_is_named(body: bytes) -> None:
    """A foreign object is reported with its key."""
    with pytest.raises(CorruptData, match="'here' cannot be read"):
        manifest_from_json(body, key="here")


def test_a_later_releases_manifest_is_refused() -> None:
    """It is not half understood."""
    newer = json.loads(manifest_to_json(_SOME)) | {"format": FORMAT + 1}
    with pytest.raises(StoreTooNew):
        manifest_from_json(json.dumps(newer).encode(), key="k")
