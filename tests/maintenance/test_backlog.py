"""What waits to be folded is counted, and told when it has waited too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance import backlog as backlogs
from mlflowflow.maintenance.backlog import LATE_S, backlog, backlog_findings
from mlflowflow.maintenance.finding import Level
from mlflowflow.storage.memory import MemoryBlobStore
from tests.maintenance.stores import EXPERIMENT, copied, keys

if TYPE_CHECKING:
    import pytest


def told(store: MemoryBlobStore) -> list[tuple[Level, str]]:
    """Return what is said about the store's experiments."""
    return [(finding.level, finding.sentence) for finding in backlog_findings(store, ids=SequentialIds())]


def test_segments_that_no_part_holds_are_counted(store: MemoryBlobStore) -> None:
    """Folded ones that were not collected yet are counted apart."""
    clock = ManualClock()
    found = backlog(copied(store, clock=clock), EXPERIMENT)
    assert (found.segments, found.unfolded) == (13, 4)
    assert found.oldest_us == clock.now_us()


def test_an_experiment_of_which_nothing_was_folded_waits_whole() -> None:
    """There is no manifest yet."""
    store = MemoryBlobStore()
    store.put("exp/0/hot/a.0000000000.parquet", b"x")
    assert backlog(store, "0").unfolded == 1


def test_a_day_without_folding_is_worth_a_word(store: MemoryBlobStore) -> None:
    """By the store's clock; the next step is named."""
    clock = ManualClock()
    waiting = copied(store, clock=clock)
    assert told(waiting) == [(Level.OK, "3 experiments, none with segments that wait for long.")]
    clock.advance(LATE_S + 60)
    late = told(waiting)
    assert (
        Level.WARNING,
        f"4 segments of experiment '{EXPERIMENT}' are not folded, the oldest for 24 hours.",
    ) in late
    assert {finding.advice for finding in backlog_findings(waiting, ids=SequentialIds())} == {
        "Run 'mlff store compact', or schedule the flow 'flows/compact.py'."
    }


def test_a_crowd_is_worth_a_word_however_young(
    store: MemoryBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every reader opens each of them."""
    monkeypatch.setattr(backlogs, "MANY", 4)
    assert [level for level, _ in told(copied(store, clock=ManualClock()))] == [Level.WARNING]


def test_an_experiment_that_cannot_be_read_is_a_problem_and_the_others_are_told(
    store: MemoryBlobStore,
) -> None:
    """Its manifest is damaged."""
    store.put(keys(store, f"exp/{EXPERIMENT}/log/")[-1], b"{}")
    assert [level for level, _ in told(store)] == [Level.PROBLEM]
