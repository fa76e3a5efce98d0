"""What ``mlflow gc`` asks for: to remove what was deleted for good.

The files of a purged run are removed by MLflow, through our artifact repository. What the run logged stays in
the store's tables, whose parts are never rewritten for one run, under a tag that hides it from every client
of MLflow. So does a purged experiment, which gives its name away. When something was deleted is a tag too,
because only MLflow asks for it; what was deleted otherwise counts as deleted just now, and is kept by
``--older-than``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.tracking.run import LifecycleStage

if TYPE_CHECKING:
    from mlflowflow.clock import Clock
    from mlflowflow.server.desk import Desk
    from mlflowflow.tracking.run import Experiment, Run

#: When a run or experiment was purged, in milliseconds since 1970 UTC.
PURGED: Final = "mlff.purged"
#: When a run was deleted through MLflow, in milliseconds since 1970 UTC.
DELETED: Final = "mlff.deleted"
#: Tags of this package's own, which clients of MLflow are not shown.
HIDDEN: Final = frozenset({PURGED, DELETED})
#: What a search is asked beside its own filter where deleted runs are wanted, too.
NOT_PURGED: Final = f"tags.`{PURGED}` IS NULL"
_PAGE: Final = 1000


class Purging:
    """Delete for good what was deleted, as far as clients of MLflow can see."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        """Work on the store of `desk`."""
        self._desk = desk
        self._clock = clock

    def note_deleted(self, run_id: str) -> None:
        """Remember when a run was deleted."""
        self._desk.tracker.log_batch(run_id, tags={DELETED: str(self._now_ms())})

    def note_restored(self, run_id: str) -> None:
        """Forget when a run was deleted."""
        if DELETED in self._desk.tracker.get_run(run_id).data.tags:
            self._desk.tracker.delete_tag(run_id, DELETED)

    def deleted_runs(self, older_than_ms: int) -> list[str]:
        """Return the runs that were deleted so long ago, and not purged yet."""
        until = self._now_ms() - older_than_ms
        tracker, found, token = self._desk.tracker, list[str](), None
        ids = [each.experiment_id for each in tracker.list_experiments(view="all")]
        while True:
            page = tracker.search_runs(
                ids, filter_string=NOT_PURGED, view="deleted", max_results=_PAGE, page_token=token
            )
            found += [run.info.run_id for run in page if self._deleted_ms(run) <= until]
            token = page.token
            if token is None:
                return found

    def purge_run(self, run_id: str) -> None:
        """Hide a deleted run for good. Raises `NotFound`, and `InvalidInput` for one that is in use."""
        run = self._desk.get_run(run_id)
        if run.info.lifecycle_stage is not LifecycleStage.DELETED:
            raise InvalidInput(f"The run '{run_id}' is in use; delete it before it is purged.")
        self._desk.tracker.log_batch(run_id, tags={PURGED: str(self._now_ms())})

    def purge_experiment(self, experiment_id: str) -> None:
        """Hide a deleted experiment for good, and free its name. Raises `NotFound`, `InvalidInput`."""
        tracker = self._desk.tracker
        found = tracker.get_experiment(experiment_id)
        if found.lifecycle_stage is not LifecycleStage.DELETED:
            raise InvalidInput(f"The experiment '{experiment_id}' is in use; delete it before it is purged.")
        tracker.set_experiment_tag(experiment_id, PURGED, str(self._now_ms()))
        tracker.rename_experiment(experiment_id, f"{found.name} (purged {experiment_id})")

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000

    def _deleted_ms(self, run: Run) -> int:
        said = run.data.tags.get(DELETED, "")
        return int(said) if said.isdecimal() else self._now_ms()


def demand_run(run: Run) -> Run:
    """Return a run that was not purged. Raises `NotFound`."""
    if PURGED in run.data.tags:
        raise NotFound("run", run.info.run_id, hint="It was purged.")
    return run


def demand_experiment(experiment: Experiment) -> Experiment:
    """Return an experiment that was not purged. Raises `NotFound`."""
    if PURGED in experiment.tags:
        raise NotFound("experiment", experiment.experiment_id, hint="It was purged.")
    return experiment


def without_purged(filter_string: str | None, view: str) -> str:
    """Return a filter that leaves purged runs out of a view that could show them.

    >>> without_purged("metrics.a > 1", "active"), without_purged("metrics.a > 1", "all")
    ('metrics.a > 1', '(metrics.a > 1) and tags.`mlff.purged` IS NULL')
    """
    asked = filter_string or ""
    if view == "active":
        return asked
    return f"({asked}) and {NOT_PURGED}" if asked.strip() else NOT_PURGED
