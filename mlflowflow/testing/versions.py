"""What a registry must do with the versions of one model while many change them: tag, delete and copy.

Subclass `VersionsContract` beside `CatalogContract`, with the same fixture ``store``. A copy is judged as
the two calls that it is: reading a version, and registering what was read.
"""

from __future__ import annotations

import math
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.registry.catalog import Catalog
from mlflowflow.testing.catalog import first_answers_lost
from mlflowflow.testing.faults import FaultyBlobStore
from mlflowflow.testing.history import Call, Recorder, linearization

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.registry.version import ModelVersion
    from mlflowflow.storage.blob import BlobStore

#: What the judge knows of a model: the last number given, the champion, and each version's tag by number.
VersionsState: TypeAlias = "tuple[int, int | None, tuple[tuple[int, str], ...]]"
#: Where `versions_history` begins.
VERSIONS_START: Final[VersionsState] = (2, 1, ((1, ""), (2, "")))
_WAIT_S: Final = 60
_WORKERS: Final = 4


class VersionsContract:
    """Tests that any store's registry passes. A subclass gives the fixture ``store``: an empty store."""

    @pytest.mark.parametrize("seed", range(2))
    def test_histories_of_racing_versions_are_linearizable(self, store: BlobStore, seed: int) -> None:
        """Versions that are tagged, deleted, copied and pointed at have one order, lost answers included."""
        history = versions_history(store, seed=seed)
        assert linearization(history, initial=VERSIONS_START, step=versions_step) is not None
        Catalog(store).verify("m")


def versions_step(state: VersionsState, call: Call) -> VersionsState | None:
    """Say what one call does to the versions; None if its answer is impossible in `state`."""
    answer, after = _made(state, call)
    return after if call.ended == math.inf or call.answer == answer else None


def _made(state: VersionsState, call: Call) -> tuple[object, VersionsState]:
    """Return the right answer, and the state after it."""
    last, champion, kept = state
    match call.operation, call.argument:
        case "copy", str(tag):
            return last + 1, (last + 1, champion, (*kept, (last + 1, tag)))
        case "look", int(version):
            return dict(kept).get(version), state
        case "champion", _:
            return champion, state
        case operation, (int(version), str(tag)):
            there = version in dict(kept)
            return there, _changed_to(state, operation, version, tag) if there else state
        case other:
            raise AssertionError(f"There is no such call as {other}.")


def _changed_to(state: VersionsState, operation: str, version: int, tag: str) -> VersionsState:
    last, champion, kept = state
    match operation:
        case "delete":
            rest = tuple(each for each in kept if each[0] != version)
            return last, None if champion == version else champion, rest
        case "tag":
            return last, champion, tuple(sorted({**dict(kept), version: tag}.items()))
        case _:
            return last, version, kept


def versions_history(
    store: BlobStore, *, seed: int, open_catalog: Callable[[BlobStore], Catalog] = Catalog
) -> tuple[Call, ...]:
    """Let threads with a catalog each change the versions of one model, as `seed` says, and return what they saw."""
    founder = Catalog(store)
    for _ in range(2):
        founder.create_version("m", source="s")
    founder.set_alias("m", "champion", 1)
    recorder = Recorder()
    losing = FaultyBlobStore(store, first_answers_lost())
    start = threading.Barrier(_WORKERS)

    def work(worker: int) -> None:
        choices = random.Random(f"versions-{seed}-{worker}")  # noqa: S311 - repeatable choices, no secrets
        catalog = open_catalog(losing)
        start.wait(timeout=_WAIT_S)
        for number in range(5):
            _random_call(catalog, recorder, choices, tag=f"{worker}.{number}")

    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(work, range(_WORKERS)))
    return recorder.history()


def _random_call(catalog: Catalog, recorder: Recorder, choices: random.Random, *, tag: str) -> None:
    version = choices.randint(1, 4)
    operation = choices.choice(("copy", "tag", "tag", "delete", "move", "look", "champion"))
    match operation:
        case "copy":
            _copy(catalog, recorder, version)
        case "look":
            recorder.record("look", version, partial(_tag, catalog, version, []))
        case "champion":
            recorder.record("champion", None, lambda: catalog.get_model("m").aliases.get("champion"))
        case _:
            call = partial(_changed, catalog, operation, version, tag)
            recorder.record(operation, (version, tag), call)


def _copy(catalog: Catalog, recorder: Recorder, version: int) -> None:
    """Look at a version, and copy what was seen."""
    seen: list[ModelVersion] = []
    tag = recorder.record("look", version, partial(_tag, catalog, version, seen))
    if seen:
        recorder.record("copy", tag, lambda: catalog.copy_version(seen[0], "m").version)


def _tag(catalog: Catalog, version: int, seen: list[ModelVersion]) -> str | None:
    """Return a version's tag, None if there is no such version; what was `seen` is kept."""
    try:
        seen.append(catalog.get_version("m", version))
    except NotFound:
        return None
    return seen[-1].tags.get("k", "")


def _changed(catalog: Catalog, operation: str, version: int, tag: str) -> bool:
    """Do it and answer whether it was done."""
    try:
        match operation:
            case "tag":
                catalog.set_version_tag("m", version, "k", tag)
            case "delete":
                catalog.delete_version("m", version)
            case _:
                catalog.set_alias("m", "champion", version)
    except NotFound:
        return False
    return True
