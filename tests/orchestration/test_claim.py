"""An attempt belongs to who claims it first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mlflowflow.errors import StoreUnavailable
from mlflowflow.orchestration.claim import claim, is_superseded, next_attempt
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.trial import Trial
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from mlflowflow.testing.plans import once

SWEEP = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
TRIAL = Trial(number=3, run_id="0190a1b2c3d47e5f8a9b0c1d2e3f4a5c", params={})


def test_of_many_workers_one_gets_the_attempt() -> None:
    """However Dask repeats a task, it is made once."""
    store = MemoryBlobStore()
    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda n: claim(store, SWEEP, TRIAL, token=str(n), worker="w"), range(8)))
    assert got.count(True) == 1


def test_attempts_trials_and_sweeps_are_claimed_apart() -> None:
    """What one of them has does not hinder the others."""
    store = MemoryBlobStore()
    others = [
        (SWEEP, TRIAL),
        (SWEEP, replace(TRIAL, attempt=2)),
        (SWEEP, replace(TRIAL, number=4)),
        (SWEEP[::-1], TRIAL),
    ]
    assert all(claim(store, sweep, each, token="t", worker="w") for sweep, each in others)
    assert not any(claim(store, sweep, each, token="u", worker="w") for sweep, each in others)


def test_a_lost_answer_does_not_lose_the_attempt() -> None:
    """The worker may ask again with its token; if the store is away it hears that, and nothing is claimed."""
    for fault in (Fault.LOST_ANSWER, Fault.HANGING):
        lossy = FaultyBlobStore(MemoryBlobStore(), once(1, fault))
        assert claim(lossy, SWEEP, TRIAL, token="t", worker="w")
    away = FaultyBlobStore(MemoryBlobStore(), once(1, Fault.UNAVAILABLE))
    with pytest.raises(StoreUnavailable):
        claim(away, SWEEP, TRIAL, token="t", worker="w")


def test_an_attempt_is_superseded_when_the_next_is_begun() -> None:
    """Its end is nobody's business then."""
    store = MemoryBlobStore()
    claim(store, SWEEP, TRIAL, token="t", worker="w")
    assert not is_superseded(store, SWEEP, TRIAL)
    claim(store, SWEEP, replace(TRIAL, attempt=2), token="t", worker="w")
    assert is_superseded(store, SWEEP, TRIAL)


def test_the_next_attempt_is_the_first_that_nobody_has() -> None:
    """A single run is continued with it."""
    store = MemoryBlobStore()
    assert next_attempt(store, SWEEP, TRIAL) == 1
    for attempt in (1, 2):
        claim(store, SWEEP, replace(TRIAL, attempt=attempt), token="t", worker="w")
    assert next_attempt(store, SWEEP, TRIAL) == 3
