"""Reading an experiment: folded parts, then newer segments, then this process's own unsent records.

The order of the first steps carries the consistency. Own records are taken *before* the listing,
so a record is seen in the one place or the other. Segments are listed *before* the manifest is
read, so that one folded in between is found in the manifest's parts; the other way round it could
be missed. A segment or part that is gone when it is fetched was folded and collected meanwhile:
start over.

What was read is kept. Segments and parts never change, and joining is idempotent, so the next read
folds only what is new.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, StoreUnavailable
from mlflowflow.storage.blob import Span
from mlflowflow.tracking.layout import artifacts_prefix, hot_prefix, parse_segment_key, segment_key
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table.fold import ExperimentState, fold, join_run
from mlflowflow.tracking.table.manifest import (
    EMPTY,
    Manifest,
    experiment_from_json,
    manifest_log,
    read_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.run import Experiment, Run
    from mlflowflow.tracking.table.manifest import Part
    from mlflowflow.tracking.table.metrics_part import MetricsFile
    from mlflowflow.tracking.table.segment import Segment
    from mlflowflow.tracking.writing.writer import Unstored

#: How often one read starts over because a file was collected under it.
_RESTARTS: Final = 20
#: How many bytes of decoded segments and parts a reader keeps.
CACHE_BYTES: Final = 256 * 1024 * 1024
#: A metrics part up to this size is fetched in one request, a larger one in the pieces needed.
WHOLE_BYTES: Final = 1024 * 1024
_FOOTER_WEIGHT: Final = 64 * 1024
_FETCHES: Final = 8
_log = logging.getLogger(__name__)


class _Vanished(Exception):
    """A file that was listed is gone."""


class Cache:
    """Keep decoded immutable files by key, the least recently used ones leave first."""

    def __init__(self, capacity: int) -> None:
        """Keep at most `capacity` bytes, as the callers weigh them."""
        self._capacity = capacity
        self._held = 0
        self._items: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def get(self, key: str) -> Any | None:
        """Return what is kept under `key`, or None."""
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: str, item: Any, *, size: int) -> None:
        """Keep `item`, which weighs `size` bytes."""
        self._held += size - self._items.pop(key, (None, 0))[1]
        self._items[key] = (item, size)
        while self._held > self._capacity:
            _, (_, weight) = self._items.popitem(last=False)
            self._held -= weight


@dataclass(slots=True, kw_only=True)
class _View:
    """An experiment as far as it has been read: `folded` are the segments beyond the manifest."""

    manifest: Manifest = EMPTY
    state: ExperimentState = field(default_factory=ExperimentState)
    folded: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    damaged: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    runs: dict[str, Run] = field(default_factory=dict[str, "Run"])

    def contains(self, writer: str, seq: int) -> bool:
        return (writer, seq) in self.folded or self.manifest.covers(writer, seq)

    def has_all_of(self, manifest: Manifest) -> bool:
        """Answer whether every segment that `manifest` folded is in the state already."""
        return all(
            (writer, seq) in self.folded
            for writer, top in manifest.watermarks.items()
            for seq in range(self.manifest.watermarks.get(writer, -1) + 1, top + 1)
        )


class Reader:
    """Answer questions about experiments and runs. Thread-safe; one question at a time."""

    def __init__(
        self,
        store: BlobStore,
        *,
        pending: Callable[[str], Iterable[Unstored]] = lambda _: (),
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        """Read `store`; `pending` gives this process's own unsent records of an experiment."""
        self._store = store
        self._pending = pending
        self._cache = Cache(cache_bytes)
        self._views: dict[str, _View] = {}
        self._lock = threading.RLock()

    def experiment(self, created: Experiment) -> Experiment:
        """Return `created` with everything that happened to it since."""
        with self._lock:
            view, _ = self._load(created.experiment_id)
            return view.state.to_experiment(created)

    def run(self, experiment_id: str, run_id: str) -> Run | None:
        """Return one run, or None if nobody began it in this experiment."""
        with self._lock:
            view, _ = self._load(experiment_id)
            return self._run(experiment_id, view, run_id)

    def runs(self, experiment_id: str) -> list[Run]:
        """Return all runs of an experiment, deleted ones included, in no particular order."""
        with self._lock:
            view, _ = self._load(experiment_id)
            found = (self._run(experiment_id, view, run_id) for run_id in view.state.runs)
            return [run for run in found if run is not None]

    def metric_history(self, experiment_id: str, run_id: str, key: str) -> list[Metric]:
        """Return every point of a metric, sorted by step, then timestamp, then as logged."""
        with self._lock:
            for _ in range(_RESTARTS):
                try:
                    return sorted(
                        self._points(experiment_id, run_id, key),
                        key=lambda point: (point.step, point.timestamp),
                    )
                except _Vanished:
                    continue
            raise self._restless()

    def catch_up(self, experiment_id: str) -> None:
        """Read what is new in an experiment, so that the next question finds it there."""
        with self._lock:
            self._load(experiment_id)

    def crowded(self, segments: int) -> list[str]:
        """Return the experiments whose last reading met at least so many segments in no part yet."""
        with self._lock:
            return [name for name, view in self._views.items() if len(view.folded) >= segments]

    def _points(self, experiment_id: str, run_id: str, key: str) -> Iterator[Metric]:
        from mlflowflow.tracking.table.segment import metrics_table

        view, own = self._load(experiment_id)
        spanning = [
            part for part in view.manifest.of_kind("metrics") if part.min_run <= run_id <= part.max_run
        ]
        for part in spanning:
            for table in self._tables(part, run_id, key):
                yield from _metrics(table, run_id, key)
        for writer, seq in sorted(view.folded):
            name = segment_key(experiment_id, writer=writer, seq=seq)
            yield from _metrics(self._segment(name).metrics, run_id, key)
        for unstored in own:
            yield from _metrics(metrics_table(unstored.records), run_id, key)

    def _run(self, experiment_id: str, view: _View, run_id: str) -> Run | None:
        found = view.runs.get(run_id)
        if found is None:
            state = view.state.runs.get(run_id)
            if state is None or not state.exists:
                return None
            place = artifacts_prefix(experiment_id, run_id).rstrip("/")
            found = state.to_run(experiment_id=experiment_id, artifact_uri=f"{self._store.url}/{place}")
            view.runs[run_id] = found
        return found

    def _load(self, experiment_id: str) -> tuple[_View, tuple[Unstored, ...]]:
        """Return the view up to now, and this process's own records that no segment of it holds."""
        for _ in range(_RESTARTS):
            try:
                return self._refresh(experiment_id)
            except _Vanished:
                continue
        raise self._restless()

    def _restless(self) -> StoreUnavailable:
        return StoreUnavailable(
            self._store.url, f"files were folded away under each of {_RESTARTS} attempts to read them"
        )

    def _refresh(self, experiment_id: str) -> tuple[_View, tuple[Unstored, ...]]:
        own = tuple(self._pending(experiment_id))
        listed = {
            found
            for blob in self._store.list(hot_prefix(experiment_id))
            if (found := parse_segment_key(blob.key)) is not None
        }
        view = self._advance(experiment_id)
        self._fold_segments(experiment_id, view, listed)
        rest = tuple(unstored for unstored in own if not view.contains(unstored.writer, unstored.seq))
        for unstored in rest:
            _fold_into(view, unstored.records, writer=unstored.writer)
        return view, rest

    def _advance(self, experiment_id: str) -> _View:
        view = self._views.setdefault(experiment_id, _View())
        log = manifest_log(self._store, experiment_id)
        head = log.head(view.manifest.number)
        if head <= view.manifest.number:
            return view
        manifest = read_manifest(log, head)
        if view.has_all_of(manifest):
            view.manifest = manifest
            view.folded = {place for place in view.folded if not manifest.covers(*place)}
            return view
        fresh = _View(manifest=manifest, state=self._folded_past(manifest))
        self._views[experiment_id] = fresh
        return fresh

    def _folded_past(self, manifest: Manifest) -> ExperimentState:
        from mlflowflow.tracking.table.runs_part import decode_runs

        state = experiment_from_json(manifest.experiment)
        for part in manifest.of_kind("runs"):
            for run in decode_runs(self._fetch(part.key), key=part.key):
                join_run(state.run(run.run_id), run)
        return state

    def _fold_segments(self, experiment_id: str, view: _View, listed: set[tuple[str, int]]) -> None:
        news = sorted(place for place in listed - view.damaged if not view.contains(*place))
        keys = [segment_key(experiment_id, writer=writer, seq=seq) for writer, seq in news]
        for place, key, body in zip(news, keys, self._bodies(keys), strict=True):
            try:
                segment = self._decoded(key, body)
            except CorruptData as error:
                view.damaged.add(place)
                _log.warning("Left out a damaged segment: %s", error)
                continue
            _fold_into(view, segment.facts, writer=place[0])
            view.folded.add(place)

    def _bodies(self, keys: list[str]) -> Iterator[bytes]:
        if len(keys) < _FETCHES:
            yield from map(self._fetch, keys)
            return
        with ThreadPoolExecutor(_FETCHES) as pool:
            yield from pool.map(self._fetch, keys)

    def _fetch(self, key: str, span: Span | None = None) -> bytes:
        body = self._store.get(key, span)
        if body is None:
            raise _Vanished(key)
        return body

    def _segment(self, key: str) -> Segment:
        found: Segment | None = self._cache.get(key)
        return self._decoded(key, self._fetch(key)) if found is None else found

    def _decoded(self, key: str, body: bytes) -> Segment:
        from mlflowflow.tracking.table.segment import decode_segment

        segment = decode_segment(body, key=key)
        self._cache.put(key, segment, size=segment.size)
        return segment

    def _tables(self, part: Part, run_id: str, key: str) -> Iterator[Any]:
        """Yield the tables of a metrics part that may hold the points: whole, or row groups of a large one."""
        from mlflowflow.tracking.table.metrics_part import decode_metrics

        if part.size <= WHOLE_BYTES:
            yield self._cached(part.key, lambda: decode_metrics(self._fetch(part.key), key=part.key))
            return
        file = self._metrics_file(part)
        for number in file.groups_with(run_id=run_id, metric=key):
            yield self._cached(f"{part.key}#{number}", partial(file.group, number))

    def _metrics_file(self, part: Part) -> MetricsFile:
        from mlflowflow.tracking.table.metrics_part import MetricsFile

        def fetch(start: int, stop: int) -> bytes:
            return self._fetch(part.key, Span(start=start, stop=stop))

        found: MetricsFile | None = self._cache.get(f"{part.key}#footer")
        if found is None:
            found = MetricsFile(fetch, size=part.size, key=part.key)
            self._cache.put(f"{part.key}#footer", found, size=_FOOTER_WEIGHT)
        return found

    def _cached(self, key: str, read: Callable[[], Any]) -> Any:
        table = self._cache.get(key)
        if table is None:
            table = read()
            self._cache.put(key, table, size=table.nbytes)
        return table


def _fold_into(view: _View, records: Iterable[Any], *, writer: str) -> None:
    kept = tuple(records)
    fold(view.state, kept, writer=writer)
    for run_id in {record.run_id for record in kept}:
        view.runs.pop(run_id, None)


def _metrics(table: Any, run_id: str, key: str) -> Iterator[Metric]:
    from mlflowflow.tracking.table.metrics_part import points_of

    rows = points_of(table, run_id=run_id, metric=key)
    for value, timestamp, step in zip(*rows, strict=True):
        yield Metric(key=key, value=value, timestamp=timestamp, step=step)
