"""Bringing an MLflow store over: every run, point, file, model and version, under its own id.

What is here already is left alone, and only what is missing is added. So an import can be repeated
after it was cut off, or after the other side went on; the second of two imports adds nothing. Two
imports at once may write a point twice, nothing else.

A registered model that was not imported from the same place is not touched: whose version 3 would it be?
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, InvalidInput, NotFound
from mlflowflow.exchange.import_models import ModelImport
from mlflowflow.exchange.linking import missing
from mlflowflow.exchange.report import Report
from mlflowflow.tracking.layout import models_shard
from mlflowflow.tracking.logged_model_facts import ModelWishes, model_beginning, status_record
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import LifecycleStage
from mlflowflow.tracking.run_log import tag_records
from mlflowflow.tracking.table.fold import NAME_TAG

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.exchange.source import Files, Source
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.artifacts import ArtifactRepository
    from mlflowflow.tracking.logged_model import LoggedModel
    from mlflowflow.tracking.run import Experiment, Run
    from mlflowflow.tracking.tracker import Tracker

#: So many points are given to the tracker at a time.
_AT_ONCE: Final = 50_000


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
    experiments = list(source.experiments())
    unknown = sorted(wishes.experiments - {each.name for each in experiments})
    if unknown:
        names = ", ".join(sorted(each.name for each in experiments))
        raise NotFound("experiment", unknown[0], hint=f"'{source.where}' has {names or 'none'}.")
    importer = _Import(source, tracker=tracker, wanted=wishes, progress=progress)
    for experiment in experiments:
        if not wishes.experiments or experiment.name in wishes.experiments:
            importer.experiment(experiment)
    tracker.flush()
    if wishes.models and catalog is not None:
        ModelImport(source, tracker=tracker, catalog=catalog, report=importer.report).models()
        tracker.flush()
    return importer.report


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
        for model in self._source.logged_models(experiment.experiment_id):
            self._logged_model(model, ours.experiment_id)
        for done, run in enumerate(self._source.runs(experiment.experiment_id), 1):
            try:
                self._run(run, ours.experiment_id, here.get(run.info.run_id))
            except CorruptData as error:
                self.report.problems.append(str(error))
            self._progress(experiment.name, done)
        if experiment.lifecycle_stage is LifecycleStage.DELETED and is_new:
            self._tracker.flush()
            self._tracker.delete_experiment(ours.experiment_id)

    def _experiment_tags(self, experiment: Experiment, experiment_id: str, *, is_new: bool) -> None:
        known = experiment.tags if is_new else self._tracker.get_experiment(experiment_id).tags
        for key, text in experiment.tags.items():
            if key not in known:
                self._tracker.set_experiment_tag(experiment_id, key, text)

    # ---- runs ----------------------------------------------------------------------------------------------

    def _run(self, run: Run, experiment_id: str, here: Run | None) -> None:
        run_id = run.info.run_id
        if here is None:
            # one of no experiment of that name may still be here, in another one: take() refuses it
            self._tracker.adoption.take(experiment_id, run_id, _beginning(run))
        self._params_and_tags(run, here)
        self._points(run, here)
        self._links(run, here)
        self._end(run, experiment_id, here)
        if self._wanted.files:
            self._files(run.info.artifact_uri, self._tracker.artifacts(run_id), is_new=here is None)
        self.report.count("runs", 1, int(here is None))

    def _params_and_tags(self, run: Run, here: Run | None) -> None:
        known, said = (here.data.params, here.data.tags) if here else ({}, {})
        params = {key: text for key, text in run.data.params.items() if key not in known}
        tags = {key: text for key, text in run.data.tags.items() if said.get(key) != text}
        records = [
            *(
                Record(run_id=run.info.run_id, kind=Kind.PARAM, key=key, text=text, at=0)
                for key, text in params.items()
            ),
            *tag_records(run.info.run_id, tags),
        ]
        if here is not None and records:
            self._tracker.adoption.take(here.info.experiment_id, run.info.run_id, records)
        self.report.count("params", len(run.data.params), len(params))
        self.report.count("tags", len(run.data.tags), len(tags))

    def _points(self, run: Run, here: Run | None) -> None:
        points = self._source.points(run)
        new = points
        if here is not None:
            keys = dict.fromkeys(point.key for point in points)
            there = (point for key in keys for point in self._tracker.metric_history(run.info.run_id, key))
            new = missing(points, there)
        for start in range(0, len(new), _AT_ONCE):
            self._tracker.log_batch(run.info.run_id, metrics=new[start : start + _AT_ONCE])
        self.report.count("points", len(points), len(new))

    def _links(self, run: Run, here: Run | None) -> None:
        inputs = run.inputs.dataset_inputs
        known = {each.dataset for each in here.inputs.dataset_inputs} if here else set()
        new = [each for each in inputs if each.dataset not in known]
        if new or (here is None and run.inputs.model_inputs):
            self._tracker.log_inputs(run.info.run_id, datasets=new, models=run.inputs.model_inputs)
        if run.outputs.model_outputs and here is None:
            self._tracker.log_outputs(run.info.run_id, run.outputs.model_outputs)
        self.report.count("datasets", len(inputs), len(new))

    def _end(self, run: Run, experiment_id: str, here: Run | None) -> None:
        """Give the run its state, after everything else: logging may set one running again."""
        records = _ending(run)
        if here is not None and (here.info.status, here.info.end_time) == (
            run.info.status,
            run.info.end_time,
        ):
            return
        self._tracker.adoption.take(experiment_id, run.info.run_id, records)

    # ---- logged models -------------------------------------------------------------------------------------

    def _logged_model(self, model: LoggedModel, experiment_id: str) -> None:
        models = self._tracker.logged_models
        try:
            models.get(model.model_id, allow_deleted=True)
            is_new = False
        except NotFound:
            is_new = True
            self._tracker.adoption.take(models_shard(experiment_id), model.model_id, _model_records(model))
        if self._wanted.files:
            self._files(model.artifact_location, self._tracker.artifacts(model.model_id), is_new=is_new)
        self.report.count("logged_models", 1, int(is_new))

    # ---- files ---------------------------------------------------------------------------------------------

    def _files(self, uri: str, ours: ArtifactRepository, *, is_new: bool) -> None:
        files = self._source.files(uri) if uri else None
        if files is None:
            if uri:
                self.report.problems.append(f"The files at '{uri}' cannot be read from here and stay there.")
            return
        there = {} if is_new else {_inner(ours, blob.key): blob.size for blob in ours.walk()}
        with TemporaryDirectory(prefix="mlff-import-") as private:
            for path, size in files.list():
                fresh = there.get(path) != size
                if fresh:
                    self._copy(files, path, ours, Path(private))
                self.report.count("files", 1, int(fresh))
                self.report.count("bytes", size, size if fresh else 0)

    def _copy(self, files: Files, path: str, ours: ArtifactRepository, private: Path) -> None:
        try:
            local = files.fetch(path, private)
            ours.put_as(local, path)
        except (InvalidInput, NotFound, OSError) as error:
            self.report.problems.append(f"The file '{path}' stays where it is: {error}")


def _inner(ours: ArtifactRepository, key: str) -> str:
    return key.removeprefix(ours.key("x")[:-1])


def _beginning(run: Run) -> list[Record]:
    """Return the records that begin a run as it was begun, with its params and tags."""
    info = run.info
    tags = dict(run.data.tags)
    if info.run_name:
        tags[NAME_TAG] = info.run_name
    return [
        Record(run_id=info.run_id, kind=Kind.STARTED, text=info.user_id, timestamp=info.start_time, at=0),
        *(
            Record(run_id=info.run_id, kind=Kind.PARAM, key=key, text=text, at=0)
            for key, text in run.data.params.items()
        ),
        *tag_records(info.run_id, tags),
    ]


def _ending(run: Run) -> list[Record]:
    info = run.info
    status = Record(
        run_id=info.run_id, kind=Kind.STATUS, text=info.status, timestamp=info.end_time or 0, at=0
    )
    stage = Record(run_id=info.run_id, kind=Kind.LIFECYCLE, text=info.lifecycle_stage, at=0)
    return [status, stage] if info.lifecycle_stage is LifecycleStage.DELETED else [status]


def _model_records(model: LoggedModel) -> list[Record]:
    wishes = ModelWishes(
        name=model.name,
        source_run_id=model.source_run_id,
        model_type=model.model_type,
        tags=model.tags,
        params=model.params,
    )
    began = model_beginning(model.model_id, wishes, user="", now_ms=model.creation_timestamp)
    return [*began, status_record(model.model_id, model.status, now_ms=model.last_updated_timestamp)]
