"""Eight processes that begin the same thing in the same instant, round after round.

Run as a program by the proofs. The processes meet at a barrier in shared memory, so that they start
within microseconds of one another; who has won what is compared afterwards.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import AliasMoved
from mlflowflow.storage.blob import Created
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.location import open_store
from tests.proofs.processes.forks import ask, fork, run_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.registry.state import ModelState
    from mlflowflow.storage.blob import BlobStore

#: What is raced for, round after round: a bare object, the next version, and an alias from one state.
KINDS: Final = ("object", "alias", "object", "alias", "version")
_SLOT: Final = struct.Struct("q")
_PATIENCE_S: Final = 60.0

#: Wrong stores, each with what is wrong.
MUTANTS: Final = {
    "looks first": "asks whether the object is there, and then writes",
    "overwrites": "writes without the condition",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Race `rounds` times among `racers` for `kinds` in turn."""

    url: str
    rounds: int
    kinds: tuple[str, ...] = KINDS
    racers: int = 8
    mutant: str = ""


class LooksFirst(LocalBlobStore):
    """A directory store that creates as fsspec does."""

    def create(self, key: str, data: bytes) -> Created:
        """Look, then write."""
        if self.get(key) is not None:
            return Created.EXISTS
        self.put(key, data)
        return Created.CREATED


class Overwrites(LocalBlobStore):
    """A directory store without conditions."""

    def create(self, key: str, data: bytes) -> Created:
        """Write in any case."""
        self.put(key, data)
        return Created.CREATED


_STORES: Final[dict[str, Callable[[str], BlobStore]]] = {
    "": open_store,
    "looks first": LooksFirst,
    "overwrites": Overwrites,
}


class Barrier:
    """A place in shared memory where processes wait for one another, by number of the round."""

    def __init__(self, racers: int) -> None:
        """Make room for so many."""
        self._memory = mmap.mmap(-1, racers * _SLOT.size)
        self._racers = racers

    def wait(self, racer: int, number: int) -> None:
        """Return when all have come to round `number`, counted from 1."""
        _SLOT.pack_into(self._memory, racer * _SLOT.size, number)
        deadline = time.monotonic() + _PATIENCE_S
        while any(
            _SLOT.unpack_from(self._memory, each * _SLOT.size)[0] < number for each in range(self._racers)
        ):
            os.sched_yield()
            if time.monotonic() > deadline:
                raise TimeoutError(f"the others did not come to round {number}")


def _race(racer: int, barrier: Barrier, plan: Plan, fd: int) -> None:
    """Take part in every round and write what was won, one line of JSON per round."""
    store = _STORES[plan.mutant](plan.url)
    catalog = Catalog(store)
    for number in range(plan.rounds):
        kind = plan.kinds[number % len(plan.kinds)]
        won = _ENTRIES[kind](store, catalog, racer, number, partial(barrier.wait, racer, number + 1))
        os.write(fd, f"{json.dumps(won)}\n".encode())


def _object(store: BlobStore, _: Catalog, racer: int, number: int, start: Callable[[], None]) -> bool:
    start()
    return store.create(f"race/{number}", f"racer {racer}".encode()) is Created.CREATED


def _version(_: BlobStore, catalog: Catalog, racer: int, number: int, start: Callable[[], None]) -> int:
    del number
    start()
    return catalog.create_version("raced", source=f"racer {racer}").version


def _alias(_: BlobStore, catalog: Catalog, racer: int, number: int, start: Callable[[], None]) -> bool:
    """Point a new alias somewhere; who comes too late must find that it is not new any more."""
    alias = f"round-{number}"

    def choose(state: ModelState) -> AliasMoved | None:
        if state.holder(alias) is not None:
            return None
        return AliasMoved(alias=alias, version=racer + 1, previous=None)

    start()
    return catalog.decide("m", choose) is not None


_ENTRIES: Final[dict[str, Callable[..., int | bool]]] = {
    "object": _object,
    "version": _version,
    "alias": _alias,
}


def run(plan: Plan) -> dict[str, Any]:
    """Do what `plan` says and return the violations."""
    ask(lambda: _begin(plan))
    barrier = Barrier(plan.racers)
    children = [fork(partial(_race, racer, barrier, plan)) for racer in range(plan.racers)]
    codes = [child.wait() for child in children]
    if any(codes):
        return {"violations": [f"the racers ended with {codes}"]}
    results = [[json.loads(line) for line in child.heard.splitlines()] for child in children]
    return {"violations": list(_violations(results, plan.kinds))}


def _begin(plan: Plan) -> None:
    catalog = Catalog(open_store(plan.url))
    for racer in range(plan.racers):
        catalog.create_version("m", source=f"racer {racer}")


def _violations(results: list[list[int]], kinds: tuple[str, ...]) -> Iterator[str]:
    """Yield the rounds that had not one winner, or numbers that were given twice or left out."""
    numbers: Counter[int] = Counter()
    for number, won in enumerate(zip(*results, strict=True)):
        kind = kinds[number % len(kinds)]
        if kind == "version":
            numbers.update(won)
        elif sum(won) != 1:
            yield f"round {number}: {sum(won)} winners of {kind}"
    yield from (f"version {number} was given {count} times" for number, count in numbers.items() if count > 1)
    if set(numbers) != set(range(1, len(numbers) + 1)):
        yield f"version numbers have gaps: {sorted(numbers)}"


def race(plan: Plan) -> list[str]:
    """Run `plan` in a program of its own and return the violations."""
    violations: list[str] = run_program("tests.proofs.processes.races", asdict(plan))["violations"]
    return violations


if __name__ == "__main__":
    print(json.dumps(run(Plan(**json.loads(sys.argv[1])))))
