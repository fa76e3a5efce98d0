"""Stored verdicts can be computed again, and damage to what they rest on is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.gates.archive import VerdictArchive
from mlflowflow.gates.policy import GatePolicy, Threshold
from mlflowflow.storage.memory import MemoryBlobStore
from tests.gates.examples import BETTER, QUALITY, against, evidences, outcomes, paired, policies, policy

if TYPE_CHECKING:
    from mlflowflow.gates.evidence import Evidence

_EVIDENCE = against({"accuracy": 0.95}, rows=paired(candidate_only=20, champion_only=5))


def _only(store: MemoryBlobStore, part: str) -> str:
    return next(blob.key for blob in store.list("registry/") if part in blob.key)


@given(policies, evidences)
def test_recomputed_verdict_is_the_stored_one(any_policy: GatePolicy, evidence: Evidence) -> None:
    """From what is stored, and nothing else, the same verdict follows, to the digest."""
    archive = VerdictArchive(MemoryBlobStore(), "digits")
    verdict = archive.keep(any_policy, evidence)
    assert archive.get(verdict.digest).verdict.digest == verdict.digest
    assert archive.recompute(verdict.digest).digest == verdict.digest


def test_what_another_policy_would_have_said() -> None:
    """Stored evidence can be weighed by a changed policy."""
    archive = VerdictArchive(MemoryBlobStore(), "digits")
    verdict = archive.keep(policy(QUALITY, BETTER), _EVIDENCE)
    stricter = policy(Threshold(id="quality", metric="accuracy", min=0.99))
    assert verdict.passed
    assert not archive.recompute(verdict.digest, policy=stricter).passed


def test_keeping_again_changes_nothing() -> None:
    """The same verdict is kept once."""
    store = MemoryBlobStore()
    for _ in range(2):
        VerdictArchive(store, "digits").keep(policy(BETTER), _EVIDENCE)
    assert len(list(store.list("registry/"))) == 3  # one verdict, two tables


def test_models_do_not_share_verdicts() -> None:
    """A verdict about one model is unknown to another."""
    store = MemoryBlobStore()
    verdict = VerdictArchive(store, "digits").keep(policy(), _EVIDENCE)
    with pytest.raises(NotFound, match="verdict"):
        VerdictArchive(store, "letters").get(verdict.digest)


def test_changed_verdict_is_found() -> None:
    """A verdict edited by hand is not believed."""
    store = MemoryBlobStore()
    verdict = VerdictArchive(store, "digits").keep(policy(), against({"accuracy": 0.5}))
    key = _only(store, "verdicts/")
    store.put(key, (store.get(key) or b"").replace(b"FAILED", b"PASSED"))
    with pytest.raises(CorruptData, match="verdicts/"):
        VerdictArchive(store, "digits").get(verdict.digest)


def test_exchanged_rows_are_found() -> None:
    """A table with other rows than the verdict rests on is not believed."""
    store = MemoryBlobStore()
    verdict = VerdictArchive(store, "digits").keep(policy(BETTER), _EVIDENCE)
    store.put(_only(store, "outcomes/"), outcomes([True]).to_parquet())
    with pytest.raises(CorruptData, match="not those the verdict rests on"):
        VerdictArchive(store, "digits").recompute(verdict.digest)


def test_missing_rows_are_found() -> None:
    """A verdict whose rows are gone says which object is missing."""
    store = MemoryBlobStore()
    verdict = VerdictArchive(store, "digits").keep(policy(BETTER), _EVIDENCE)
    store.delete(_only(store, "outcomes/"))
    with pytest.raises(CorruptData, match="missing"):
        VerdictArchive(store, "digits").get(verdict.digest)
