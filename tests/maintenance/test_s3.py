"""Looking after a store in a bucket: the same questions, examinations and merges over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.maintenance.doctor import doctor
from mlflowflow.maintenance.finding import Level
from mlflowflow.maintenance.merge import merge
from mlflowflow.maintenance.stats import stats
from mlflowflow.storage.location import open_store
from tests.formats.telling import told
from tests.maintenance.stores import EXPERIMENT, flip, found, keys
from tests.maintenance.test_repair import repaired

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.storage.memory import MemoryBlobStore

pytestmark = pytest.mark.s3


def test_a_store_moves_into_a_bucket_and_is_looked_after_there(
    store: MemoryBlobStore, s3_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is merged, found whole, spoiled, repaired, and reads like the source all along."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    clock = SystemClock()
    bucket = open_store(s3_url)
    answers = doctor(bucket, clock=clock, ids=RandomIds(clock), spool_dir=None, keys=2)
    assert {
        finding.subject: finding.level for finding in answers if finding.subject != "speed"
    } == dict.fromkeys(("versions", "store", "creating", "reading", "clock", "compaction"), Level.OK)
    assert merge(store, bucket, clock=clock, ids=RandomIds(clock)).is_complete
    assert stats(bucket, EXPERIMENT).tables[0].points == stats(store, EXPERIMENT).tables[0].points
    assert found(bucket) == []
    right = told(store.url)["runs"]
    key = keys(bucket, f"exp/{EXPERIMENT}/log/")[-1]
    flip(bucket, key, 333)
    assert [finding.subject for finding in found(bucket)] == [key]
    assert len(repaired(bucket)) == 1
    assert (found(bucket), told(s3_url)["runs"]) == ([], right)
