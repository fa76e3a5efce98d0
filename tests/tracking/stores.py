"""Stores and records for the tests of tracking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from mlflowflow.errors import StoreUnavailable
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.clock import ManualClock
    from mlflowflow.storage.blob import Blob, BlobStore, Created, Span

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_INT64 = st.integers(-(2**63), 2**63 - 1)


def records(
    *, kinds: tuple[Kind, ...] = tuple(Kind), run_ids: tuple[str, ...] = ("a", "b")
) -> st.SearchStrategy[Record]:
    """Return any records, with few enough names that they meet."""
    return st.builds(
        Record,
        run_id=st.sampled_from(run_ids),
        kind=st.sampled_from(kinds),
        at=st.integers(0, 3) | _INT64,
        key=st.sampled_from(["x", "y"]) | _TEXT,
        text=_TEXT,
        value=st.floats(),
        step=st.integers(0, 2) | _INT64,
        timestamp=st.integers(0, 2) | _INT64,
        attempt=st.sampled_from([1, 1, 1, 2, 3, 2**31 - 1]),
    )


def process(store: BlobStore, spool: Path | None = None, *, clock: ManualClock | None = None) -> Tracker:
    """Return the tracker of a process that does nothing in the background."""
    return Tracker(store, clock=clock, spool_dir=spool, flush_intervals=(), compact_at=10**9)


class SwitchedStore:
    """A store in memory that can be away, and counts what is asked of it."""

    shared = False

    def __init__(self) -> None:
        """Start empty and present."""
        self.inner = MemoryBlobStore()
        self.away = False
        self.puts = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return self.inner.url

    def put(self, key: str, data: bytes) -> None:
        """Write, and count it."""
        self._answer()
        self.puts += 1
        self.inner.put(key, data)

    def create(self, key: str, data: bytes) -> Created:
        """Write if absent."""
        self._answer()
        return self.inner.create(key, data)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Read."""
        self._answer()
        return self.inner.get(key, span)

    def list(self, prefix: str) -> Iterator[Blob]:
        """List."""
        self._answer()
        return self.inner.list(prefix)

    def delete(self, key: str) -> None:
        """Remove."""
        self._answer()
        self.inner.delete(key)

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailable(self.url, "it was switched off")
