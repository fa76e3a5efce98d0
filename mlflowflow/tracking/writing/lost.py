"""What is said of a run whose process ended without ending it: FAILED, and a tag that says what was seen.

All these records bear the microsecond after the last one that the dead process is known to have
written, a place in time that its writer leaves free. So everything that the process, if it lives
after all, or a successor says later wins by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.tracking.record import FIRST_ATTEMPT, Kind, Record, Whose
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Of a run that was found without a living process: what was seen.
LOST_TAG: Final = "mlflowflow.lost"
#: Of a run some of whose records no disk and no store took: how many.
REFUSED_TAG: Final = "mlflowflow.refused"


def lost_records(runs: Iterable[Whose], *, last_at: int, ended_ms: int, seen: str) -> list[Record]:
    """Return what ends each of `runs`, whose process wrote last at `last_at`.

    `ended_ms` is the last sign of life, `seen` a full sentence. That of an attempt says nothing of a later one.
    """
    at = last_at + 1
    return [
        Record(run_id=run_id, attempt=attempt, kind=kind, key=key, text=text, timestamp=timestamp, at=at)
        for run_id, attempt in runs
        for kind, key, text, timestamp in (
            (Kind.STATUS, "", RunStatus.FAILED, ended_ms),
            (Kind.TAG, LOST_TAG, seen, 0),
        )
    ]


def found_again(run_id: str, attempt: int = FIRST_ATTEMPT) -> list[Record]:
    """Return what a process says of its run when others may have taken it for lost, or when it tries it again."""
    return [
        Record(run_id=run_id, attempt=attempt, kind=Kind.STATUS, text=RunStatus.RUNNING, at=0),
        not_lost(run_id),
    ]


def not_lost(run_id: str) -> Record:
    """Return what takes back that a run was lost."""
    return Record(run_id=run_id, kind=Kind.TAG_DELETED, key=LOST_TAG, at=0)
