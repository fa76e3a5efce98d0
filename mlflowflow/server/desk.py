"""What stands behind the handlers: one tracker and one catalog, and what a server must remember of requests.

A client that gets no answer sends its log call again. Points that were logged twice are one point to
everybody who asks this server, as in MLflow. So that they are seldom stored twice, the server remembers the
last few thousand lists of points it logged, by digest: a list that comes again, byte for byte for the same
run, is answered and not logged. Params and tags need no memory: the same again changes nothing, and a tag
that is set back is a change.

The runs of a deleted experiment are deleted to everybody who asks here, as in MLflow, until the experiment
is restored. In the store they are not touched, so restoring it brings back those that were in use.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.client import MlflowClient
from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.registry.register import contents_of
from mlflowflow.server.news import News, versions
from mlflowflow.server.places import Places
from mlflowflow.server.projects import Projects
from mlflowflow.server.shelf import Shelf
from mlflowflow.tracking.begin import USER_TAG
from mlflowflow.tracking.client_values import checked_point
from mlflowflow.tracking.fluent.logs import clean_params, clean_tags
from mlflowflow.tracking.paging import PagedList
from mlflowflow.tracking.run import LifecycleStage, Metric
from mlflowflow.tracking.table.links import linked_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlflowflow.clock import Clock
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.version import ModelVersion
    from mlflowflow.tracking.entities import ViewType
    from mlflowflow.tracking.run import Experiment, Run
    from mlflowflow.tracking.tracker import Tracker

#: So many lists of points are remembered.
REMEMBERED: Final = 4096
#: For so many seconds a run that was seen to be in use is taken to be so; another server may delete it.
FRESH_S: Final = 5.0
#: What MLflow's clients say where they do not know who they work for.
NOBODY: Final = "unknown"
_NOTHING: Final[Mapping[str, str]] = {}


class _Client(MlflowClient):
    """MLflow's client on a tracker and a catalog that are there already."""

    def __init__(self, tracker: Tracker, catalog: Catalog) -> None:
        self.tracker = tracker
        self.catalog = catalog


class Desk:
    """One store as the handlers use it. Thread-safe."""

    def __init__(
        self,
        tracker: Tracker,
        catalog: Catalog,
        *,
        projects: Projects | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Answer for the store of `tracker` and the registry of `catalog`; pages may run `projects`."""
        self.tracker: Final = tracker
        self.catalog: Final = catalog
        self.projects: Final = projects or Projects()
        self.client: Final = _Client(tracker, catalog)
        self.places: Final = Places(tracker)
        self.news: Final = News(lambda: versions(tracker, catalog.store))
        self._clock = clock or SystemClock()
        self.sweeps: Final = Shelf(tracker.store, self._clock)
        self._logged: OrderedDict[bytes, None] = OrderedDict()
        self._in_use: OrderedDict[str, float] = OrderedDict()
        self._deleted: dict[str, tuple[float, bool]] = {}
        self._lock = threading.Lock()

    def log(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] = _NOTHING,
        tags: Mapping[str, str] = _NOTHING,
    ) -> None:
        """Log all or nothing to a run that is in use; points that were just logged are not logged again.

        Raises `NotFound`, `InvalidState` for a param with another value, and `InvalidInput`.
        """
        self.demand_in_use(run_id)
        points = [checked_point(point) for point in metrics]
        texts = clean_params(params)
        if texts:
            self._demand_same(run_id, texts)
        mark = _mark(run_id, points)
        known = self._knows(mark)
        self.tracker.log_batch(run_id, metrics=() if known else points, params=texts, tags=clean_tags(tags))
        if points:
            self._remember(mark)

    def demand_in_use(self, run_id: str) -> None:
        """Raise `NotFound` for an unknown run and `InvalidInput` for a deleted one."""
        now = self._clock.monotonic_s()
        with self._lock:
            seen = self._in_use.get(run_id)
        if seen is not None and now - seen < FRESH_S:
            return
        if self.get_run(run_id).info.lifecycle_stage is LifecycleStage.DELETED:
            raise InvalidInput(f"The run '{run_id}' is deleted; restore it to change it.")
        with self._lock:
            self._in_use[run_id] = now
            self._in_use.move_to_end(run_id)
            while len(self._in_use) > REMEMBERED:
                self._in_use.popitem(last=False)

    def create_run(self, experiment_id: str, **facts: Any) -> Run:
        """Begin a run. Raises what `Tracker.create_run` does."""
        return self._seen(self.tracker.create_run(experiment_id, **facts))

    def create_version(self, name: str, source: str, *, model_id: str | None, **facts: Any) -> ModelVersion:
        """Register a version of a model that exists, with the digest of its files if they are in this store.

        Raises what `Catalog.create_version` does, and `NotFound`.
        """
        self.catalog.get_model(name)
        if model_id and facts.get("run_id") is None:
            facts["run_id"] = self.tracker.logged_models.get(model_id).source_run_id
        files, signature = contents_of(source, self.tracker)
        return self.catalog.create_version(
            name, source=source, model_id=model_id, digest=files, signature=signature, **facts
        )

    def delete_model(self, model_id: str) -> None:
        """Put a logged model out of use, if it is not: a client may ask again. Raises `NotFound`."""
        found = self.tracker.logged_models.get(model_id, allow_deleted=True)
        try:
            self.tracker.logged_models.delete(found.model_id)
        except NotFound:
            return

    def get_run(self, run_id: str) -> Run:
        """Return a run, which is deleted if its experiment is. Raises `NotFound`."""
        return self._seen(self.tracker.get_run(run_id))

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        *,
        filter_string: str,
        order_by: Sequence[str],
        view: ViewType,
        max_results: int,
        page_token: str | None,
    ) -> PagedList[Run]:
        """Return a page of the runs that match. Raises `InvalidFilter`, `InvalidInput`."""
        found = self.tracker.search_runs(
            experiment_ids,
            filter_string=filter_string,
            order_by=order_by,
            view=view.view,
            max_results=max_results,
            page_token=page_token,
            gone=[each for each in experiment_ids if self.is_deleted(each)],
        )
        return PagedList([self._seen(run) for run in found], found.token)

    def is_deleted(self, experiment_id: str) -> bool:
        """Return whether an experiment is deleted, as it was seen a few seconds ago; an unknown one is not."""
        now = self._clock.monotonic_s()
        seen = self._deleted.get(experiment_id)
        if seen is None or now - seen[0] >= FRESH_S:
            try:
                seen = (now, self.tracker.is_experiment_deleted(experiment_id))
            except NotFound:
                return False
            self._deleted[experiment_id] = seen
        return seen[1]

    def demand_experiment_in_use(self, experiment_id: str) -> Experiment:
        """Return an experiment. Raises `NotFound`, and `InvalidInput` for a deleted one."""
        found = self.client.get_experiment(experiment_id)
        if found.lifecycle_stage is LifecycleStage.DELETED:
            raise InvalidInput(f"The experiment '{experiment_id}' is deleted; restore it to change it.")
        return found

    def delete_experiment(self, experiment_id: str) -> None:
        """Put an experiment and its runs out of use. Raises `NotFound`, also for a deleted one."""
        if self.client.get_experiment(experiment_id).lifecycle_stage is LifecycleStage.DELETED:
            raise NotFound("experiment", experiment_id, hint="It is deleted already.")
        self.client.delete_experiment(experiment_id)
        self._forget_stages()

    def restore_experiment(self, experiment_id: str) -> None:
        """Put a deleted experiment back into use. Raises `NotFound`, also for one that is in use."""
        if self.client.get_experiment(experiment_id).lifecycle_stage is not LifecycleStage.DELETED:
            raise NotFound("deleted experiment", experiment_id, hint="It is in use already.")
        self.client.restore_experiment(experiment_id)
        self._forget_stages()

    def delete_run(self, run_id: str) -> None:
        """Put a run out of use. Raises `NotFound`."""
        with self._lock:
            self._in_use.pop(run_id, None)
        self.tracker.delete_run(run_id)

    def latest(self, runs: Iterable[Run]) -> dict[str, list[Metric]]:
        """Return the latest point of each metric of some runs, by run."""
        by_experiment: dict[str, list[str]] = {}
        for run in runs:
            if run.data.metrics:
                by_experiment.setdefault(run.info.experiment_id, []).append(run.info.run_id)
        return {
            run_id: [
                Metric(
                    key, at.value if at.is_number else math.nan, at.timestamp, at.step, **linked_to(at.link)
                )
                for key, at in sorted(points.items())
            ]
            for experiment_id, run_ids in by_experiment.items()
            for run_id, points in self.tracker.reader.latest_points(experiment_id, run_ids).items()
        }

    def history(self, run_id: str, key: str) -> list[Metric]:
        """Return every point of a metric once, by time, then step, then value. Raises `NotFound`."""
        points = {_identity(point): point for point in self.tracker.metric_history(run_id, key)}
        return [points[each] for each in sorted(points)]

    def _seen(self, run: Run) -> Run:
        if run.data.tags.get(USER_TAG) == NOBODY:  # MLflow keeps what a client did not know in no tag
            tags = {key: text for key, text in run.data.tags.items() if key != USER_TAG}
            run = replace(run, data=replace(run.data, tags=tags))
        if run.info.lifecycle_stage is LifecycleStage.DELETED or not self.is_deleted(run.info.experiment_id):
            return run
        return replace(run, info=replace(run.info, lifecycle_stage=LifecycleStage.DELETED))

    def _forget_stages(self) -> None:
        with self._lock:
            self._deleted.clear()
            self._in_use.clear()

    def _demand_same(self, run_id: str, params: Mapping[str, str]) -> None:
        """Raise `InvalidState` for a param that has another value; another server may have logged it."""
        known = self.tracker.get_run(run_id).data.params
        for key, text in params.items():
            if known.get(key, text) != text:
                raise InvalidState(
                    f"The param '{key}' of the run '{run_id}' is {known[key][:200]!r} and cannot become "
                    f"{text[:200]!r}; params are written once."
                )

    def _knows(self, mark: bytes) -> bool:
        with self._lock:
            return mark in self._logged

    def _remember(self, mark: bytes) -> None:
        with self._lock:
            self._logged[mark] = None
            self._logged.move_to_end(mark)
            while len(self._logged) > REMEMBERED:
                self._logged.popitem(last=False)


def _identity(point: Metric) -> tuple[int, int, bool, float, str, str, str]:
    """Return what makes two points one, in the order of a history; NaN is one value and comes last."""
    is_nan = math.isnan(point.value)
    links = (point.model_id or "", point.dataset_name or "", point.dataset_digest or "")
    return (point.timestamp, point.step, is_nan, 0.0 if is_nan else point.value, *links)


def _mark(run_id: str, points: Sequence[Metric]) -> bytes:
    said = "\0".join(
        f"{each.key}\1{each.value!r}\1{each.timestamp}\1{each.step}\1{each.model_id}\1{each.dataset_name}"
        f"\1{each.dataset_digest}"
        for each in points
    )
    return hashlib.blake2b(f"{run_id}\0{said}".encode(), digest_size=16).digest()
