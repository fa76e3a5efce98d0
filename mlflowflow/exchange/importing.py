"""Bringing an MLflow store over: every run, point, file, model and version, under its own id.

What is here already is found by its id, and only what is missing is added. So an import can be repeated
after it was cut off, or after the other side went on: tags, states and deletions that changed there
change here, and nothing that was added here goes. The second of two imports adds nothing. Two imports
at once may write a point twice, nothing else.

A registered model that was not imported from the same place is not touched: whose version 3 would it be?
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import (
    AlreadyExists,
    InvalidInput,
    MlflowflowError,
    NotFound,
    StoreError,
    StoreUnavailable,
)
from mlflowflow.exchange.import_models import ModelImport
from mlflowflow.exchange.linking import missing
from mlflowflow.exchange.report import Report
from mlflowflow.tracking.layout import models_shard
from mlflowflow.tracking.logged.facts import (
    MESSAGE_TAG,
    ModelWishes,
    model_beginning,
    status_record,
)
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import LifecycleStage
from mlflowflow.tracking.run_log import tag_records
from mlflowflow.tracking.table.fold import NAME_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from mlflowflow.exchange.source import Files, Source
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Experiment, Metric, Run
    from mlflowflow.tracking.tracker import Tracker

#: So many points are given to the tracker at a time.
_AT_ONCE: Final = 50_000
#: So many runs are compared with what is here at a time.
_RUNS_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a store is to come over: some `experiments` by name, or all; files and models or not."""

    experiments: frozenset[str] = frozenset()
    files: bool = True
    models: bool = True


def import_store(
    source: Source,
    *,
    tracker: Tracker,
    catalog: Catalog | None,
    wanted: Wanted | None = None,
    progress: Callable[[str, int], None] = lambda _what, _done: None,
) -> Report:
    """Bring `source` over and return what was done; `catalog` is needed for registered models.

    `progress` is told the experiment and how many runs are done. Raises `NotFound` if a wanted
    experiment is not there, before anything is written; `NotStored` if the store does not answer at the
    end. What cannot be read or fetched is named in the report, and the rest comes over.
    """
    wishes = wanted or Wanted()
    experiments = chosen(source, wishes)
    importer = _Import(source, tracker=tracker, wanted=wishes, progress=progress)
    for experiment in experiments:
        importer.experiment(experiment)
    tracker.flush()
    if wishes.models and catalog is not None:
        ModelImport(source, tracker=tracker, catalog=catalog, report=importer.report).models()
        tracker.flush()
    importer.report.problems[:0] = source.problems
    return importer.report


def chosen(source: Source, wanted: Wanted) -> list[Experiment]:
    """Return the experiments that are to come over. Raises `NotFound` for one that is not there."""
    experiments = list(source.experiments())
    names = {each.name for each in experiments}
    unknown = sorted(wanted.experiments - names)
    if unknown:
        known = ", ".join(sorted(names))
        raise NotFound("experiment", unknown[0], hint=f"'{source.where}' has {known or 'none'}.")
    return [each for each in experiments if not wanted.experiments or each.name in wanted.experiments]


@dataclass(frozen=True, slots=True)
class _Here:
    """What is here of a run already."""

    run: Run | None
    points: Sequence[Metric]


class _Import:
    def __init__(
        self, source: Source, *, tracker: Tracker, wanted: Wanted, progress: Callable[[str, int], None]
    ) -> None:
        self._source = source
        self._tracker = tracker
        self._wanted = wanted
        self._progress = progress
        self.report = Report()

    def experiment(self, experiment: Experiment) -> None:
        ours, is_new = self._tracker.adoption.experiment(experiment)
        self.report.count("experiments", 1, int(is_new))
        self._experiment_tags(experiment, ours.experiment_id, is_new=is_new)
        here = (
            {} if is_new else {run.info.run_id: run for run in self._tracker.reader.runs(ours.experiment_id)}
        )
        models: set[str] = set()
        for model in self._source.logged_models(experiment.experiment_id):
            with self._told(f"The logged model '{model.model_id}'"):
                self._logged_model(model, ours.experiment_id)
                models.add(model.model_id)
        done = 0
        for some in _batches(self._source.runs(experiment.experiment_id)):
            there = self._points_there(ours.experiment_id, some, here)
            fresh = [run.info.run_id for run in some if run.info.run_id not in here]
            self._tracker.adoption.expect(ours.experiment_id, fresh)
            for run in some:
                done += 1
                run_id = run.info.run_id
                with self._told(f"The run '{run_id}'"):
                    self._run(run, ours.experiment_id, _Here(here.get(run_id), there.pop(run_id, [])), models)
                self._progress(experiment.name, done)
        self._stage(experiment, ours.experiment_id)

    def _points_there(
        self, experiment_id: str, runs: Sequence[Run], here: Mapping[str, Run]
    ) -> dict[str, list[Metric]]:
        """Return the points here of those of `runs` that are known, a metric of all of them in one reading."""
        known = [here[run.info.run_id] for run in runs if run.info.run_id in here]
        found: dict[str, list[Metric]] = {run.info.run_id: [] for run in known}
        for key in sorted({key for run in known for key in run.data.metrics}):
            owners = [run.info.run_id for run in known if key in run.data.metrics]
            histories = self._tracker.reader.metric_histories(experiment_id, owners, key)
            for run_id, points in histories.items():
                found[run_id] += points
        return found

    @contextmanager
    def _told(self, what: str) -> Generator[None]:
        """Name in the report what goes wrong with one thing, unless the store itself is in trouble."""
        try:
            yield
        except StoreError:
            raise
        except AlreadyExists as error:
            self.report.problems.append(f"{what} is left out: {error}")
        except MlflowflowError as error:
            self.report.problems.append(f"{what} is not complete: {error}")

    def _stage(self, experiment: Experiment, experiment_id: str) -> None:
        deleted = LifecycleStage.DELETED
        if experiment.lifecycle_stage is deleted:
            self._tracker.flush()
            if self._tracker.get_experiment(experiment_id).lifecycle_stage is not deleted:
                self._tracker.delete_experiment(experiment_id)

    def _experiment_tags(self, experiment: Experiment, experiment_id: str, *, is_new: bool) -> None:
        known = experiment.tags if is_new else self._tracker.get_experiment(experiment_id).tags
        for key, text in experiment.tags.items():
            if known.get(key) != text:
                self._tracker.set_experiment_tag(experiment_id, key, text)

    # ---- runs ----------------------------------------------------------------------------------------------

    def _run(self, run: Run, experiment_id: str, known: _Here, models: set[str]) -> None:
        run_id, here = run.info.run_id, known.run
        if here is None:
            # it may still be here, in another experiment: take() refuses it
            self._tracker.adoption.take(experiment_id, run_id, _beginning(run))
        self._params_and_tags(run, here)
        self._points(run, known, models)
        self._links(run, here)
        self._end(run, experiment_id, here)
        if self._wanted.files:
            self._files(run.info.artifact_uri, self._tracker.artifacts(run_id), is_new=here is None)
        self.report.count("runs", 1, int(here is None))

    def _params_and_tags(self, run: Run, here: Run | None) -> None:
        run_id = run.info.run_id
        known, said = (here.data.params, here.data.tags) if here else ({}, {})
        params = {key: text for key, text in run.data.params.items() if key not in known}
        tags = {key: text for key, text in run.data.tags.items() if said.get(key) != text}
        if here is not None and (params or tags):
            records = [*_params(run_id, params), *tag_records(run_id, tags)]
            self._tracker.adoption.take(here.info.experiment_id, run_id, records)
        self.report.count("params", len(run.data.params), len(params))
        self.report.count("tags", len(run.data.tags), len(tags))

    def _points(self, run: Run, known: _Here, models: set[str]) -> None:
        points = [
            point if point.model_id is None or point.model_id in models else replace(point, model_id=None)
            for point in self._source.points(run)
        ]
        new = points if known.run is None else missing(points, known.points)
        for start in range(0, len(new), _AT_ONCE):
            self._tracker.log_batch(run.info.run_id, metrics=new[start : start + _AT_ONCE])
        self.report.count("points", len(points), len(new))

    def _links(self, run: Run, here: Run | None) -> None:
        run_id = run.info.run_id
        known = {each.dataset for each in here.inputs.dataset_inputs} if here else set()
        datasets = [each for each in run.inputs.dataset_inputs if each.dataset not in known]
        used = set(here.inputs.model_inputs) if here else set()
        models = [each for each in run.inputs.model_inputs if each not in used]
        if datasets or models:
            self._tracker.log_inputs(run_id, datasets=datasets, models=models)
        made = set(here.outputs.model_outputs) if here else set()
        outputs = [each for each in run.outputs.model_outputs if each not in made]
        if outputs:
            self._tracker.log_outputs(run_id, outputs)
        self.report.count("datasets", len(run.inputs.dataset_inputs), len(datasets))

    def _end(self, run: Run, experiment_id: str, here: Run | None) -> None:
        """Give the run its state, after everything else: logging may set one running again."""
        info, told = run.info, here.info if here else None
        records: list[Record] = []
        if told is None or (told.status, told.end_time) != (info.status, info.end_time):
            ended = info.end_time or 0
            records.append(
                Record(run_id=info.run_id, kind=Kind.STATUS, text=info.status, timestamp=ended, at=0)
            )
        deleted = LifecycleStage.DELETED
        if info.lifecycle_stage is deleted and (told is None or told.lifecycle_stage is not deleted):
            records.append(Record(run_id=info.run_id, kind=Kind.LIFECYCLE, text=deleted, at=0))
        if records:
            self._tracker.adoption.take(experiment_id, info.run_id, records)

    # ---- logged models -------------------------------------------------------------------------------------

    def _logged_model(self, model: LoggedModel, experiment_id: str) -> None:
        shard, model_id = models_shard(experiment_id), model.model_id
        try:
            here = self._tracker.logged_models.get(model_id, allow_deleted=True)
        except NotFound:
            here = None
        records = _model_records(model) if here is None else _model_news(model, here)
        if records:
            self._tracker.adoption.take(shard, model_id, records)
        if self._wanted.files:
            self._files(model.artifact_location, self._tracker.artifacts(model_id), is_new=here is None)
        self.report.count("logged_models", 1, int(here is None))

    # ---- files ---------------------------------------------------------------------------------------------

    def _files(self, uri: str, ours: ArtifactRepository, *, is_new: bool) -> None:
        files = self._source.files(uri) if uri else None
        if files is None:
            if uri:
                self.report.problems.append(f"The files at '{uri}' cannot be read from here and stay there.")
            return
        there = {} if is_new else ours.sizes()
        for path, size in self._listed(files, uri):
            copied = there.get(path) != size and self._copy(files, path, ours, uri)
            self.report.count("files", 1, int(copied))
            self.report.count("bytes", size, size if copied else 0)

    def _listed(self, files: Files, uri: str) -> list[tuple[str, int]]:
        try:
            return list(files.list())
        except (MlflowflowError, OSError) as error:
            self.report.problems.append(f"The files at '{uri}' stay there: {error}")
            return []

    def _copy(self, files: Files, path: str, ours: ArtifactRepository, uri: str) -> bool:
        try:
            ours.key(path)
            with TemporaryDirectory(prefix="mlff-import-") as private:
                ours.put_as(files.fetch(path, Path(private)), path)
        except (InvalidInput, NotFound, OSError, StoreUnavailable) as error:
            self.report.problems.append(f"The file '{path}' at '{uri}' stays there: {error}")
            return False
        return True


def _batches(runs: Iterator[Run]) -> Iterator[list[Run]]:
    while some := list(islice(runs, _RUNS_AT_ONCE)):
        yield some


def _beginning(run: Run) -> list[Record]:
    """Return the records that begin a run as it was begun, with its params and tags."""
    info = run.info
    tags = dict(run.data.tags)
    if info.run_name:
        tags[NAME_TAG] = info.run_name
    return [
        Record(run_id=info.run_id, kind=Kind.STARTED, text=info.user_id, timestamp=info.start_time, at=0),
        *_params(info.run_id, run.data.params),
        *tag_records(info.run_id, tags),
    ]


def _params(run_id: str, params: Mapping[str, str]) -> list[Record]:
    return [Record(run_id=run_id, kind=Kind.PARAM, key=key, text=text, at=0) for key, text in params.items()]


def _model_records(model: LoggedModel) -> list[Record]:
    """Return the records that make a logged model as it is."""
    wishes = ModelWishes(
        name=model.name,
        source_run_id=model.source_run_id,
        model_type=model.model_type,
        tags=model.tags,
        params=model.params,
    )
    began = model_beginning(model.model_id, wishes, user="", now_ms=model.creation_timestamp)
    message = {MESSAGE_TAG: model.status_message} if model.status_message else {}
    return [
        *began,
        *tag_records(model.model_id, message),
        status_record(model.model_id, model.status, now_ms=model.last_updated_timestamp),
    ]


def _model_news(model: LoggedModel, here: LoggedModel) -> list[Record]:
    """Return the records that bring what is known here of a logged model up to date."""
    model_id = model.model_id
    params = {key: text for key, text in model.params.items() if key not in here.params}
    tags = {key: text for key, text in model.tags.items() if here.tags.get(key) != text}
    records = [*_params(model_id, params), *tag_records(model_id, tags)]
    if model.status is not here.status:
        records.append(status_record(model_id, model.status, now_ms=model.last_updated_timestamp))
    return records
