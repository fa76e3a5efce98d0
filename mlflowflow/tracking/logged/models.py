"""Logged models: models with ids of their own, kept beside the runs of their experiment.

Each is a row of records like a run, in the shard of its experiment's models (`logged_model_facts` says
what stands where). What is promised of records is promised of models: `create`, `finalize` and `delete`
are seen by all when they return, and the others survive the end of this process.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.tracking.layout import is_models_shard, models_shard
from mlflowflow.tracking.logged.facts import (
    ModelWishes,
    check_model_name,
    check_tag_key,
    dataset_records,
    model_beginning,
    points_by_model,
    status_record,
    to_model,
)
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.logged.search import model_filter, model_order, on_datasets
from mlflowflow.tracking.paging import PagedList, offset_of, page_of
from mlflowflow.tracking.record import FIRST_ATTEMPT, Kind, Record
from mlflowflow.tracking.run import LifecycleStage
from mlflowflow.tracking.run_log import tag_records
from mlflowflow.tracking.run_names import generated_name
from mlflowflow.tracking.table.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.tracking.directory import RunDirectory
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Metric
    from mlflowflow.tracking.run_log import RunLog
    from mlflowflow.tracking.table.reader import Reader
    from mlflowflow.tracking.writing.stream import Stream

_MAX_RESULTS: Final = 100
_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a tracker lends its logged models: where they are written, read and found.

    `check_open` raises unless an experiment may have new models; `artifact_uri` gives the place of the
    files of a model.
    """

    directory: RunDirectory
    reader: Reader
    run_log: RunLog
    stream: Stream
    clock: Clock
    ids: Ids
    user: str
    check_open: Callable[[str], None]
    artifact_uri: Callable[[str], str]


class LoggedModels:
    """The logged models of one store. Thread-safe.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> from mlflowflow.tracking.tracker import Tracker
    >>> with Tracker(MemoryBlobStore()) as tracker:
    ...     model = tracker.logged_models.create("0", name="wine")
    ...     tracker.logged_models.finalize(model.model_id, LoggedModelStatus.READY).status
    <LoggedModelStatus.READY: 'READY'>
    """

    def __init__(self, means: Means) -> None:
        """Use what a tracker lends."""
        self._means = means

    def create(
        self,
        experiment_id: str,
        *,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        model_type: str | None = None,
    ) -> LoggedModel:
        """Begin a model, which is PENDING until it is finalized; one without a `name` is given one.

        Raises `NotFound` for an unknown experiment, `InvalidState` for a deleted one, `InvalidInput`
        for a name with one of ``/ : . % " '`` in it.
        """
        means = self._means
        wanted = None if name is None else check_model_name(name)
        means.check_open(experiment_id)
        model_id = f"m-{means.ids.run_id()}"
        wishes = ModelWishes(
            name=wanted or generated_name(model_id),
            source_run_id=source_run_id,
            model_type=model_type,
            tags=tags or {},
            params=params or {},
        )
        records = model_beginning(model_id, wishes, user=means.user, now_ms=means.clock.now_us() // 1000)
        means.directory.enter(model_id, models_shard(experiment_id))
        means.run_log.begin(model_id)
        means.run_log.note(model_id, records, attempt=FIRST_ATTEMPT)
        means.stream.settle()
        return self.get(model_id)

    def get(self, model_id: str, *, allow_deleted: bool = False) -> LoggedModel:
        """Return a model as it stands now. Raises `NotFound` for one that is unknown or deleted."""
        shard = self._shard(model_id)
        state = self._means.reader.states(shard, [model_id]).get(model_id)
        if state is None or not state.exists:
            raise NotFound("logged model", model_id, hint="Its beginning was not stored.")
        if state.lifecycle.text == LifecycleStage.DELETED and not allow_deleted:
            raise NotFound("logged model", model_id, hint="It was deleted.")
        return to_model(state, shard=shard, artifact_location=self._means.artifact_uri(model_id))

    def finalize(self, model_id: str, status: LoggedModelStatus | str) -> LoggedModel:
        """Say that a model's files are complete (READY) or that they failed, for all to see, and return it.

        Raises `NotFound`, and `InvalidInput` for a status that is not final.
        """
        if not LoggedModelStatus.is_finalized(status):
            raise InvalidInput(f"A logged model ends as READY or FAILED; found '{status}'.")
        self.get(model_id)
        now_ms = self._means.clock.now_us() // 1000
        ended = status_record(model_id, LoggedModelStatus(status), now_ms=now_ms)
        self._means.run_log.note(model_id, [ended], attempt=FIRST_ATTEMPT)
        self._means.run_log.forget(model_id)
        self._means.stream.settle_or_warn(f"The end of the logged model '{model_id}'")
        return self.get(model_id)

    def delete(self, model_id: str) -> None:
        """Put a model out of use, for all to see; nothing is removed. Raises `NotFound`."""
        self.get(model_id)
        gone = Record(run_id=model_id, kind=Kind.LIFECYCLE, text=LifecycleStage.DELETED, at=0)
        self._means.run_log.note(model_id, [gone])
        self._means.stream.flush()

    def set_tags(self, model_id: str, tags: Mapping[str, str]) -> None:
        """Set tags of a model. Raises `NotFound`, and `InvalidInput` for a key of the library's own."""
        self.get(model_id)
        said = {check_tag_key(key): text for key, text in tags.items()}
        self._means.run_log.note(model_id, tag_records(model_id, said))

    def delete_tag(self, model_id: str, key: str) -> None:
        """Remove a tag of a model. Raises `NotFound` if there is no such model or tag."""
        if key not in self.get(model_id).tags:
            raise NotFound("tag", key, hint=f"The logged model '{model_id}' does not have it.")
        gone = Record(run_id=model_id, kind=Kind.TAG_DELETED, key=check_tag_key(key), at=0)
        self._means.run_log.note(model_id, [gone])

    def log_params(self, model_id: str, params: Mapping[str, str]) -> None:
        """Log params of a model, all or nothing. Raises `NotFound`, and `InvalidState` for another value."""
        known = self.get(model_id).params
        self._means.run_log.begin(model_id, known)
        self._means.run_log.batch(model_id, metrics=(), params=params, tags=_NOTHING)

    def search(
        self,
        experiment_ids: Sequence[str],
        *,
        filter_string: str | None = None,
        datasets: Sequence[Mapping[str, str]] | None = None,
        order_by: Sequence[Mapping[str, Any]] | None = None,
        max_results: int | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """Return a page of the models that match, the newest first unless `order_by` says otherwise.

        `datasets` are dicts with ``dataset_name`` and perhaps ``dataset_digest``: the metrics in the filter
        must have been computed on one of them. `order_by` are dicts with ``field_name``, ``ascending``,
        ``dataset_name`` and ``dataset_digest``.

        Raises `InvalidFilter` for a mistake in the filter, `InvalidInput` for one in the other arguments.
        """
        size = _MAX_RESULTS if max_results is None else max_results
        if size < 1:
            raise InvalidInput(f"max_results is {size}; expected 1 or more.")
        question = [list(experiment_ids), filter_string, datasets, order_by]
        offset = offset_of(page_token, question)
        search = Search(
            wanted=model_filter(filter_string or "", on_datasets(datasets)),
            order=model_order(order_by),
            stages=frozenset({LifecycleStage.ACTIVE}),
            limit=offset + size + 1,
        )
        shards = [models_shard(each) for each in dict.fromkeys(experiment_ids)]
        found = search.first(run for shard in shards for run in self._means.reader.search(shard, search))
        rows = page_of(
            [(run.info.experiment_id, run.info.run_id) for run in found],
            offset=offset,
            max_results=size,
            question=question,
        )
        return PagedList(self._read(rows), rows.token)

    def all(self, experiment_ids: Sequence[str], *, at_us: int | None = None) -> list[LoggedModel]:
        """Return every model of some experiments, deleted ones left out, as of a time in microseconds."""
        search = Search(
            wanted=model_filter(""),
            order=model_order(None),
            stages=frozenset({LifecycleStage.ACTIVE}),
            limit=sys.maxsize,
        )
        rows = [
            (shard, run.info.run_id)
            for shard in map(models_shard, experiment_ids)
            for run in self._means.reader.search(shard, search, at_us=at_us)
        ]
        return self._read(rows, at_us=at_us)

    def check_linked(self, points: Iterable[Metric], *, run_id: str) -> dict[str, list[Metric]]:
        """Return the points that are linked to models, by model. Raises `NotFound` for an unknown model."""
        found = points_by_model(points, run_id=run_id)
        for model_id in found:
            self._shard(model_id)
        return found

    def log_linked(self, points: Mapping[str, list[Metric]]) -> None:
        """Log the points that `check_linked` returned to their models."""
        for model_id, each in points.items():
            records = dataset_records(model_id, each)
            self._means.run_log.note(model_id, records, metrics=each, attempt=FIRST_ATTEMPT)

    def _read(self, rows: Sequence[tuple[str, str]], *, at_us: int | None = None) -> list[LoggedModel]:
        """Return the models of rows, in their order."""
        by_shard: dict[str, list[str]] = {}
        for shard, model_id in rows:
            by_shard.setdefault(shard, []).append(model_id)
        states = {
            model_id: state
            for shard, model_ids in by_shard.items()
            for model_id, state in self._means.reader.states(shard, model_ids, at_us=at_us).items()
        }
        uri = self._means.artifact_uri
        return [
            to_model(states[model_id], shard=shard, artifact_location=uri(model_id))
            for shard, model_id in rows
            if model_id in states
        ]

    def _shard(self, model_id: str) -> str:
        try:
            shard = self._means.directory.experiment_of(model_id)
        except NotFound:
            shard = ""
        if not is_models_shard(shard):
            raise NotFound("logged model", model_id, hint="'search_logged_models' shows which there are.")
        return shard
