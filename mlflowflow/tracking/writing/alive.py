"""The object by which a process says that it lives, and which runs would be lost with it.

It names the runs that this process set running and has not ended. The background flush puts it, so
that a run which begins and ends within a second costs nothing. It is written anew when the runs or
the writer change; otherwise only after a time in which no segment said the same by its mere arrival.
"""

from __future__ import annotations

import contextlib
import os
import platform
import threading
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, StoreError
from mlflowflow.storage.seal import from_sealed_json, to_sealed_json
from mlflowflow.tracking.layout import alive_key
from mlflowflow.tracking.record import FIRST_ATTEMPT, Whose
from mlflowflow.tracking.writing.policy import HEARTBEAT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.storage.blob import BlobStore

FORMAT: Final = 1
#: A process that gave no sign for so many heartbeats is dead.
DEAD_AFTER: Final = 3.0
#: Silence, in heartbeats, after which a process counts with having been taken for dead.
_LONG: Final = 2.5
#: Silence, in heartbeats, that is broken by a beat: half of what would be fatal.
_SILENCE: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What an object says: the `writer`, its machine, its open `runs` with their experiments.

    `attempts` are those of runs that are not in their first one. `at` is the time of the last record before, and the microsecond after it is free.
    """

    writer: str
    host: str
    pid: int
    runs: Mapping[str, str]
    at: int
    attempts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def to_json(self) -> bytes:
        """Return the object's body."""
        facts = {
            "format": FORMAT,
            "writer": self.writer,
            "host": self.host,
            "pid": self.pid,
            "runs": dict(self.runs),
            "at": self.at,
        } | ({"attempts": dict(self.attempts)} if self.attempts else {})
        return to_sealed_json(facts)

    @classmethod
    def from_json(cls, body: bytes, *, key: str) -> Life:
        """Read an object's body. Raises `CorruptData`, naming `key`."""
        try:
            facts = from_sealed_json(body, key=key)
            if facts["format"] != FORMAT:
                raise CorruptData(key, f"it has format {facts['format']}, expected {FORMAT}")
            runs = {str(run_id): str(owner) for run_id, owner in facts["runs"].items()}
            return cls(
                writer=str(facts["writer"]),
                host=str(facts["host"]),
                pid=int(facts["pid"]),
                runs=runs,
                at=int(facts["at"]),
                attempts={str(run_id): int(number) for run_id, number in facts.get("attempts", {}).items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorruptData(key, f"it is no sign of life ({error!r})") from error


class Alive:
    """Keep one process's object up to date. Thread-safe."""

    def __init__(
        self, store: BlobStore, *, token: str, clock: Clock, heartbeat_s: float = HEARTBEAT_S
    ) -> None:
        """Put nothing yet; the object will be called after `token`."""
        self._store = store
        self._key = alive_key(token)
        self._clock = clock
        self._heartbeat_s = heartbeat_s
        self._runs: dict[str, str] = {}
        self._attempts: dict[str, int] = {}
        self._announced: Life | None = None
        self._sign = self._now()
        self._lock = threading.Lock()

    def began(self, run_id: str, experiment_id: str, attempt: int = FIRST_ATTEMPT) -> None:
        """Say that this process set a run running, in an attempt."""
        with self._lock:
            self._runs[run_id] = experiment_id
            if attempt > self._attempts.get(run_id, FIRST_ATTEMPT):
                self._attempts[run_id] = attempt

    def ended(self, run_id: str, attempt: int = FIRST_ATTEMPT) -> None:
        """Say that this process ended a run; nothing if it has begun a later attempt."""
        with self._lock:
            if attempt >= self._attempts.get(run_id, FIRST_ATTEMPT):
                self._runs.pop(run_id, None)
                self._attempts.pop(run_id, None)

    def uploaded(self, writer: str, experiment_id: str) -> None:
        """Say that a segment arrived: a sign of life where those look who see the object."""
        life = self._announced
        if life is not None and life.writer == writer and experiment_id in life.runs.values():
            self._sign = self._now()

    def beat(self, writer: str, reserve_at: Callable[[], int]) -> dict[Whose, str]:
        """Put the object if that is due; return the runs that others may have taken for lost meanwhile.

        `reserve_at` returns the time of the last record of `writer`. Raises `StoreError`.
        """
        with self._lock:
            runs, attempts = dict(self._runs), dict(self._attempts)
        if not runs:
            self.withdraw()
            return {}
        life = self._announced
        now = self._now()
        silence = max(after - before for after, before in zip(now, self._sign, strict=True))
        news = life is None or (life.writer, life.runs, life.attempts) != (writer, runs, attempts)
        if not news and silence < _SILENCE * self._heartbeat_s:
            return {}
        fresh = Life(
            writer=writer,
            host=platform.node(),
            pid=os.getpid(),
            runs=runs,
            at=reserve_at(),
            attempts=attempts,
        )
        self._store.put(self._key, fresh.to_json())
        self._announced, self._sign = fresh, now
        if life is None or silence < _LONG * self._heartbeat_s:
            return {}
        return {
            Whose(run_id, attempts.get(run_id, FIRST_ATTEMPT)): owner
            for run_id, owner in runs.items()
            if run_id in life.runs
        }

    def withdraw(self) -> None:
        """Delete the object, if there is one; without the store a reaper does it."""
        if self._announced is not None:
            self._announced = None
            with contextlib.suppress(StoreError):
                self._store.delete(self._key)

    def _now(self) -> tuple[float, float]:
        """Return the time by a clock that may stand still in a sleeping machine, and by one that may jump."""
        return self._clock.monotonic_s(), self._clock.now_us() / 1e6
