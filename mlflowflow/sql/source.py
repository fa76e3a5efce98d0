"""What statements read: the one module between SQL and the rest of the library.

Everything a statement sees comes through here, and it is what the calls of the API return: the same
experiments, runs and points, newer segments and this process's own unsent records included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.version import RegisteredModel
    from mlflowflow.sql.points import Points
    from mlflowflow.tracking.run import Experiment, Run
    from mlflowflow.tracking.tracker import Tracker

_ALL: Final = 2**62


class Source:
    """One store's experiments, runs, points, models and decisions as they are now."""

    def __init__(self, tracker: Tracker, catalog: Callable[[], Catalog]) -> None:
        """Read runs through `tracker`; `catalog` opens the registry when a statement asks for it."""
        self._tracker = tracker
        self._catalog = catalog
        self._runs: list[Run] | None = None
        self.store: Final = tracker.store

    def experiments(self) -> list[Experiment]:
        """Return all experiments, deleted ones included, the oldest first."""
        return self._tracker.list_experiments(view="all")[::-1]

    def runs(self) -> list[Run]:
        """Return all runs, deleted ones included."""
        if self._runs is None:
            ids = [each.experiment_id for each in self.experiments()]
            self._runs = self._tracker.search_runs(ids, view="all", max_results=_ALL)
        return self._runs

    def points(self) -> Iterator[Points]:
        """Yield the points of each experiment."""
        from mlflowflow.sql.points import Points
        from mlflowflow.tracking.record import Kind, Record
        from mlflowflow.tracking.table.segment import metrics_table

        for run in self.runs():
            info = run.info
            for key in run.data.metrics:
                records = [
                    Record(
                        run_id=info.run_id,
                        kind=Kind.METRIC,
                        at=0,
                        key=key,
                        step=each.step,
                        timestamp=each.timestamp,
                        value=each.value,
                    )
                    for each in self._tracker.metric_history(info.run_id, key)
                ]
                yield Points(experiment_id=info.experiment_id, rest=(metrics_table(records),))

    def models(self) -> list[RegisteredModel]:
        """Return all registered models, by name."""
        return self._catalog().list_models()

    def decisions(self) -> Iterator[Entry]:
        """Yield every decision, model by model."""
        catalog = self._catalog()
        for model in catalog.list_models():
            yield from catalog.history(model.name)
