"""What a writer knows of the runs it writes for: their numbers, and the frames that are in no segment yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlflowflow.tracking.record import FIRST_ATTEMPT

if TYPE_CHECKING:
    from mlflowflow.tracking.writing.writer import Writer


@dataclass(slots=True, kw_only=True)
class Queue:
    """The frames of one experiment that are in no segment yet; the next will be segment `seq`.

    They are somewhere behind `start` in the spool, among those of other experiments; `numbers` are
    the runs of this one.
    """

    experiment_id: str
    start: int
    seq: int = 0
    frames: list[bytes] = field(default_factory=list[bytes])
    numbers: set[int] = field(default_factory=set[int])


class Retired(Exception):
    """A writer that takes no more records was used; take its successor and bind the run anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRun:
    """An attempt of a run that `writer` has a number for; an empty `run_id` is the experiment itself."""

    writer: Writer
    run_id: str
    number: int
    queue: Queue
    attempt: int = FIRST_ATTEMPT
