"""Who is told of a run's points while they are logged: reporting a trial is logging.

A run of which somebody wants to know each point has a listener here, for as long as it runs in this
process. A script that is a trial of a sweep has one without knowing it: its launcher names a file in
the environment, and every point of the sweep's metric is appended there as a line, which the launcher
reads. Whichever way a point is logged (a fluent function, a client, autologging) it passes here.
Without listeners the price of all this is one look at an empty dict.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.config import TrialChannel

if TYPE_CHECKING:
    from pathlib import Path

_LOG: Final = logging.getLogger(__name__)

#: Is given each point's key, value and step, in the thread that logs it, after it was acknowledged;
#: what it raises, the log call raises.
Listener: TypeAlias = Callable[[str, float, int], None]

#: The listener of each run that has one, by the run's id.
LISTENERS: Final[dict[str, Listener]] = {}

#: What is asked after something else was logged to a run that has a listener: whether it may go on. It
#: answers no by raising.
QUESTIONS: Final[dict[str, Callable[[], None]]] = {}


def tell(run_id: str, key: str, value: float, step: int) -> None:
    """Tell the listener of `run_id`, if it has one, of a point that was logged to it."""
    listener = LISTENERS.get(run_id)
    if listener is not None:
        listener(key, value, step)


def ask(run_id: str) -> None:
    """Ask whether the program may go on that has logged something else than points to `run_id`."""
    question = QUESTIONS.get(run_id)
    if question is not None:
        question()


class FileReports:
    """Append the points of one metric to a file, a line each; a point is one write, so lines stay whole.

    Trouble with the file never reaches the code that logs: it is told once, and nothing more is reported.
    """

    def __init__(self, path: Path, metric: str) -> None:
        """Report the points of `metric` to the file at `path`."""
        self._path = path
        self._metric = metric
        self._file: int | None = None
        self._is_broken = False
        self._lock = threading.Lock()

    def __call__(self, key: str, value: float, step: int) -> None:
        """Append the point, if it is one of the metric."""
        if key == self._metric:
            self.append(line(step, value))

    def append(self, text: str) -> None:
        """Append one line."""
        if self._is_broken:
            return
        try:
            with self._lock:
                if self._file is None:
                    self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(self._file, f"{text}\n".encode())
        except OSError as error:
            self._is_broken = True
            _LOG.warning("The sweep cannot be told of '%s' any more: %s", self._metric, error)


def line(step: int, value: float) -> str:
    """Return a point as a line.

    >>> point_in(line(3, 0.1))
    (3, 0.1)
    """
    return f"{int(step)} {float(value)!r}"


def point_in(text: str) -> tuple[int, float] | None:
    """Return the step and the value that a line tells; None if it tells none."""
    step, _, value = text.partition(" ")
    try:
        return int(step), float(value)
    except ValueError:
        return None


def listen_as_told() -> None:
    """Report to where this process's launcher reads, if it said so in the environment."""
    channel = TrialChannel.from_environ()
    if channel is not None and channel.reports is not None:
        LISTENERS.setdefault(channel.run_id, FileReports(channel.reports, channel.metric))
