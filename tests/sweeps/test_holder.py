"""Who coordinates a sweep is known, so that a second is not started by mistake."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidState
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.sweeps.holder import BEAT_S, Hold, living_holder
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from tests.sweeps.examples import RUN_ID

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore

KEY = f"sweeps/{RUN_ID}/holder.json"


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    """A directory: it tells when things were written."""
    return LocalBlobStore(tmp_path)


def _hold(
    store: BlobStore, *, token: str = "one", clock: ManualClock | None = None, take_over: bool = False
) -> Hold:
    return Hold(
        store, RUN_ID, token=token, clock=clock or ManualClock(), ids=SequentialIds(), take_over=take_over
    )


def test_a_second_coordinator_is_refused(store: BlobStore) -> None:
    """The message names the first and says how to end it."""
    with _hold(store), pytest.raises(InvalidState, match=f"{platform.node()}.*mlff sweep stop"), _hold(store):
        pass


def test_after_the_end_anybody_may(store: BlobStore) -> None:
    """Leaving says that nobody coordinates it."""
    with _hold(store):
        pass
    assert living_holder(store, RUN_ID, ids=SequentialIds()) is None
    with _hold(store, token="two"):
        pass


def test_taking_over_leaves_the_sign_of_the_new(store: BlobStore) -> None:
    """The one that was taken over does not remove it when it stops."""
    with _hold(store):
        second = _hold(store, token="two", take_over=True)
        second.__enter__()
    found = living_holder(store, RUN_ID, ids=SequentialIds())
    assert found is not None
    assert found.token == "two"
    second.__exit__(None, None, None)


def test_the_dead_hold_nothing(store: BlobStore) -> None:
    """A process of this machine that is gone is not waited for."""
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], check=True, capture_output=True
    )
    store.put(KEY, json.dumps({"token": "x", "host": platform.node(), "pid": int(gone.stdout)}).encode())
    assert living_holder(store, RUN_ID, ids=SequentialIds()) is None


def test_silence_is_death(store: BlobStore, tmp_path: Path) -> None:
    """Of another machine nothing is known but when it gave its last sign."""
    import os

    store.put(KEY, json.dumps({"token": "x", "host": "elsewhere", "pid": 1}).encode())
    assert living_holder(store, RUN_ID, ids=SequentialIds()) is not None
    (file,) = [each for each in tmp_path.rglob("holder.json*") if each.is_file()]
    os.utime(file, (1.0, 1.0))
    assert living_holder(store, RUN_ID, ids=SequentialIds()) is None


@pytest.mark.parametrize("verb", ["get", "delete"])
def test_a_goodbye_that_is_not_allowed_harms_nothing(store: BlobStore, verb: str) -> None:
    """A sweep that has ended has ended."""
    is_leaving = False
    faulty = FaultyBlobStore(store, lambda call: Fault.DENIED if is_leaving and call.verb == verb else None)
    with _hold(faulty):
        is_leaving = True
    assert living_holder(store, RUN_ID, ids=SequentialIds()) is not None, (
        "until it has been silent for a while"
    )


def test_beats_are_few(store: BlobStore) -> None:
    """A sweep with a thousand turns a second writes its sign every few seconds."""
    clock = ManualClock()
    with _hold(store, clock=clock) as hold:
        store.delete(KEY)
        hold.beat()
        assert store.get(KEY) is None
        clock.advance(BEAT_S)
        hold.beat()
        assert store.get(KEY) is not None


def test_who_may_only_read_may_look(store: BlobStore) -> None:
    """The age cannot be told then; whoever has not said goodbye counts as there."""
    store.put(KEY, json.dumps({"token": "x", "host": "elsewhere", "pid": 1}).encode())
    read_only = FaultyBlobStore(
        store, lambda call: Fault.UNAVAILABLE if call.verb in {"put", "create"} else None
    )
    found = living_holder(read_only, RUN_ID, ids=SequentialIds())
    assert found is not None
    assert found.host == "elsewhere"
