"""Reading an experiment: folded parts, then newer segments, then records that are in neither.

The order of the first steps carries the consistency. Records that are not in the store yet are taken
*before* the listing, so each is seen in the one place or the other. Segments are listed *before* the
manifest is read, so that one folded in between is found in the manifest's parts; the other way round it
could be missed. A segment or part that is gone when it is fetched was folded and collected meanwhile:
start over.

What was read is kept: segments and parts never change, and joining is idempotent, so the next reading
folds only what is new.
"""

from __future__ import annotations

import logging
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mlflowflow.clock import iso
from mlflowflow.errors import CorruptData, NotFound, StoreUnavailable
from mlflowflow.tracking.layout import artifacts_prefix, parse_segment_key, segment_key
from mlflowflow.tracking.query import parse_filter, parse_order_by
from mlflowflow.tracking.run import LifecycleStage
from mlflowflow.tracking.table.cache import Cache
from mlflowflow.tracking.table.compaction import segments_in
from mlflowflow.tracking.table.files import Files
from mlflowflow.tracking.table.history import curves, histories
from mlflowflow.tracking.table.manifest import (
    EMPTY,
    Manifest,
    head_number,
    manifest_as_of,
    manifest_log,
    read_manifest,
)
from mlflowflow.tracking.table.points import Points
from mlflowflow.tracking.table.rewriting import Vanished, watermarks_of
from mlflowflow.tracking.table.search import Search
from mlflowflow.tracking.table.span import any_between
from mlflowflow.tracking.table.view import View
from mlflowflow.tracking.writing.loading import apart_from_forks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.run import Experiment, Metric, Run
    from mlflowflow.tracking.table.fold import Point, RunState
    from mlflowflow.tracking.table.run_rows import RunRows
    from mlflowflow.tracking.writing.sealed import Unstored

_log = logging.getLogger(__name__)
#: How often one reading starts over because a file was collected under it.
_RESTARTS: Final = 20
#: How many bytes of decoded segments and parts a reader keeps.
CACHE_BYTES: Final = 256 * 1024 * 1024
#: So many files are fetched at a time.
FETCHES: Final = 8
_T = TypeVar("_T")


class Reader:
    """Answer questions about experiments and runs. Thread-safe; one question at a time.

    Every question may be asked of the past: `at_us` is a time in microseconds, and the answer is what
    the last manifest published until then says. Raises `NotFound` for a time before the retained ones.
    """

    def __init__(
        self,
        store: BlobStore,
        *,
        pending: Callable[[str], Iterable[Unstored]] = lambda _: (),
        cache_bytes: int = CACHE_BYTES,
        fetches: int = FETCHES,
        artifact_uri: Callable[[str, str], str] | None = None,
    ) -> None:
        """Read `store`; `pending` gives the records of an experiment that are known and not stored yet.

        `artifact_uri` gives the place of the files of a run in an experiment; by default they are in the store.
        """
        self._artifact_uri = artifact_uri or self._stored_at
        self._store = store
        self._pending = pending
        self._files = Files(store, Cache(cache_bytes), fetches=fetches)
        self._views: dict[str, View] = {}
        self._lock = threading.RLock()

    def experiments(self, created: Iterable[Experiment]) -> Iterator[Experiment]:
        """Yield `created` with everything that happened since; one that is damaged as it began."""
        for began in created:
            try:
                yield self.experiment(began)
            except CorruptData as error:  # one damaged object must not hide the others
                _log.warning("What happened to the experiment '%s' is left out: %s", began.name, error)
                yield began

    def experiment(self, created: Experiment) -> Experiment:
        """Return `created` with everything that happened to it since."""
        return self._asked(created.experiment_id, None, lambda view, _: view.tail.to_experiment(created))

    def version(self, experiment_id: str) -> str:
        """Return a text that changes with everything that becomes known of the experiment's runs.

        Whoever has an answer and the same version still has the right answer. It may change without
        need, such as when segments are folded.
        """
        return self._asked(experiment_id, None, lambda view, _: view.version)

    def run(self, experiment_id: str, run_id: str, *, at_us: int | None = None) -> Run | None:
        """Return one run, or None if nobody began it in this experiment."""
        return self._asked(experiment_id, at_us, lambda view, _: view.run(run_id))

    def states(
        self, experiment_id: str, run_ids: Sequence[str], *, at_us: int | None = None
    ) -> dict[str, RunState]:
        """Return all that is known of those of `run_ids` that something was said of; not to be changed."""
        return self._asked(experiment_id, at_us, lambda view, _: view.states(run_ids))

    def latest_points(self, experiment_id: str, run_ids: Sequence[str]) -> dict[str, dict[str, Point]]:
        """Return the latest point of each metric of those of `run_ids` that something was said of."""
        return self._asked(experiment_id, None, lambda view, _: view.latest_points(run_ids))

    def present(self, experiment_id: str, run_id: str) -> RunState | None:
        """Return what is known of a run, for a log call: a fork waits until it was read, for the child's sake."""
        with self._lock, apart_from_forks():
            return self.states(experiment_id, [run_id]).get(run_id)

    def search(self, experiment_id: str, search: Search, *, at_us: int | None = None) -> list[Run]:
        """Return the first of the runs that are looked for, deleted ones included if asked for, in order."""

        def found(view: View, _: Sequence[Unstored]) -> list[Run]:
            folded = view.table.search(search, hidden=view.tail.runs)
            return search.first([*folded, *filter(search.wants, view.tail_runs())])

        return self._asked(experiment_id, at_us, found)

    def matching(self, experiment_id: str, search: Search) -> list[str]:
        """Return the ids of all runs that are looked for, whatever its limit, in no particular order.

        No run is made of a folded row: of 50,000 that would take seconds.
        """

        def found(view: View, _: Sequence[Unstored]) -> list[str]:
            fresh = [run.info.run_id for run in view.tail_runs() if search.wants(run)]
            return [*view.table.matching(search, hidden=view.tail.runs), *fresh]

        return self._asked(experiment_id, None, found)

    def runs(self, experiment_id: str) -> list[Run]:
        """Return all runs of an experiment, deleted ones included, the newest first."""
        everything = Search(
            wanted=parse_filter(""),
            order=parse_order_by(()),
            stages=tuple(LifecycleStage),
            limit=sys.maxsize,
        )
        return self.search(experiment_id, everything)

    def metric_history(
        self, experiment_id: str, run_id: str, key: str, *, at_us: int | None = None
    ) -> list[Metric]:
        """Return every point of a metric in the run's present attempt, by step, then timestamp, then as logged."""
        return self.metric_histories(experiment_id, [run_id], key, at_us=at_us)[run_id]

    def metric_histories(
        self, experiment_id: str, run_ids: Sequence[str], key: str, *, at_us: int | None = None
    ) -> dict[str, list[Metric]]:
        """Return the history of one metric for each of several runs, in one reading."""
        wanted = sorted(run_ids)

        def found(view: View, own: Sequence[Unstored]) -> dict[str, list[Metric]]:
            tables = self._series(view, own, wanted, key)
            return histories(tables, run_ids, key, attempts=view.attempts(run_ids))

        return self._asked(experiment_id, at_us, found)

    def curves(self, experiment_id: str, run_ids: Sequence[str], key: str) -> dict[str, Any]:
        """Return the history of one metric for each of several runs that have one, in columns.

        Each is a table of `step`, `ts` (milliseconds) and `value`.
        """
        wanted = sorted(run_ids)

        def found(view: View, own: Sequence[Unstored]) -> dict[str, Any]:
            tables = self._series(view, own, wanted, key)
            return curves(tables, run_ids, key, attempts=view.attempts(run_ids))

        return self._asked(experiment_id, None, found)

    def run_rows(self, experiment_id: str, *, at_us: int | None = None) -> RunRows:
        """Return all runs of an experiment, deleted ones included, in columns."""
        from mlflowflow.tracking.table.run_rows import RunRows
        from mlflowflow.tracking.table.runs_part import rows_of

        def found(view: View, _: Sequence[Unstored]) -> RunRows:
            begun = [state for state in view.tail.runs.values() if state.exists]
            return RunRows(
                experiment_id=experiment_id,
                artifact_uri=view.table.artifact_uri,
                folded=view.table.rows(hidden=view.tail.runs),
                tail=rows_of(begun),
                lock=self._lock,
            )

        return self._asked(experiment_id, at_us, found)

    def points(self, experiment_id: str, *, at_us: int | None = None) -> Points:
        """Return where every point of an experiment is; the parts are not opened."""

        def found(view: View, own: Sequence[Unstored]) -> Points:
            return Points(
                experiment_id=experiment_id,
                parts=view.manifest.of_kind("metrics"),
                loose=tuple(self._loose(view, own)),
                attempts=view.attempts(),
            )

        return self._asked(experiment_id, at_us, found)

    def catch_up(self, experiment_id: str) -> None:
        """Read what is new in an experiment, so that the next question finds it there."""
        self._asked(experiment_id, None, lambda *_: None)

    def crowded(self, segments: int) -> list[str]:
        """Return the experiments whose last reading met at least so many segments in no part yet."""
        with self._lock:
            return [name for name, view in self._views.items() if len(view.folded) >= segments]

    def _asked(
        self,
        experiment_id: str,
        at_us: int | None,
        answer: Callable[[View, Sequence[Unstored]], _T],
    ) -> _T:
        """Answer from the view up to now, or as of a time, again and again until no file vanishes.

        A part that is missing at the second look too, though a manifest that was read in between names
        it, was not folded away: it is lost. A segment may be: a listing can show what is gone.
        """
        missing = ""
        with self._lock:
            for _ in range(_RESTARTS):
                try:
                    return answer(*self._seen(experiment_id, at_us))
                except Vanished as error:
                    if at_us is not None:
                        raise _gone(experiment_id, at_us) from error
                    if error.key == missing and parse_segment_key(missing) is None:
                        raise CorruptData(missing, "it is gone, and the newest manifest names it") from error
                    missing = error.key
                    self._views.pop(experiment_id, None)
        raise StoreUnavailable(
            self._store.url, f"files were folded away under each of {_RESTARTS} attempts to read them"
        )

    def _seen(self, experiment_id: str, at_us: int | None) -> tuple[View, tuple[Unstored, ...]]:
        if at_us is None:
            return self._refreshed(experiment_id)
        return self._view(experiment_id, manifest_as_of(self._store, experiment_id, at_us)), ()

    def _refreshed(self, experiment_id: str) -> tuple[View, tuple[Unstored, ...]]:
        """Return the view up to now, and the unstored records that no segment of it holds."""
        own = tuple(self._pending(experiment_id))
        listed = segments_in(self._store, experiment_id)
        view = self._advanced(experiment_id)
        strangers = view.strangers(listed)
        if strangers:
            known = watermarks_of(self._store, view.manifest, strangers)
            view.archived |= {writer: known.get(writer, -1) for writer in strangers}
        view.take_segments(listed, self._files)
        rest = tuple(unstored for unstored in own if not view.contains(unstored.writer, unstored.seq))
        for unstored in rest:
            view.take_unstored(unstored)
        return view, rest

    def _advanced(self, experiment_id: str) -> View:
        """Return the view on the newest manifest: the one there is, or one that begins there."""
        view = self._views.get(experiment_id)
        known = EMPTY.number if view is None else view.manifest.number
        head = head_number(self._store, experiment_id, known=known)
        if view is None or head > known:
            manifest = read_manifest(manifest_log(self._store, experiment_id), head)
            view = self._views[experiment_id] = self._view(experiment_id, manifest)
        return view

    def _view(self, experiment_id: str, manifest: Manifest) -> View:
        from mlflowflow.tracking.table.runs_table import RunsTable

        table = RunsTable(
            experiment_id=experiment_id,
            artifact_uri=partial(self._artifact_uri, experiment_id),
            parts=manifest.of_kind("runs"),
            opened=self._files.runs,
        )
        return View.of(experiment_id, manifest, table)

    def _stored_at(self, experiment_id: str, run_id: str) -> str:
        return f"{self._store.url}/{artifacts_prefix(experiment_id, run_id).rstrip('/')}"

    def _series(self, view: View, own: Sequence[Unstored], run_ids: Sequence[str], key: str) -> Iterator[Any]:
        """Yield tables that hold all points of a metric of some runs, sorted by id, among others."""
        for part in view.manifest.of_kind("metrics"):
            if any_between(run_ids, part.min_run, part.max_run):
                yield from self._files.series(part, run_ids, key)
        yield from self._loose(view, own)

    def _loose(self, view: View, own: Sequence[Unstored]) -> Iterator[Any]:
        """Yield tables of the points that are in no part."""
        from mlflowflow.tracking.table.segment import metrics_table

        for writer, seq in sorted(view.folded):
            yield self._files.segment(segment_key(view.experiment_id, writer=writer, seq=seq)).metrics
        for unstored in own:
            yield metrics_table(unstored.records)


def _gone(experiment_id: str, at_us: int) -> NotFound:
    return NotFound(
        "state of experiment",
        f"{experiment_id} as of {iso(at_us)}",
        hint="It was replaced so long ago that its files have been removed; ask for a later time.",
    )
