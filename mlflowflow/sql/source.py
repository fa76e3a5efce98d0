"""What statements read: the one module between SQL and the rest of the library.

Everything a statement sees comes through here, and it is what the calls of the API return: the same
experiments, runs and points, newer segments and this process's own unsent records included.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import parse_instant, parse_iso
from mlflowflow.errors import CorruptData, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.version import RegisteredModel
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Experiment
    from mlflowflow.tracking.table.points import Points
    from mlflowflow.tracking.table.run_rows import RunRows
    from mlflowflow.tracking.tracker import Tracker

_log: Final = logging.getLogger(__name__)


def instant(at: str | datetime) -> int:
    """Return a time in microseconds from ISO 8601 or a datetime; without a zone it is UTC.

    A text without a fraction means the whole second that it names. Raises `InvalidInput`.

    >>> instant("1970-01-01T00:00:01Z"), instant("1970-01-01T00:00:01.5Z")
    (1999999, 1500000)
    """
    try:
        return parse_instant(at) if isinstance(at, str) else parse_iso(at.isoformat())
    except ValueError as error:
        raise InvalidInput(f"'{at}' is no time; expected ISO 8601, such as 2026-11-23T12:00:00Z.") from error


class Source:
    """One store's experiments, runs, points, models and decisions as they are now."""

    def __init__(self, tracker: Tracker, catalog: Callable[[], Catalog], *, at_us: int | None = None) -> None:
        """Read runs through `tracker`; `catalog` opens the registry when a statement asks for it.

        With `at_us` everything is shown as it was then: runs and points as of the last compaction
        before it, models and decisions to the microsecond. Experiments have their present names.
        """
        self._tracker = tracker
        self._catalog = catalog
        self._at_us = at_us
        self._rows: list[RunRows] | None = None
        self.store: Final = tracker.store

    def experiments(self) -> list[Experiment]:
        """Return all experiments, deleted ones included, the oldest first."""
        found = self._tracker.list_experiments(view="all")[::-1]
        return [each for each in found if self._at_us is None or each.creation_time * 1000 <= self._at_us]

    def run_rows(self) -> list[RunRows]:
        """Return the runs of each experiment, deleted ones included; the same ones at every call."""
        if self._rows is None:
            ids = [each.experiment_id for each in self.experiments()]
            self._rows = [self._tracker.reader.run_rows(each, at_us=self._at_us) for each in ids]
        return self._rows

    def points(self) -> Iterator[Points]:
        """Yield where the points of each experiment are."""
        for each in self.experiments():
            yield self._tracker.reader.points(each.experiment_id, at_us=self._at_us)

    def logged_models(self) -> list[LoggedModel]:
        """Return the logged models of each experiment, deleted ones left out."""
        ids = [each.experiment_id for each in self.experiments()]
        return self._tracker.logged_models.all(ids, at_us=self._at_us)

    def models(self) -> list[RegisteredModel]:
        """Return all registered models, by name."""
        catalog = self._catalog()
        if self._at_us is None:
            return catalog.list_models()
        return [model for name in catalog.list_names() for model in _as_of(catalog, name, self._at_us)]

    def decisions(self) -> Iterator[Entry]:
        """Yield every decision, model by model, also about models that were deleted.

        As in the list of models, one whose log is damaged is left out and logged.
        """
        catalog = self._catalog()
        for name in catalog.list_names():
            for entry in _history(catalog, name):
                if self._at_us is None or entry.at_us <= self._at_us:
                    yield entry


def _as_of(catalog: Catalog, name: str, at_us: int) -> Iterator[RegisteredModel]:
    """Yield the model as it was, or nothing if it did not exist then."""
    with suppress(NotFound):
        yield catalog.get_model(name, at_us=at_us)


def _history(catalog: Catalog, name: str) -> list[Entry]:
    try:
        return catalog.log(name)
    except NotFound:  # the name was claimed, and whoever did it has decided nothing yet
        return []
    except CorruptData as error:
        _log.warning("The decisions about a model are left out: %s", error)
        return []
