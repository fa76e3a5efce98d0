"""The signals of a trial that is a command: its points come out of a file, the request to end goes into one.

The command needs to know nothing of this. Whatever it logs of the sweep's metric lands in the first
file (:mod:`mlflowflow.tracking.reporting`), which is read here as it grows and passed on to the sweep.
When the sweep prunes the trial, the second file appears: a command that looks at it with
`should_prune` ends in order, one that does not is ended once the grace period is over.

The files belong to one attempt, so nothing of an earlier one can be taken for the new one's. Points
that a program logs over HTTP, with MLflow's own client and a tracking server, do not pass here: such a
program can be a trial, but not be pruned.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflowflow.config import TrialChannel
from mlflowflow.orchestration.process import CANCELLED
from mlflowflow.projects.sweep_spec import OnPrune
from mlflowflow.sweeps.live import seen_path
from mlflowflow.tracking.reporting import point_in

if TYPE_CHECKING:
    from mlflowflow.clock import Clock
    from mlflowflow.orchestration.contact import Contact
    from mlflowflow.projects.sweep_spec import TrialPolicy

#: Why a command was ended whose trial was pruned.
PRUNED: Final = "was pruned"
#: So many points of one look are passed on at most; of more, some between are left out.
MOST_POINTS: Final = 500


class Tail:
    """A file of points that grows, read as far as its lines are whole."""

    def __init__(self, path: Path) -> None:
        """Read the file at `path`, which may not be there yet, from its beginning."""
        self._path = path
        self._offset = 0

    def read(self) -> list[tuple[int, float]]:
        """Return the points (step, value) that came since, in their order; of many, a part with the last."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                news = file.read()
        except FileNotFoundError:
            return []
        whole = news[: news.rfind(b"\n") + 1]
        self._offset += len(whole)
        found = [point_in(text) for text in whole.decode(errors="replace").splitlines()]
        return thinned([each for each in found if each is not None])


def thinned(points: list[tuple[int, float]], most: int = MOST_POINTS) -> list[tuple[int, float]]:
    """Return at most `most` of the points, evenly spaced, the last one among them.

    >>> thinned([(step, 0.5) for step in range(10)], most=3)
    [(2, 0.5), (5, 0.5), (9, 0.5)]
    """
    if len(points) <= most:
        return points
    return [points[(number + 1) * len(points) // most - 1] for number in range(most)]


class Signals:
    """What passes between a running command and its sweep.

    Whoever runs the command gives it `environ`, calls `check` some ten times a second while it runs,
    and `close` when it has ended.
    """

    def __init__(
        self, contact: Contact, folder: Path, *, run_id: str, metric: str, policy: TrialPolicy, clock: Clock
    ) -> None:
        """Keep the files of this attempt in `folder`; without a `metric` no points are passed on."""
        reports, self._prune = Path(folder, "reports"), Path(folder, "prune")
        self._contact = contact
        self._tail = Tail(reports)
        self._on_prune = policy.on_prune
        self._grace_s = policy.grace_s
        self._clock = clock
        self._asked_s: float | None = None
        self._channel = TrialChannel(
            run_id=run_id, metric=metric, reports=reports if metric else None, prune=self._prune
        )

    @property
    def environ(self) -> dict[str, str]:
        """What the command must find in its environment."""
        return self._channel.environ()

    @property
    def was_seen(self) -> bool:
        """Whether the command has learnt that it shall end early."""
        return Path(seen_path(str(self._prune))).exists()

    def check(self) -> str:
        """Pass on what is new in either direction; return why the command must be ended now, "" if it need not."""
        self._pass_on()
        if self._contact.is_cancelled():
            return CANCELLED
        if self._on_prune is OnPrune.NEVER or not self._contact.is_pruned():
            return ""
        if self._asked_s is None:
            self._asked_s = self._clock.monotonic_s()
            self._prune.touch()
        is_over = self._clock.monotonic_s() - self._asked_s >= self._grace_s
        return PRUNED if is_over or self._on_prune is OnPrune.KILL else ""

    def close(self) -> None:
        """Pass on the last points."""
        self._pass_on()

    def _pass_on(self) -> None:
        points = self._tail.read()
        if points:
            self._contact.report(points)
