"""What happens while a project runs, as frozen facts for whoever is watching.

A listener is any function of one argument. The command line draws a live view from these facts; a
flow without anybody watching gives them to `nobody`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from mlflowflow.sweeps.running import Turn


class StepState(StrEnum):
    """How a step ended."""

    COMPLETED = "COMPLETED"
    REUSED = "REUSED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A stage before the steps, such as starting a server; `what` reads as "starting …"."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A step began as the run `run_id`."""

    step: str
    kind: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded:
    """A step ended after `seconds`; `sentence` says what came of it."""

    step: str
    state: StepState
    seconds: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepMoved:
    """Trials of the sweep in step `step`, which is the run `run_id`, started, logged or ended.

    `turn` has the whole history of the sweep: read it at once, and change nothing.
    """

    step: str
    run_id: str
    turn: Turn


Progress: TypeAlias = Started | StepStarted | StepEnded | SweepMoved
Listener: TypeAlias = Callable[[Progress], None]


def nobody(_progress: Progress) -> None:
    """Listen to nothing."""
