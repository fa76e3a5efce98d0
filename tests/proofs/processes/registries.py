"""Registries under contention: histories of racing clients, and clients that do it wrong on purpose.

A wrong registry is a catalog or a store under it with one mistake that somebody could make. What the
history of its calls looks like must betray it.
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidState, OutcomeUnknown
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.blob import Created
from mlflowflow.testing.catalog import RACE_START, random_call, registry_step
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from mlflowflow.testing.history import Recorder, linearization
from mlflowflow.testing.plans import at_random, only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.version import ModelVersion, RegisteredModel
    from mlflowflow.storage.blob import Blob, BlobStore, Span
    from mlflowflow.testing.history import Call

CLIENTS: Final = 5
CALLS: Final = 8
#: What the network does to a decision's write, besides nothing: F2, F9, F3 and F4.
_FAULTS: Final = (Fault.LOST_ANSWER, Fault.REFUSED, Fault.LATE, Fault.TWICE)
_RATE: Final = 0.15
#: The longest a client rests between two calls.
_REST_S: Final = 0.002


def history(
    store: BlobStore, *, seed: int, open_catalog: Callable[[BlobStore], Catalog] = Catalog
) -> tuple[Call, ...]:
    """Let clients with a catalog each make random calls over a bad network, and return what they saw."""
    first = Catalog(store)
    for _ in range(RACE_START[0]):
        first.create_version("m", source="s")
    recorder = Recorder()
    network = FaultyBlobStore(
        store, only(at_random(seed, _FAULTS, rate=_RATE), verbs={"create"}, keys="/log/")
    )
    start = threading.Barrier(CLIENTS)

    def work(client: int) -> None:
        choices = random.Random(f"{seed}-{client}")
        catalog = open_catalog(network)
        start.wait(timeout=60)
        for _ in range(CALLS):
            time.sleep(choices.uniform(0.0, _REST_S))  # or each client would be done before the next begins
            random_call(catalog, recorder, choices)
            if client == 0:
                network.settle()  # what was late arrives while the others go on

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, range(CLIENTS)))
    network.settle()
    return recorder.history()


def is_explained(calls: tuple[Call, ...]) -> bool:
    """Answer whether one order of the calls explains every answer."""
    return linearization(calls, initial=RACE_START, step=registry_step) is not None


# ---- wrong stores ------------------------------------------------------------------------------------------


class Passing:
    """A store that passes everything on, to be made wrong in one place."""

    def __init__(self, inner: BlobStore) -> None:
        """Pass on to `inner`."""
        self.inner = inner

    @property
    def url(self) -> str:
        """Where it is."""
        return self.inner.url

    @property
    def shared(self) -> bool:
        """What the inner store says."""
        return self.inner.shared

    def put(self, key: str, data: bytes) -> None:
        """Write."""
        self.inner.put(key, data)

    def create(self, key: str, data: bytes) -> Created:
        """Write if absent."""
        return self.inner.create(key, data)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Read."""
        return self.inner.get(key, span)

    def list(self, prefix: str) -> Iterator[Blob]:
        """List."""
        return self.inner.list(prefix)

    def delete(self, key: str) -> None:
        """Remove."""
        self.inner.delete(key)


class Overwrites(Passing):
    """Writes without the condition."""

    def create(self, key: str, data: bytes) -> Created:
        """Write in any case."""
        self.inner.put(key, data)
        return Created.CREATED


class LooksFirst(Passing):
    """Asks whether the object is there, and then writes, as fsspec's create mode does on a disk."""

    def create(self, key: str, data: bytes) -> Created:
        """Look, then write."""
        if self.inner.get(key) is not None:
            return Created.EXISTS
        time.sleep(0.001)
        self.inner.put(key, data)
        return Created.CREATED


class Forgets(Passing):
    """Acknowledges every fifth write and does not make it."""

    def __init__(self, inner: BlobStore) -> None:
        """Count from the start."""
        super().__init__(inner)
        self._count = 0

    def create(self, key: str, data: bytes) -> Created:
        """Write most of the time."""
        self._count += 1
        return Created.CREATED if self._count % 5 == 0 else self.inner.create(key, data)


class DoubtIsRefusal(Passing):
    """Takes a lost answer for a lost race, so a decision that was made is made again."""

    def create(self, key: str, data: bytes) -> Created:
        """Never be in doubt."""
        try:
            return self.inner.create(key, data)
        except OutcomeUnknown:
            return Created.EXISTS


class DoubtIsSuccess(Passing):
    """Takes a lost answer for a success, so a decision that was not made is acknowledged."""

    def create(self, key: str, data: bytes) -> Created:
        """Never be in doubt."""
        try:
            return self.inner.create(key, data)
        except OutcomeUnknown:
            return Created.CREATED


class OldReads(Passing):
    """Remembers that an object was absent, for the next few times it is asked for."""

    def __init__(self, inner: BlobStore) -> None:
        """Remember nothing yet."""
        super().__init__(inner)
        self._absent: dict[str, int] = {}

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Answer from memory now and then."""
        left = self._absent.pop(key, 0)
        if left > 1:
            self._absent[key] = left - 1
            return None
        found = self.inner.get(key, span)
        if found is None:
            self._absent[key] = 3
        return found


# ---- wrong catalogs ----------------------------------------------------------------------------------------


class OldModels(Catalog):
    """Answers every second question about a model from memory."""

    _kept: RegisteredModel | None = None

    def get_model(self, name: str, *, at_us: int | None = None) -> RegisteredModel:
        """Return the model as it was when it was asked for last."""
        kept, self._kept = self._kept, None
        if kept is None:
            kept = self._kept = super().get_model(name, at_us=at_us)
        return kept


class GuessesNumbers(Catalog):
    """Says which number a version will have before it is registered."""

    def create_version(self, name: str, **facts: Any) -> ModelVersion:
        """Register, and return the number that came next before."""
        guess = len(super().get_model(name).versions) + 1
        return replace(super().create_version(name, **facts), version=guess)


class AlwaysWins(Catalog):
    """Tells every caller that its change was made."""

    def decide(self, name: str, choose: Any, **rest: Any) -> Entry | None:
        """Return the last decision if this one was not made."""
        return super().decide(name, choose, **rest) or super().history(name)[-1]


class MovesTwice(Catalog):
    """Repeats a move after it succeeded, as a retry without a key does."""

    def set_alias(self, name: str, alias: str, version: int, **rest: Any) -> None:
        """Move, and later again."""
        super().set_alias(name, alias, version, **rest)
        threading.Timer(0.003, super().set_alias, (name, alias, version)).start()


class CreatesTwice(Catalog):
    """Registers a version, doubts it and registers it again."""

    def create_version(self, name: str, **facts: Any) -> ModelVersion:
        """Register two versions and return the later one."""
        super().create_version(name, **facts)
        return super().create_version(name, **facts)


class MovesLater(Catalog):
    """Acknowledges a move before it is made."""

    def set_alias(self, name: str, alias: str, version: int, **rest: Any) -> None:
        """Leave it to a thread."""
        threading.Timer(0.003, super().set_alias, (name, alias, version), rest).start()


class ReadsThePast(Catalog):
    """Reads the model as it was some decisions ago."""

    def get_model(self, name: str, **_: Any) -> RegisteredModel:
        """Read with an old time."""
        entries = super().history(name)
        return super().get_model(name, at_us=entries[max(2, len(entries) - 3)].at_us)


class SwapsBlindly(Catalog):
    """Decides on the state that it saw first, however often others were faster."""

    def decide(self, name: str, choose: Any, **rest: Any) -> Entry | None:
        """Choose once, and push it through."""
        change = choose(self._state(name))
        if change is None:
            return None
        try:
            return super().decide(name, lambda _: change, **rest)
        except InvalidState:
            return super().history(name)[-1]


def _over(wrong: Callable[[BlobStore], BlobStore]) -> Callable[[BlobStore], Catalog]:
    return lambda store: Catalog(wrong(store), clock=ManualClock())


#: Wrong registries by what they do.
MUTANTS: Final[dict[str, Callable[[BlobStore], Catalog]]] = {
    "writes without the condition": _over(Overwrites),
    "looks before it writes": _over(LooksFirst),
    "forgets a write": _over(Forgets),
    "takes doubt for refusal": _over(DoubtIsRefusal),
    "takes doubt for success": _over(DoubtIsSuccess),
    "remembers absence": _over(OldReads),
    "answers from memory": OldModels,
    "guesses the number": GuessesNumbers,
    "always wins": AlwaysWins,
    "moves twice": MovesTwice,
    "creates twice": CreatesTwice,
    "moves later": MovesLater,
    "reads the past": ReadsThePast,
    "swaps blindly": SwapsBlindly,
}
