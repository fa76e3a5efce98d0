"""The immutable files of an experiment as a reader has them: fetched once, decoded once, kept a while."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mlflowflow.errors import CorruptData
from mlflowflow.ids import digest
from mlflowflow.storage.blob import Span
from mlflowflow.tracking.table.footer import has_mark
from mlflowflow.tracking.table.rewriting import fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.table.cache import Cache
    from mlflowflow.tracking.table.manifest import Part
    from mlflowflow.tracking.table.metrics_part import MetricsFile
    from mlflowflow.tracking.table.runs_file import RunsFile
    from mlflowflow.tracking.table.segment import Segment

#: A metrics part up to this size is fetched in one request, a larger one in the pieces needed.
WHOLE_BYTES: Final = 1024 * 1024
_FOOTER_WEIGHT: Final = 64 * 1024
_T = TypeVar("_T")


class Files:
    """Fetch and decode segments and parts. Raises `Vanished` for one that was collected."""

    def __init__(self, store: BlobStore, cache: Cache, *, fetches: int) -> None:
        """Keep what was decoded in `cache`; fetch up to `fetches` files at a time."""
        self._store = store
        self._cache = cache
        self._fetches = fetches

    def bodies(self, keys: Sequence[str]) -> Iterator[bytes]:
        """Yield the bytes of several files, in order."""
        fetch = partial(fetched, self._store)
        if self._fetches <= 1 or len(keys) < self._fetches or _is_ending():
            yield from map(fetch, keys)
            return
        with ThreadPoolExecutor(self._fetches) as pool:
            yield from pool.map(fetch, keys)

    def segment(self, key: str, body: bytes | None = None) -> Segment:
        """Return a decoded segment; `body` are its bytes if they are there already. Raises `CorruptData`."""
        from mlflowflow.tracking.table.segment import decode_segment

        found: Segment | None = self._cache.get(key)
        if found is None:
            found = decode_segment(fetched(self._store, key) if body is None else body, key=key)
            self._cache.put(key, found, size=found.size)
        return found

    def runs(self, part: Part) -> RunsFile:
        """Return an opened runs part. Raises `CorruptData`."""
        from mlflowflow.tracking.table.runs_file import RunsFile

        found: RunsFile | None = self._cache.get(part.key)
        if found is None:
            found = self._whole(part, RunsFile)
        self._cache.put(part.key, found, size=found.weight)  # it grows with what is decoded of it
        return found

    def series(self, part: Part, run_ids: Sequence[str], metric: str) -> Iterator[Any]:
        """Yield the tables of a metrics part that may hold points of a metric of runs, sorted by id."""
        from mlflowflow.tracking.table.metrics_part import decode_metrics

        if part.size <= WHOLE_BYTES:
            yield self._cached(part.key, lambda: self._whole(part, decode_metrics))
            return
        file = self.metrics(part)
        for number in file.groups_with(run_ids=run_ids, metric=metric):
            yield self._cached(f"{part.key}#{number}", partial(file.group, number))

    def metrics(self, part: Part) -> MetricsFile:
        """Return an opened metrics part. Raises `CorruptData`."""
        from mlflowflow.tracking.table.metrics_part import MetricsFile

        found: MetricsFile | None = self._cache.get(f"{part.key}#footer")
        if found is None:
            found = MetricsFile(partial(self._piece, part.key), size=part.size, key=part.key)
            self._cache.put(f"{part.key}#footer", found, size=_FOOTER_WEIGHT)
        return found

    def _whole(self, part: Part, decode: Callable[..., _T]) -> _T:
        """Fetch and decode a part; those of the first release have no checksum over their footer."""
        body = fetched(self._store, part.key)
        found = decode(body, key=part.key)
        if not has_mark(body) and digest(body) != part.sha256:
            raise CorruptData(part.key, "its bytes are not those that the manifest names")
        return found

    def _piece(self, key: str, start: int, stop: int) -> bytes:
        return fetched(self._store, key, Span(start=start, stop=stop))

    def _cached(self, key: str, read: Callable[[], Any]) -> Any:
        table = self._cache.get(key)
        if table is None:
            table = read()
            self._cache.put(key, table, size=table.nbytes)
        return table


def _is_ending() -> bool:
    """Answer whether the interpreter is about to end and starts no threads any more."""
    return not threading.main_thread().is_alive()
