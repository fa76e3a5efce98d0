"""Trying a store out: does it keep the promises that everything rests on, and how fast is it?

The promises are those of `BlobStore`: of racing creates one wins, what was written is read and listed
at once, what was deleted is gone. A few hundred small objects under ``probe/`` are written for it and
removed again, whatever happens.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import StoreError, StoreUnable
from mlflowflow.storage.blob import Created

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

#: So many threads race for each key.
RACERS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Races:
    """How racing creates went: keys raced for, keys with exactly one winner whose bytes are there."""

    keys: int
    decided: int
    unable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """How often of `rounds` something was seen too late: a write, a listed name, a deletion."""

    rounds: int
    unread: int = 0
    unlisted: int = 0
    undeleted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The middle of the times that requests took, in milliseconds."""

    put_ms: float
    get_ms: float
    list_ms: float


class Trial:
    """Try out `store`, in a folder that is removed at the end of `open`."""

    def __init__(self, store: BlobStore, folder: str, *, clock: Clock, ids: Ids) -> None:
        """Write below `folder`, which ends in a slash."""
        self._store = store
        self._folder = folder
        self._clock = clock
        self._ids = ids

    @classmethod
    @contextmanager
    def open(cls, store: BlobStore, *, clock: Clock, ids: Ids) -> Generator[Trial]:
        """Give a trial with a folder of its own, and remove everything in it afterwards."""
        folder = f"probe/doctor-{ids.token()}/"
        try:
            yield cls(store, folder, clock=clock, ids=ids)
        finally:
            for blob in list(store.list(folder)):
                store.delete(blob.key)

    def races(self, keys: int) -> Races:
        """Let `RACERS` threads create each of `keys` objects at the same moment."""
        decided = 0
        with ThreadPoolExecutor(RACERS) as pool:
            for number in range(keys):
                key = f"{self._folder}race-{number}"
                bodies = [f"{racer} {self._ids.token()}".encode() for racer in range(RACERS)]
                barrier = threading.Barrier(RACERS)
                try:
                    runs = [pool.submit(self._race, barrier, key, body) for body in bodies]
                    winners = [body for body, run in zip(bodies, runs, strict=True) if run.result()]
                except StoreUnable as error:
                    return Races(keys=number + 1, decided=decided, unable=str(error))
                decided += len(winners) == 1 and self._store.get(key) == winners[0]
        return Races(keys=keys, decided=decided)

    def visibility(self, rounds: int) -> Visibility:
        """Write, overwrite, list and delete, and look each time at once."""
        unread = unlisted = undeleted = 0
        for number in range(rounds):
            key = f"{self._folder}seen-{number}"
            for body in (b"first", b"second"):
                self._store.put(key, body)
                unread += self._store.get(key) != body
            unlisted += not self._lists(key)
            self._store.delete(key)
            undeleted += self._store.get(key) is not None or self._lists(key)
        return Visibility(rounds=rounds, unread=unread, unlisted=unlisted, undeleted=undeleted)

    def latency(self, rounds: int) -> Latency:
        """Time writing and reading an object of 2 kB, and listing a folder with one object."""
        key = f"{self._folder}timed/object"
        return Latency(
            put_ms=self._timed(lambda: self._store.put(key, bytes(2048)), rounds),
            get_ms=self._timed(lambda: self._store.get(key), rounds),
            list_ms=self._timed(lambda: list(self._store.list(f"{self._folder}timed/")), rounds),
        )

    def _race(self, barrier: threading.Barrier, key: str, body: bytes) -> bool:
        barrier.wait()
        try:
            return self._store.create(key, body) is Created.CREATED
        except StoreUnable:
            raise
        except StoreError:
            return self._store.get(key) == body  # no answer came; what stands there is the answer

    def _lists(self, key: str) -> bool:
        return any(blob.key == key for blob in self._store.list(key))

    def _timed(self, request: Callable[[], object], rounds: int) -> float:
        taken: list[float] = []
        for _ in range(rounds):
            began = self._clock.monotonic_s()
            request()
            taken.append((self._clock.monotonic_s() - began) * 1000)
        return median(taken)
