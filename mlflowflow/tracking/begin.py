"""How a run begins, as records and as the run they make; pure functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.tracking.record import FIRST_ATTEMPT, Kind, Record
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.run_log import tag_records
from mlflowflow.tracking.run_names import generated_name
from mlflowflow.tracking.table.fold import ExperimentState, fold
from mlflowflow.tracking.writing.lost import not_lost

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.tracking.run import Run

NAME_TAG: Final = "mlflow.runName"
USER_TAG: Final = "mlflow.user"
PARENT_TAG: Final = "mlflow.parentRunId"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the beginner of a run said about it; empty means that nothing was said."""

    run_name: str = ""
    parent_run_id: str = ""
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def all_tags(self) -> dict[str, str]:
        """Return the tags that carry all of it; a name or parent given as such wins over a tag."""
        named = {NAME_TAG: self.run_name, PARENT_TAG: self.parent_run_id}
        return {**self.tags, **{key: text for key, text in named.items() if text}}


def beginning(run_id: str, wishes: Wishes, *, user: str, start_ms: int) -> list[Record]:
    """Return the records that begin a new run, nameless ones named after their id."""
    started = Record(run_id=run_id, kind=Kind.STARTED, text=user, timestamp=start_ms, at=0)
    tags = {NAME_TAG: generated_name(run_id), USER_TAG: user, **wishes.all_tags()}
    return [started, *resumption(run_id, Wishes(tags=tags))]


def resumption(run_id: str, wishes: Wishes, attempt: int = FIRST_ATTEMPT) -> list[Record]:
    """Return the records that set a run running again, with what is said anew about it.

    In a later attempt it is not lost any more, if it was.
    """
    running = Record(run_id=run_id, kind=Kind.STATUS, text=RunStatus.RUNNING, at=0)
    found = [] if attempt == FIRST_ATTEMPT else [not_lost(run_id)]
    return [running, *found, *tag_records(run_id, wishes.all_tags())]


def run_made_of(records: Sequence[Record], *, experiment_id: str, artifact_uri: str) -> Run:
    """Return the run that has just been begun with `records`; reading it back says the same."""
    state = ExperimentState()
    fold(state, records, writer="")
    return state.run(records[0].run_id).to_run(experiment_id=experiment_id, artifact_uri=artifact_uri)
