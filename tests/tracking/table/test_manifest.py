"""Manifests: the same after being stored, and foreign or newer ones refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, NotFound, StoreTooNew
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.fold import ExperimentState, fold
from mlflowflow.tracking.table.manifest import (
    EMPTY,
    FORMAT,
    Manifest,
    Part,
    experiment_from_json,
    experiment_to_json,
    head_number,
    leave_hint,
    manifest_as_of,
    manifest_from_json,
    manifest_log,
    manifest_to_json,
    read_manifest,
)
from tests.tracking.stores import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob

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


def test_a_part_with_runs_that_were_tried_again_says_so() -> None:
    """Who knows only the first format would show points that do not count; others pay nothing for it."""
    runs = replace(_SOME.parts[0], kind="runs", attempt=4)
    manifest = replace(_SOME, parts=(*_SOME.parts, runs))
    body = manifest_to_json(manifest)
    assert manifest_from_json(body, key="k") == manifest
    assert json.loads(body)["format"] == 2
    plain = json.loads(manifest_to_json(_SOME))
    assert (plain["format"], "attempt" in plain["parts"][0]) == (1, False)


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


@pytest.mark.parametrize(
    "cells", [{"name": [1]}, {"tags": {}}, {"x": 1}, {"name": 3, "lifecycle": 3, "tags": 3}, 7]
)
def test_cells_that_nobody_can_read_are_found_with_the_manifest(cells: object) -> None:
    """Manifests of the first release carry no seal; readers must not stumble later."""
    body = {name: value for name, value in json.loads(manifest_to_json(_SOME)).items() if name != "sha256"}
    with pytest.raises(CorruptData, match="'here' cannot be read"):
        manifest_from_json(json.dumps({**body, "experiment": cells}).encode(), key="here")


def test_a_later_releases_manifest_is_refused() -> None:
    """It is not half understood."""
    newer = json.loads(manifest_to_json(_SOME)) | {"format": FORMAT + 1}
    with pytest.raises(StoreTooNew):
        manifest_from_json(json.dumps(newer).encode(), key="k")


def published(store: MemoryBlobStore, count: int) -> None:
    """Publish so many empty manifests, a second apart."""
    log = manifest_log(store, "0")
    for number in range(count):
        log.append(number, manifest_to_json(Manifest(number=number, created_us=number * 10**6)))


@pytest.mark.parametrize(
    "hint", [None, b"", b"{}", b'{"manifest": 0}', b'{"manifest": 4}', b'{"manifest": 99}']
)
def test_a_hint_is_a_help_and_never_the_truth(hint: bytes | None) -> None:
    """Missing, damaged, late or ahead of everything: the newest manifest is found."""
    store = MemoryBlobStore()
    published(store, 5)
    if hint is not None:
        store.put("exp/0/hint.json", hint)
    assert [head_number(store, "0", known=known) for known in (-1, 0, 4)] == [4, 4, 4]


def test_a_right_hint_saves_the_listing() -> None:
    """Two short looks and the hint itself, however long the log."""
    store = ListingStore()
    published(store, 30)
    leave_hint(store, "0", 29)
    assert head_number(store, "0") == 29
    assert store.listed == []


def test_an_experiment_without_manifests_costs_one_look() -> None:
    """Most experiments of a young store are like that."""
    store = ListingStore()
    assert head_number(store, "0") == -1
    assert store.listed == []


@pytest.mark.parametrize(("at_us", "number"), [(-1, -1), (0, 0), (2_999_999, 2), (3_000_000, 3), (10**9, 4)])
def test_the_manifest_of_a_time_is_the_last_before_it(at_us: int, number: int) -> None:
    """Before the first nothing was folded."""
    store = MemoryBlobStore()
    published(store, 5)
    assert manifest_as_of(store, "0", at_us).number == number


def test_a_stub_is_no_past() -> None:
    """What it named is gone, and the error says to ask for a later time."""
    store = MemoryBlobStore()
    published(store, 2)
    log = manifest_log(store, "0")
    store.put(log.key(0), manifest_to_json(read_manifest(log, 0).emptied()))
    with pytest.raises(NotFound, match="ask for a later one"):
        manifest_as_of(store, "0", 0)
    assert manifest_as_of(store, "0", 10**6).number == 1


class ListingStore(MemoryBlobStore):
    """A store that notes what was listed."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.listed: list[str] = []

    def list(self, prefix: str) -> Iterator[Blob]:
        """List, and note it."""
        self.listed.append(prefix)
        return super().list(prefix)
