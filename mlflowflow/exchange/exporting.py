"""Writing our store into one of MLflow's: the way back, which is what makes the way here safe to take.

What is there already is found again, by ids or by tags that hold our ids, and only what is missing is
added. So an export can be repeated after it was cut off, or after runs were added here.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import AlreadyExists, MlflowflowError, NotFound, StoreError
from mlflowflow.exchange.importing import Wanted
from mlflowflow.exchange.report import Counts, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from mlflowflow.exchange.target import Target
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.version import RegisteredModel
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    from mlflowflow.tracking.run import Experiment, Metric, Run
    from mlflowflow.tracking.tracker import Tracker

#: The points of so many runs are read at a time.
_RUNS_AT_ONCE: Final = 200


def export_store(
    target: Target,
    *,
    tracker: Tracker,
    catalog: Catalog | None,
    wanted: Wanted | None = None,
    progress: Callable[[str, int], None] = lambda _what, _done: None,
) -> Report:
    """Write the store of `tracker`, and the models of `catalog`, into `target`; return what was done.

    `progress` is told the experiment and how many runs are done. Raises `NotFound` if a wanted
    experiment is not here, before anything is written; `StoreUnavailable` if the other side does not
    answer. What it refuses is named in the report, and the rest is written.
    """
    wishes = wanted or Wanted()
    exporter = _Export(target, tracker=tracker, wanted=wishes, progress=progress)
    exporter.experiments(_chosen(tracker, wishes))
    if wishes.models and catalog is not None:
        exporter.registered(catalog.list_models())
    return exporter.report


def _chosen(tracker: Tracker, wanted: Wanted) -> list[Experiment]:
    experiments = tracker.list_experiments(view="all")
    names = {each.name for each in experiments}
    unknown = sorted(wanted.experiments - names)
    if unknown:
        known = ", ".join(sorted(names))
        raise NotFound("experiment", unknown[0], hint=f"'{tracker.uri}' has {known or 'none'}.")
    kept = [each for each in experiments if not wanted.experiments or each.name in wanted.experiments]
    return sorted(kept, key=lambda experiment: (experiment.creation_time, experiment.experiment_id))


class _Export:
    def __init__(
        self, target: Target, *, tracker: Tracker, wanted: Wanted, progress: Callable[[str, int], None]
    ) -> None:
        self._target = target
        self._tracker = tracker
        self._wanted = wanted
        self._progress = progress
        self.report = Report()

    def experiments(self, experiments: Sequence[Experiment]) -> None:
        begun: list[tuple[Experiment, list[Run]]] = []
        for experiment in experiments:
            with self._told(f"The experiment '{experiment.name}'"):
                runs = self._tracker.reader.runs(experiment.experiment_id)[::-1]
                self.report.add(Counts(experiments=1), self._target.experiment(experiment, runs))
                begun.append((experiment, runs))
        for experiment, runs in begun:
            self._experiment(experiment, runs)
        for experiment, runs in begun:
            self._target.finish(experiment, runs)

    def registered(self, models: Iterable[RegisteredModel]) -> None:
        for model in models:
            with self._told(f"The registered model '{model.name}'"):
                found = Counts(models=1, versions=len(model.versions), aliases=len(model.aliases))
                self.report.add(found, self._target.registered_model(model))

    def _experiment(self, experiment: Experiment, runs: Sequence[Run]) -> None:
        for model in self._tracker.logged_models.all([experiment.experiment_id]):
            with self._told(f"The logged model '{model.model_id}'"):
                self.report.add(Counts(logged_models=1), self._target.logged_model(model))
                if self._wanted.files:
                    files = self._tracker.artifacts(model.model_id)
                    self.report.add(_counted(files), self._target.files(model, files))
        for done, (run, points) in enumerate(self._with_points(experiment.experiment_id, runs), 1):
            with self._told(f"The run '{run.info.run_id}'"):
                self._run(run, points)
            self._progress(experiment.name, done)

    def _run(self, run: Run, points: Sequence[Metric]) -> None:
        found = Counts(
            runs=1,
            points=len(points),
            params=len(run.data.params),
            tags=len(run.data.tags),
            datasets=len(run.inputs.dataset_inputs),
        )
        self.report.add(found, self._target.run(run, points))
        if self._wanted.files:
            files = self._tracker.artifacts(run.info.run_id)
            self.report.add(_counted(files), self._target.files(run, files))

    def _with_points(self, experiment_id: str, runs: Sequence[Run]) -> Iterator[tuple[Run, list[Metric]]]:
        """Yield runs with all their points; a metric is read for many runs in one reading."""
        for start in range(0, len(runs), _RUNS_AT_ONCE):
            some = runs[start : start + _RUNS_AT_ONCE]
            found: dict[str, list[Metric]] = {run.info.run_id: [] for run in some}
            for key in sorted({key for run in some for key in run.data.metrics}):
                owners = [run.info.run_id for run in some if key in run.data.metrics]
                for run_id, points in self._tracker.reader.metric_histories(
                    experiment_id, owners, key
                ).items():
                    found[run_id] += points
            for run in some:
                yield run, found.pop(run.info.run_id)

    @contextmanager
    def _told(self, what: str) -> Generator[None]:
        """Name in the report what is refused of one thing, unless one of the stores is in trouble."""
        try:
            yield
        except StoreError:
            raise
        except AlreadyExists as error:
            self.report.problems.append(f"{what} is left out: {error}")
        except MlflowflowError as error:
            self.report.problems.append(f"{what} is not complete: {error}")


def _counted(files: ArtifactRepository) -> Counts:
    sizes = files.sizes().values()
    return Counts(files=len(sizes), bytes=sum(sizes))
