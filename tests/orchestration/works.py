"""What trials do in tests of the pool: small works that travel to Dask workers."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.clock import SystemClock
from mlflowflow.orchestration.attempt import Made
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.trial import Outcome
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from mlflowflow.testing.plans import from_then_on
from mlflowflow.testing.pool import obey

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.orchestration.contact import Contact
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.sweeps.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A workplace whose store cannot be reached; of its tracker only the store is looked at."""

    def tracker(self) -> Away:
        """Return something that has a store."""
        return self

    @property
    def store(self) -> BlobStore:
        """A store that does not answer."""
        return FaultyBlobStore(MemoryBlobStore(), from_then_on(1, Fault.UNAVAILABLE))


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
        _sign(self.folder, trial)
        if trial.attempt in self.kills:
            SystemClock().sleep(0.2)  # the word that it began is out
            if self.nanny:
                os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        return Made(outcome=Outcome.COMPLETED, metrics={"loss": 1.0})

    def made(self) -> list[tuple[int, int]]:
        """Return trial and attempt of everything that was begun, each as often as it was."""
        return sorted(_made(self.folder))


def _sign(folder: Path, trial: Trial) -> None:
    (folder / f"{trial.number}-{trial.attempt}-{os.getpid()}-{SystemClock().now_us()}").touch()


def _made(folder: Path) -> list[tuple[int, int]]:
    """Return trial and attempt of every sign, in the order in which they were left."""
    signs = [path.name.split("-") for path in folder.iterdir() if path.name != "go"]
    by_time = sorted(signs, key=lambda each: int(each[-1]))
    return [(int(number), int(attempt)) for number, attempt, _, _ in by_time]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Signs in `folder` and completes after so many `seconds`."""

    folder: Path
    seconds: float

    def make(self, trial: Trial, _contact: Contact) -> Made:
        """Take the time."""
        _sign(self.folder, trial)
        SystemClock().sleep(self.seconds)
        return Made(outcome=Outcome.COMPLETED, metrics={"loss": float(trial.number)})

    def made(self) -> list[tuple[int, int]]:
        """Return trial and attempt of everything that was begun, each as often as it was."""
        return sorted(_made(self.folder))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stubborn:
    """Waits until nobody wants it, takes its time to leave the file `gone`, and says `outcome`, whatever was asked."""

    outcome: Outcome
    gone: Path

    def make(self, trial: Trial, contact: Contact) -> Made:
        """Wait for the end."""
        contact.report([(0, 1.0)])
        while not contact.is_cancelled():
            SystemClock().sleep(0.01)
        SystemClock().sleep(0.3)
        self.gone.touch()
        return Made(outcome=self.outcome, metrics={"loss": float(trial.number)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """Signs in `folder`, waits for the file `go` there, and completes; ends early if it is told to."""

    folder: Path

    def make(self, trial: Trial, contact: Contact) -> Made:
        """Wait."""
        _sign(self.folder, trial)
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
        return _made(self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heavy:
    """Brings data along, as a function does that was written beside its table; dies in the attempts `kills`."""

    data: bytes
    kills: frozenset[int] = frozenset()

    def make(self, trial: Trial, _contact: Contact) -> Made:
        """Complete with the size of the data."""
        if trial.attempt in self.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        return Made(outcome=Outcome.COMPLETED, metrics={"size": float(len(self.data))})
