"""Which sweep a command is about: RUN, the id of its run or a beginning of it that no other sweep has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from mlflowflow.cli.complete import sweep_ids
from mlflowflow.cli.context import open_tracker
from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.ids import RandomIds, is_run_id
from mlflowflow.storage.log import NumberedLog
from mlflowflow.tracking.finding import find_run

if TYPE_CHECKING:
    from collections.abc import Generator

    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.holder import Holder
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker

_Command = TypeVar("_Command", bound=Callable[..., Any])
_NAMED: Final = 5
_LISTED: Final = "'mlff sweep list' names them all."


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSweep:
    """A sweep of the store that `tracker` has open, as its log tells it."""

    tracker: Tracker
    history: SweepHistory

    @property
    def run_id(self) -> str:
        """The run that the sweep is."""
        return self.history.run_id

    def holder(self) -> Holder | None:
        """Return the process that coordinates it, or None."""
        from mlflowflow.sweeps.holder import living_holder

        return living_holder(self.tracker.store, self.run_id, ids=RandomIds())

    def run(self) -> Run | None:
        """Return its run, or None if that was not stored."""
        return find_run(self.tracker, self.run_id)


def sweep_argument(command: _Command) -> _Command:
    """Add the argument RUN; the command gets it as ``run``."""
    return click.argument("run", metavar="RUN", shell_complete=sweep_ids)(command)


@contextmanager
def open_sweep(store: str | None, run: str) -> Generator[FoundSweep]:
    """Open the store and read the sweep that `run` names or begins.

    Raises `NotFound` if there is none, `InvalidInput` if there are several.
    """
    from mlflowflow.sweeps.log import read_history

    with open_tracker(store, owns_runs=False) as tracker:
        run_id = resolve(tracker, run)
        yield FoundSweep(tracker=tracker, history=read_history(tracker.store, run_id))


def resolve(tracker: Tracker, run: str) -> str:
    """Return the run id of the one sweep whose id is, or begins with, `run`.

    Raises:
        NotFound: no sweep does; says what the run is instead, if there is one.
        InvalidInput: several do.
    """
    if not is_run_id(run):
        raise NotFound("sweep", run, hint=_LISTED)
    if NumberedLog(tracker.store, f"sweeps/{run}/log").read(0) is not None:
        return run  # listing a large sweep takes many requests, this one
    found = sorted({blob.key.split("/")[1] for blob in tracker.store.list(f"sweeps/{run}")})
    if not found:
        raise NotFound("sweep", run, hint=_hint(tracker, run))
    if len(found) > 1:
        named = ", ".join(found[:_NAMED]) + (", …" if len(found) > _NAMED else "")
        raise InvalidInput(f"'{run}' begins the ids of {len(found)} sweeps: {named}. Give more of it.")
    return found[0]


def _hint(tracker: Tracker, run_id: str) -> str:
    """Say what the run is, if not a sweep."""
    run = find_run(tracker, run_id)
    if run is None:
        return _LISTED
    tags = run.data.tags
    parent = tags.get("mlflow.parentRunId")
    if "mlff.trial" in tags and parent:
        return f"That run is trial {tags['mlff.trial']} of the sweep '{parent}'."
    below = [each.info.run_id for each in tracker.children(run_id) if "mlff.sweep" in each.data.tags]
    if below:
        return f"That run has a sweep below it: '{below[0]}'."
    return f"That run is no sweep. {_LISTED}"
