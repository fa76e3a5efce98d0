"""What is said of a run whose process ended without ending it: FAILED, and a tag that says what was seen.

All these records bear the microsecond after the last one that the dead process is known to have
written, a place in time that its writer leaves free. So everything that the process, if it lives
after all, or a successor says later wins by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Of a run that was found without a living process: what was seen.
LOST_TAG: Final = "mlflowflow.lost"
#: Of a run some of whose records no disk and no store took: how many.
REFUSED_TAG: Final = "mlflowflow.refused"


def lost_records(run_ids: Iterable[str], *, last_at: int, ended_ms: int, seen: str) -> list[Record]:
    """Return what ends each of `run_ids`, whose process wrote last at `last_at`.

    `ended_ms` is the last sign of life, `seen` a full sentence.
    """
    at = last_at + 1
    return [
        record
        for run_id in run_ids
        for record in (
            Record(run_id=run_id, kind=Kind.STATUS, text=RunStatus.FAILED, timestamp=ended_ms, at=at),
            Record(run_id=run_id, kind=Kind.TAG, key=LOST_TAG, text=seen, at=at),
        )
    ]


def found_again(run_id: str) -> list[Record]:
    """Return what a process says of its run when others may have taken it for lost."""
    return [
        Record(run_id=run_id, kind=Kind.STATUS, text=RunStatus.RUNNING, at=0),
        Record(run_id=run_id, kind=Kind.TAG_DELETED, key=LOST_TAG, at=0),
    ]
