"""Which lane of a timeline each attempt of a sweep stands in: one lane for each thread of each worker.

A log of an earlier release does not name workers, and an attempt that runs or was cut off has not said where.
Such attempts stand in lanes of their own, each in the first one that is free.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.sweeps.history import Attempt, SweepHistory, TrialRecord

#: By so much may two attempts of one thread seem to overlap: the end of the first was heard of late.
_HEARSAY_US: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """An attempt of a trial in its `lane`, from when to when it ran, in seconds since the sweep began."""

    lane: int
    start_s: float
    end_s: float
    trial: TrialRecord
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """All attempts of a sweep in the order in which they began, and for each lane the worker, "" if unknown."""

    bars: tuple[Bar, ...]
    workers: tuple[str, ...]

    @property
    def is_named(self) -> bool:
        """Whether any worker is known."""
        return any(self.workers)


def lanes_of(history: SweepHistory) -> Lanes:
    """Return every attempt in its lane: workers in the order in which they began, unknown ones last.

    An attempt that still runs lasts until the last news, and keeps its lane.
    """
    spans = sorted(
        (*_span(attempt, history.changed_us), trial.number, attempt.number, trial, attempt)
        for trial in history.trials
        for attempt in trial.attempts
    )
    free: defaultdict[str, list[float]] = defaultdict(list)
    places: list[int] = []
    for begun, ended, *_, attempt in spans:
        until = free[attempt.worker]
        slack = min(_HEARSAY_US, (ended - begun) / 2) if attempt.worker else 0
        place = next((at for at, each in enumerate(until) if each - slack <= begun), len(until))
        until[place : place + 1] = [math.inf if attempt.outcome is None else ended]
        places.append(place)
    workers = [each for worker in sorted(free, key=_is_unknown) for each in [worker] * len(free[worker])]
    return Lanes(
        bars=tuple(
            Bar(
                lane=workers.index(attempt.worker) + place,
                start_s=(begun - history.opened_us) / 1e6,
                end_s=(ended - history.opened_us) / 1e6,
                trial=trial,
                attempt=attempt,
            )
            for (begun, ended, _, _, trial, attempt), place in zip(spans, places, strict=True)
        ),
        workers=tuple(workers),
    )


def _is_unknown(worker: str) -> bool:
    return not worker


def _span(attempt: Attempt, changed_us: int) -> tuple[int, int]:
    """Return when an attempt ran: as its worker measured it, else from when it was handed out."""
    begun = attempt.started_us
    ended = max(changed_us if attempt.ended_us is None else attempt.ended_us, begun)
    return (max(begun, ended - round(attempt.seconds * 1e6)) if attempt.worker else begun), ended


def lane_names(workers: Sequence[str]) -> tuple[str, ...]:
    """Return what to write at each lane: the shortest that tells workers apart, once for each of them.

    >>> lane_names(["tcp://10.0.0.1:41", "tcp://10.0.0.1:41", "tcp://10.0.0.1:42", ""])
    (':41', '', ':42', '?')
    >>> lane_names(["tcp://10.0.0.1:41", "tcp://10.0.0.2:41"])
    ('10.0.0.1', '10.0.0.2')
    """
    short = {"": "?", **_short_names({each for each in workers if each})}
    before = (None, *workers)
    return tuple(
        "" if worker == last else short[worker] for worker, last in zip(workers, before, strict=False)
    )


def _short_names(workers: set[str]) -> Mapping[str, str]:
    parts = {each: each.rpartition("://")[2].rpartition(":") for each in workers}
    hosts = [host for host, _, _ in parts.values()]
    if len(set(hosts)) == len(hosts) and all(hosts) and len(hosts) > 1:
        return {each: host for each, (host, _, _) in parts.items()}
    if len(set(hosts)) == 1 and all(hosts):
        return {each: f":{port}" for each, (_, _, port) in parts.items()}
    return {each: "".join(found) for each, found in parts.items()}
