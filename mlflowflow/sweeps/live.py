"""What a trial knows of its sweep while it runs: who it is, and whether it shall end early.

A script asks `should_prune` and needs nothing else: logging the sweep's metric is reporting
(:mod:`mlflowflow.tracking.reporting`). A function may take the `LiveTrial` as its argument `trial`.
Asking is cheap, and outside of a sweep the answer is always no.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from mlflowflow.config import TrialChannel
from mlflowflow.errors import InvalidState

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.trial import Trial


class TrialStopped(BaseException):
    """End a function whose trial must end now: it took too long, was pruned, or the sweep was stopped.

    Raised inside the function by the library. No error, so that ``except Exception`` does not keep it
    from ending.
    """


class Link(Protocol):
    """What connects a running trial with its sweep."""

    def log(self, key: str, value: float, step: int) -> None:
        """Log one point to the trial's run. Raises `TrialStopped` if the trial must end now."""
        ...

    def is_pruned(self) -> bool:
        """Return whether the trial shall end early, and let the sweep know that it has heard so.

        Raises `TrialStopped` if the trial must end now.
        """
        ...


class LiveTrial:
    """The trial that a function is run as: its `number`, `run_id`, `params`, and which `attempt` this is."""

    def __init__(self, trial: Trial, params: Mapping[str, Scalar], *, metric: str, link: Link) -> None:
        """Stand for `trial`, whose points of `metric` decide about its end; `params` are complete."""
        self.number = trial.number
        self.run_id = trial.run_id
        self.attempt = trial.attempt
        self.params = params
        self._metric = metric
        self._link = link

    def report(self, value: float, step: int) -> None:
        """Log `value` as the sweep's metric at `step`, which tells the sweep how the trial does.

        Raises `InvalidState` if the sweep has several objectives and none is marked for pruning.
        """
        if not self._metric:
            raise InvalidState(
                "It is not clear what is reported: the sweep has several objectives. Mark one of them with "
                "prune=True, or call log_metric() with the metric's name."
            )
        self._link.log(self._metric, value, step)

    def should_prune(self) -> bool:
        """Return whether the trial shall end early: then clean up and raise `TrialPruned`, or return."""
        return self._link.is_pruned()

    def __repr__(self) -> str:
        """Show the number, the attempt and the run."""
        return f"<LiveTrial {self.number}, attempt {self.attempt}, run {self.run_id}>"


class FileLink:
    """The half of a link that a process has by its launcher's files: whether it shall end early."""

    def __init__(self, prune: Path) -> None:
        """Be asked to end by the file at `prune`."""
        self._prune = os.fspath(prune)

    def is_pruned(self) -> bool:
        """Return whether the file is there, and leave the sign that this was seen."""
        asked = os.path.exists(self._prune)  # noqa: PTH110 - asked in every step of a training loop
        if asked:
            with open(seen_path(self._prune), "wb"):  # noqa: PTH123 - the same
                pass
        return asked


def seen_path(prune: str) -> str:
    """Return where a trial leaves the sign that it has seen the request to end at `prune`."""
    return f"{prune}.seen"


_LINK: Final[ContextVar[Link | None]] = ContextVar("mlflowflow_trial", default=None)


@contextmanager
def linked(link: Link) -> Generator[None]:
    """Let `should_prune` ask `link` inside the block, in this thread or task."""
    token = _LINK.set(link)
    try:
        yield
    finally:
        _LINK.reset(token)


def should_prune() -> bool:
    """Return whether this process or function is a trial of a sweep that shall end early.

    Then end in order, by raising `TrialPruned` or just by ending: the trial is pruned and what it logged
    stays. A trial that does not ask, or goes on, is ended from outside, as the sweep's `on_prune` says.

    >>> should_prune()
    False
    """
    link = _LINK.get() or file_link()
    return link is not None and link.is_pruned()


@cache
def file_link() -> FileLink | None:
    """Return the link of this process, if its launcher gave it one; the environment is read once."""
    channel = TrialChannel.from_environ()
    return FileLink(channel.prune) if channel is not None and channel.prune is not None else None
