"""Many processes in one thread, under one seeded scheduler: the same seed gives the same history.

Bugs of concurrent programs hide in orders of events that are rare on a real machine. Here the
programs are plain functions that use the real library; a store, a clock and a disk that belong to the
simulation give way at every call, and the scheduler then decides who goes on. What it decides comes
from a seed alone, so a violation is a number that anybody can look at again. Time is simulated too:
a pause of two days costs nothing.

Each process runs as a greenlet, because a switch between threads takes eighty times as long. So the
processes of a simulation share nothing that locks: each has its own tracker, as real ones do.

>>> from mlflowflow.storage.memory import MemoryBlobStore
>>> def write(name):
...     return lambda: store.put("last", name.encode())
>>> winners = set()
>>> for seed in range(10):
...     simulation = Simulation(seed)
...     store = SteppedBlobStore(MemoryBlobStore(), simulation)
...     processes = [simulation.spawn(name, write(name)) for name in ("ann", "bob")]
...     simulation.run()
...     winners.add(store.get("last"))
>>> sorted(winners)
[b'ann', b'bob']
"""

from __future__ import annotations

import hashlib
import random
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from greenlet import greenlet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.storage.blob import Blob, BlobStore, Created, Span

#: When simulations begin, in microseconds since 1970.
START_US: Final = 1_700_000_000_000_000
#: How many of the last events a simulation keeps to be shown.
_KEPT: Final = 60
#: How likely the process that ran last goes on; each simulation draws one of these.
_STICKINESS: Final = (0.0, 0.5, 0.9, 0.98)


class Killed(BaseException):
    """Raised inside a process that has been killed; nothing it still tries has an effect."""


class Restless(Exception):
    """Raised if a simulation does not come to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How time passes: a step takes up to `step_us`; at a share `leap_rate` of them one of `leaps_s` passes."""

    step_us: int = 2_000
    leap_rate: float = 0.0
    leaps_s: tuple[float, ...] = (1.0, 30.0, 300.0)


@dataclass(slots=True, kw_only=True, eq=False)
class Process:
    """One simulated process: what became of it is in `done`, `dead` and `error`."""

    name: str
    wakes_us: int = 0
    done: bool = False
    dead: bool = False
    error: BaseException | None = None
    at_death: list[Callable[[], None]] = field(default_factory=list["Callable[[], None]"])

    @property
    def gone(self) -> bool:
        """Whether it runs no more, for whatever reason."""
        return self.done or self.dead


class Simulation:
    """Run processes step by step, as the seed says."""

    def __init__(self, seed: object, *, pace: Pace | None = None) -> None:
        """Decide everything by `seed`; let time pass at `pace`."""
        self.seed = seed
        self.random: Final = random.Random(repr(seed))  # noqa: S311 - repeatable choices, no secrets
        self.now_us = START_US
        self.steps = 0
        self.processes: Final[list[Process]] = []
        self._pace = pace or Pace()
        self._sticks = self.random.choice(_STICKINESS)
        self._greenlets: dict[Process, greenlet] = {}
        self._scheduler = greenlet.getcurrent()
        self._current: Process | None = None
        self._latest: Process | None = None
        self._digest = hashlib.sha256()
        self._events: deque[str] = deque(maxlen=_KEPT)

    # ---- what happened -------------------------------------------------------------------------------------

    @property
    def digest(self) -> str:
        """The SHA-256 of everything that happened so far, in its order."""
        return self._digest.hexdigest()

    @property
    def events(self) -> tuple[str, ...]:
        """The last events, to be shown with a violation."""
        return tuple(self._events)

    @property
    def current(self) -> Process | None:
        """The process that runs now, None outside of all."""
        return self._current

    def note(self, what: str) -> None:
        """Write an event into the history."""
        name = self._current.name if self._current else "-"
        event = f"{self.now_us - START_US} {name} {what}"
        self._digest.update(event.encode())
        self._events.append(event)

    # ---- running -------------------------------------------------------------------------------------------

    def spawn(self, name: str, work: Callable[[], object]) -> Process:
        """Add a process that does `work`; it takes its first step when the scheduler says so."""
        process = Process(name=name)

        def live() -> None:
            try:
                work()
            except Killed:
                pass
            except Exception as error:  # noqa: BLE001 - whatever it is, the judge wants to see it
                process.error = error
            process.done = not process.dead

        self._greenlets[process] = greenlet(live, parent=self._scheduler)
        self.processes.append(process)
        return process

    def run(self, *, steps: int = 100_000) -> None:
        """Run until every process is gone. Raises `Restless` after so many `steps` in all."""
        while waiting := [process for process in self.processes if not process.gone]:
            if self.steps >= steps:
                raise Restless(f"Seed {self.seed}: no end after {steps} steps; last was {self.events[-1:]}.")
            self._step(waiting)

    def _step(self, waiting: list[Process]) -> None:
        self.steps += 1
        self._let_time_pass(waiting)
        ready = [process for process in waiting if process.wakes_us <= self.now_us]
        if self._latest not in ready or self.random.random() >= self._sticks:
            self._latest = self.random.choice(ready)
        self._resume(self._latest)

    def _let_time_pass(self, waiting: list[Process]) -> None:
        self.now_us += self.random.randrange(self._pace.step_us) + 1
        if self._pace.leap_rate and self.random.random() < self._pace.leap_rate:
            self.now_us += int(self.random.choice(self._pace.leaps_s) * 1e6)
        self.now_us = max(self.now_us, min(process.wakes_us for process in waiting))

    def _resume(self, process: Process) -> None:
        self._current = process
        try:
            self._greenlets[process].switch()
        finally:
            self._current = None

    def kill(self, process: Process) -> None:
        """End a process suddenly, another one or the one that calls. One that is gone stays as it is."""
        if process.gone:
            return
        process.dead = True
        self.note(f"killed {process.name}")
        for release in process.at_death:
            release()
        if process is self._current:
            raise Killed(process.name)
        if thread := self._greenlets[process]:  # false before its first step
            self._unwind(process, thread)

    def _unwind(self, process: Process, thread: greenlet) -> None:
        """Let a killed process leave its blocks, so that nothing of it stays in memory."""
        killer, self._current = self._current, process
        thread.parent = greenlet.getcurrent()
        thread.throw(Killed(process.name))
        self._current = killer

    def pause(self, what: str = "") -> None:
        """Give way: return when the scheduler lets the calling process go on.

        Outside of all processes this does nothing. Raises `Killed` in one that has been killed.
        """
        process = self._current
        if process is None:
            return
        self._check_alive(process)
        if what:
            self.note(what)
        self._scheduler.switch()
        self._check_alive(process)

    def sleep(self, seconds: float) -> None:
        """Give way for some simulated time; outside of all processes the time just passes."""
        if self._current is None:
            self.now_us += int(seconds * 1e6)
            return
        self._current.wakes_us = self.now_us + int(seconds * 1e6)
        self.pause(f"sleeps {seconds:g}")

    def _check_alive(self, process: Process) -> None:
        if process.dead:
            raise Killed(process.name)


class SimulatedClock:
    """A process's clock: the simulation's time, wrong by `skew_us`. Reading it gives way."""

    def __init__(self, simulation: Simulation, *, skew_us: int = 0) -> None:
        """Tell the time of `simulation`."""
        self._simulation = simulation
        self._skew_us = skew_us

    def now_us(self) -> int:
        """Return the simulated time."""
        self._simulation.pause()
        return self._simulation.now_us + self._skew_us

    def monotonic_s(self) -> float:
        """Return the simulated time since the beginning, in seconds."""
        self._simulation.pause()
        return (self._simulation.now_us - START_US) / 1e6

    def sleep(self, seconds: float) -> None:
        """Let others run for `seconds` of simulated time."""
        self._simulation.sleep(seconds)


class SteadyClock:
    """The clock of a thing that is no process, such as the store: never wrong, and never gives way."""

    def __init__(self, simulation: Simulation) -> None:
        """Tell the time of `simulation`."""
        self._simulation = simulation

    def now_us(self) -> int:
        """Return the simulated time."""
        return self._simulation.now_us

    def monotonic_s(self) -> float:
        """Return the simulated time since the beginning, in seconds."""
        return (self._simulation.now_us - START_US) / 1e6

    def sleep(self, seconds: float) -> None:
        """Let simulated time pass."""
        self._simulation.sleep(seconds)


class SimulatedIds:
    """Ids that a seed and a name decide: different between processes, the same in every replay."""

    def __init__(self, simulation: Simulation, name: str) -> None:
        """Make the ids of the process `name`."""
        self._random = random.Random(repr((simulation.seed, name)))  # noqa: S311 - repeatable, no secrets

    def run_id(self) -> str:
        """Return a new id in the shape of a UUIDv7 of the simulation's first moment."""
        return f"{START_US // 1000:012x}7000{1 << 63 | self._random.getrandbits(63):016x}"

    def experiment_id(self) -> str:
        """Return a new id of 18 digits."""
        return f"{START_US // 1000:013d}{self._random.randrange(100_000):05d}"

    def token(self) -> str:
        """Return 16 hex digits."""
        return f"{self._random.getrandbits(64):016x}"


class SteppedBlobStore:
    """Give way before and after each call to `inner`, and write the call into the history."""

    def __init__(self, inner: BlobStore, simulation: Simulation) -> None:
        """Pass calls to `inner` when `simulation` says so."""
        self.inner = inner
        self._simulation = simulation

    @property
    def url(self) -> str:
        """The inner store's address."""
        return self.inner.url

    @property
    def shared(self) -> bool:
        """What the inner store says."""
        return self.inner.shared

    def put(self, key: str, data: bytes) -> None:
        """Write."""
        self._simulation.pause(f"put {key} {zlib.crc32(data):08x}")
        self.inner.put(key, data)
        self._simulation.pause()

    def create(self, key: str, data: bytes) -> Created:
        """Write if absent."""
        self._simulation.pause(f"create {key} {zlib.crc32(data):08x}")
        made = self.inner.create(key, data)
        self._simulation.pause(made.value)
        return made

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Read."""
        self._simulation.pause(f"get {key}")
        found = self.inner.get(key, span)
        self._simulation.pause("nothing" if found is None else f"{zlib.crc32(found):08x}")
        return found

    def list(self, prefix: str) -> Iterator[Blob]:
        """List what is there in one moment."""
        self._simulation.pause(f"list {prefix}")
        found = tuple(self.inner.list(prefix))
        self._simulation.pause(f"{len(found)} objects")
        return iter(found)

    def delete(self, key: str) -> None:
        """Remove."""
        self._simulation.pause(f"delete {key}")
        self.inner.delete(key)
        self._simulation.pause()
