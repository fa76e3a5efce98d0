"""What trials do in tests of the pool: small works that travel to Dask workers."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.clock import SystemClock
from mlflowflow.orchestration.attempt import Made
from mlflowflow.sweeps.trial import Outcome
from mlflowflow.testing.pool import obey

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.orchestration.contact import Contact
    from mlflowflow.sweeps.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Obedient:
    """Does what a trial's parameter ``do`` says."""

    def make(self, trial: Trial, contact: Contact) -> Made:
        """Do as told."""
        outcome, metrics = obey(trial, contact)
        return Made(outcome=outcome, metrics=metrics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadly:
    """Kills the worker's process in the attempts `kills` and leaves a file in `folder` per attempt that was made."""

    folder: Path
    kills: frozenset[int]
    nanny: bool = False

    def make(self, trial: Trial, _contact: Contact) -> Made:
        """Leave the sign, then die or complete."""
        sign = self.folder / f"{trial.number}-{trial.attempt}-{os.getpid()}-{SystemClock().now_us()}"
        sign.touch()
        if trial.attempt in self.kills:
            SystemClock().sleep(0.2)  # the word that it began is out
            if self.nanny:
                os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        return Made(outcome=Outcome.COMPLETED, metrics={"loss": 1.0})

    def made(self) -> list[tuple[int, int]]:
        """Return trial and attempt of everything that was begun, each as often as it was."""
        signs = [path.name.split("-") for path in self.folder.iterdir()]
        return sorted((int(number), int(attempt)) for number, attempt, *_ in signs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """Signs in `folder`, waits for the file `go` there, and completes; ends early if it is told to."""

    folder: Path

    def make(self, trial: Trial, contact: Contact) -> Made:
        """Wait."""
        (self.folder / f"{trial.number}-{trial.attempt}-{os.getpid()}-{SystemClock().now_us()}").touch()
        while not (self.folder / "go").exists():
            if contact.is_cancelled():
                return Made(outcome=Outcome.CANCELLED)
            SystemClock().sleep(0.01)
        return Made(outcome=Outcome.COMPLETED, metrics={"loss": float(trial.number)})

    def made(self) -> list[tuple[int, int]]:
        """Return trial and attempt of everything that was begun, each as often as it was."""
        return sorted(self.in_order())

    def in_order(self) -> list[tuple[int, int]]:
        """Return the same in the order in which it was begun."""
        signs = [path.name.split("-") for path in self.folder.iterdir() if path.name != "go"]
        return [
            (int(number), int(attempt))
            for number, attempt, _, _ in sorted(signs, key=lambda each: int(each[-1]))
        ]
