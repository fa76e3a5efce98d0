"""Machines lose power at every step of writing and of recovering, and no run that has begun is lost.

Two processes work on one store in a directory; their spools lie in it too. All of them die at once, at one
crash point after another, with the power; then another process begins, which may go dark in its recovery.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.crash import listening
from mlflowflow.errors import MlflowflowError
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.testing.disk import FailingSpool
from mlflowflow.testing.power import MachineWithoutBattery
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.frame import Seal, scan
from mlflowflow.tracking.writing.policy import Writing
from tests.proofs.scale import scale
from tests.proofs.simulated.scenario import MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.proofs.report import Tally

_CHECK: Final = {
    "check": "power",
    "what": "machines that go dark while runs begin, log, end and are recovered",
}
#: How many calls a life has at most, and how many lives a machine.
_CALLS, _LIVES = 14, 4
#: A spool of this size is given up for the next: then only the store has what was in it.
_SPOOL_BYTES: Final = 800
#: How likely a call begins a run; of all else it is one or the other.
_BEGINS: Final = 0.35
_HALF: Final = 0.5
#: Where all runs are.
_EXPERIMENT: Final = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a machine is made of; a mutant has another part."""

    store: type[LocalBlobStore] = LocalBlobStore
    spool: type[FailingSpool] = FailingSpool


class DarkError(BaseException):
    """The power is gone: nobody catches this."""


@dataclass(kw_only=True)
class Book:
    """What was promised: the runs that have begun, and the points that were made sure."""

    begun: set[str] = field(default_factory=set[str])
    sure: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    logged: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])

    def violations(self, tracker: Tracker) -> Iterable[str]:
        """Yield what of it `tracker` does not find, and what it finds that nobody logged."""
        found: Counter[tuple[str, int]] = Counter()
        for run_id in sorted(self.begun):
            try:
                run = tracker.get_run(run_id)
            except MlflowflowError as error:
                yield f"run '{run_id}' is lost: {error}"
                continue
            if run.info.experiment_id != _EXPERIMENT or not run.info.run_name:
                yield f"run '{run_id}' began in '{_EXPERIMENT}' and is now {run.info}"
            found.update((run_id, point.step) for point in tracker.metric_history(run_id, "m"))
        yield from (f"point {point} is lost" for point in self.sure - found)
        yield from (f"point {point} is there and was not logged so often" for point in found - self.logged)


@dataclass(kw_only=True)
class Machine:
    """One machine of a seed through its lives; `points` counts the crash points it has passed."""

    seed: int
    folder: Path
    parts: Parts
    points: int = 0

    def __post_init__(self) -> None:
        """Put a store on its disk."""
        self.chance = random.Random(self.seed)
        self.power = MachineWithoutBattery(
            self.folder,
            random.Random(self.seed),
            store=self.parts.store,
            spool=self.parts.spool,
        )
        self.book = Book()
        self._clock, self._ids = ManualClock(), SequentialIds()
        self._processes: list[Tracker] = []
        self._step = 0

    def live(self) -> list[str]:
        """Live until the power fails, over and over, and return what was broken."""
        found: list[str] = []
        for _ in range(_LIVES):
            dark_at = self.chance.randint(1, 60)
            with suppress(DarkError), listening(self._fuse(dark_at)):
                found += self._work()
            self.power.lose_power()
            for tracker in self._processes:
                tracker.renew_after_fork()  # what a dead process had in memory is not sent at our exit
            self._processes.clear()
        return [*found, *self.book.violations(self._process())]

    def _fuse(self, left: int) -> Callable[[str], None]:
        def reached(_: str) -> None:
            nonlocal left
            left -= 1
            self.points += 1
            if left <= 0:
                raise DarkError

        return reached

    def _process(self) -> Tracker:
        writing = Writing(flush_intervals=(), rotate_bytes=_SPOOL_BYTES)
        tracker = Tracker(
            self.power.store, clock=self._clock, ids=self._ids, writing=writing, compact_at=10_000
        )
        self._processes.append(tracker)
        tracker._stream._open_spool = self.power.open
        # Whether a run has begun once its spool is synced, or once its segment is stored. The first needs a
        # background, which would flush at no certain time.
        tracker._stream._in_sight = self.seed % 2 == 0
        return tracker

    def _work(self) -> list[str]:
        first = self._process()  # it recovers what those of the life before have left
        broken = list(self.book.violations(first))
        if broken:
            return broken
        pair = (first, self._process())
        waiting: tuple[Counter[tuple[str, int]], ...] = (Counter(), Counter())
        for _ in range(self.chance.randint(1, _CALLS)):
            one = self.chance.randrange(2)
            self._call(pair[one], waiting[one])
        return []

    def _call(self, tracker: Tracker, waiting: Counter[tuple[str, int]]) -> None:
        """Make one call; what it has settled moves from `waiting` to what is sure."""
        draw = self.chance.random
        if not self.book.begun or draw() < _BEGINS:
            chosen = f"chosen-{len(self.book.begun)}" if draw() < _HALF else None
            run = tracker.create_run(_EXPERIMENT, run_id=chosen, run_name="r")
            self.book.begun.add(run.info.run_id)
        elif draw() < _HALF:
            self._log(tracker, waiting)
            return
        elif draw() < _HALF:
            tracker.flush()
        else:
            tracker.end_run(self.chance.choice(sorted(self.book.begun)))
        self.book.sure += waiting
        waiting.clear()

    def _log(self, tracker: Tracker, waiting: Counter[tuple[str, int]]) -> None:
        run_id = self.chance.choice(sorted(self.book.begun))
        steps = range(self._step, self._step + self.chance.randint(1, 3))
        self._step = steps.stop
        points = Counter((run_id, step) for step in steps)
        self.book.logged += points
        tracker.log_batch(
            run_id, metrics=[Metric(key="m", value=0.5, timestamp=0, step=step) for step in steps]
        )
        waiting += points


def lives(seeds: Iterable[int], parts: Parts | None = None) -> tuple[int, list[str]]:
    """Let the machines of `seeds` live; return how many times one could have gone dark, and what was broken."""
    points = 0
    broken: list[str] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="power-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
            machine = Machine(seed=seed, folder=Path(folder), parts=parts or Parts())
            broken += [f"seed {seed}: {each}" for each in machine.live()]
            points += machine.points
    return points, broken


_BLOCKS: Final = scale(1, 20)
_SEEDS: Final = scale(60, 250)


@pytest.mark.parametrize("block", range(_BLOCKS))
def test_no_power_failure_takes_what_was_made_sure(tally: Tally, block: int) -> None:
    """Every run that has begun is found by its id, with each point that was settled, once."""
    seeds = range(block * _SEEDS, (block + 1) * _SEEDS)
    points, broken = lives(seeds)
    assert points > _SEEDS * 20  # they do get somewhere
    tally.add(**_CHECK, count=_SEEDS * _LIVES, violations=broken)


class Careless(LocalBlobStore):
    """A writer that lets go of the spool before the entries of its runs are on the disk."""

    def sync(self, keys: Iterable[str]) -> None:
        """Say that it is done."""


class Oblivious(LocalBlobStore):
    """A recovery that writes no entry again."""

    def put(self, key: str, data: bytes) -> None:
        """Write everything else."""
        if not key.startswith("runs/"):
            super().put(key, data)


class Hasty(FailingSpool):
    """A beginning that is acknowledged before it is on the disk."""

    def sync(self) -> None:
        """Say that it is done."""


class Unsealed(FailingSpool):
    """A segment that is uploaded before its seal is on the disk."""

    def append(self, frames: bytes) -> None:
        """Append, and see whether it was a seal."""
        self._ends_with_seal = isinstance(next(scan(frames)).entry, Seal)
        super().append(frames)

    def sync(self) -> None:
        """Do what was done before there was a sync between the two: nothing."""
        if not self._ends_with_seal:
            super().sync()


MUTANTS: Final[dict[str, Parts]] = {
    "entries not secured": Parts(store=Careless),
    "entries not restored": Parts(store=Oblivious),
    "begins before the sync": Parts(spool=Hasty),
    "uploads before the sync": Parts(spool=Unsealed),
}


def test_planted_mistakes_are_noticed(tally: Tally) -> None:
    """Each costs a run or a point."""
    noticed = {name: any(lives([seed], parts)[1] for seed in range(30)) for name, parts in MUTANTS.items()}
    tally.add(**_CHECK, count=0, mutants=noticed)
