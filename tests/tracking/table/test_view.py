"""A view: what is folded is looked up, what came since is in memory, and each counts once."""

from __future__ import annotations

from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table.cache import Cache
from mlflowflow.tracking.table.files import Files
from mlflowflow.tracking.table.fold import RunState, Stamp, point
from mlflowflow.tracking.table.manifest import Manifest
from mlflowflow.tracking.table.segment import encode_segment
from mlflowflow.tracking.table.view import View
from tests.tracking.table.run_states import table_of


def view_of(*folded: RunState, manifest: Manifest | None = None) -> View:
    """Return a view with some runs folded."""
    return View.of("7", manifest or Manifest(), table_of([folded] if folded else []))


def began(run_id: str) -> RunState:
    """Return a run that has begun and has one metric."""
    return RunState(run_id=run_id, started=Stamp(1, "w", "ada", 1), metrics={"m": point(1, 1, 1.0)})


def said(*steps: int, run_id: str = "a") -> list[Record]:
    """Return points of a run, with the step as value."""
    return [
        Record(run_id=run_id, kind=Kind.METRIC, at=step, key="m", step=step, value=step) for step in steps
    ]


def store_of(*segments: tuple[str, int, list[Record]]) -> MemoryBlobStore:
    """Return a store with segments of the experiment 7."""
    store = MemoryBlobStore()
    for writer, seq, records in segments:
        body = encode_segment(records, writer=writer, seq=seq)
        store.put(f"exp/7/hot/{writer}.{seq:010d}.parquet", body)
    return store


def latest(view: View, run_id: str = "a") -> float:
    """Return the latest value of a run's metric."""
    run = view.run(run_id)
    assert run is not None
    return run.data.metrics["m"]


def test_what_is_said_of_a_folded_run_is_joined_with_what_was_folded() -> None:
    """A later step replaces the folded one, an earlier one does not; its start is still known."""
    view = view_of(began("a"), began("b"))
    store = store_of(("w", 0, said(0)), ("w", 1, said(5)))
    files = Files(store, Cache(10**6), fetches=1)
    view.take_segments({("w", 0)}, files)
    assert latest(view) == 1.0
    view.take_segments({("w", 0), ("w", 1)}, files)
    assert (latest(view), latest(view, "b")) == (5.0, 1.0)
    assert [run.info.run_id for run in view.tail_runs()] == ["a"]


def test_what_the_manifest_or_the_archive_covers_is_not_taken_again() -> None:
    """Neither a folded segment nor one of a writer of long ago is read."""
    view = view_of(began("a"), manifest=Manifest(number=0, watermarks={"w": 1}))
    view.archived["old"] = 3
    view.take_segments({("w", 1), ("old", 3)}, Files(MemoryBlobStore(), Cache(0), fetches=1))
    assert view.tail_runs() == []
    assert view.strangers({("w", 1), ("old", 3), ("new", 0)}) == {"new"}


def test_latest_points_come_from_the_tail_before_the_parts() -> None:
    """Whoever has them reads them while the tail goes on."""
    view = view_of(began("a"), began("b"))
    view.take_segments([("w", 0)], Files(store_of(("w", 0, said(2))), Cache(1_000_000), fetches=1))
    found = view.latest_points(["a", "b", "none"])
    assert found == {"a": {"m": point(2, 0, 2.0)}, "b": {"m": point(1, 1, 1.0)}}
    view.take_segments([("w", 1)], Files(store_of(("w", 1, said(3))), Cache(1_000_000), fetches=1))
    assert found["a"] == {"m": point(2, 0, 2.0)}
