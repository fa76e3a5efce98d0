"""One simulated world: a store that many processes share, a local disk, a clock, and their troubles."""

from __future__ import annotations

import itertools
import logging
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mlflowflow.errors import Conflict, CorruptData, MlflowflowError, NotFound, NotStored, StoreError
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.format import prepare
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.disk import SimulatedDisk
from mlflowflow.testing.faults import Delays, Fault, FaultyBlobStore, StoreCall
from mlflowflow.testing.history import Recorder
from mlflowflow.testing.oracles import drained, only_documented
from mlflowflow.testing.plans import Switch
from mlflowflow.testing.simulation import (
    Pace,
    SimulatedClock,
    SimulatedIds,
    Simulation,
    SteadyClock,
    SteppedBlobStore,
)
from mlflowflow.tracking import lifetime
from mlflowflow.tracking.layout import models_shard
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.recovery import recover
from tests.proofs.simulated.audit import audit
from tests.proofs.simulated.book import KEY, Book

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.testing.plans import Plan
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Metric, Run
    from mlflowflow.tracking.writing.spool import OpenSpool

#: The experiment all runs are in.
EXPERIMENT: Final = "0"
#: How often the store is tried before a process gives up.
_PATIENCE: Final = 12
#: A pause longer than every grace, so that what may be collected is.
LONG_S: Final = 3 * 24 * 3600.0
#: A write that is late arrives within ten minutes: the collector's graces allow for an hour.
_LATEST_US: Final = 600 * 1_000_000
_READS: Final = frozenset({"get", "list", "get_file"})
_worlds: Final = itertools.count(1)
_T = TypeVar("_T")


def _same(store: BlobStore, world: World) -> BlobStore:
    del world
    return store


def _disk_of(world: World) -> OpenSpool:
    return world.disk.open


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the processes are made of; a mutant is a world with one part replaced by a wrong one."""

    open_tracker: Callable[..., Tracker] = Tracker
    compact: Callable[..., object] = compact
    collect: Callable[..., object] = collect
    recover: Callable[..., object] = recover
    open_catalog: Callable[..., Catalog] = Catalog
    #: the store as a kind of process sees it
    view: dict[str, Callable[[BlobStore, World], BlobStore]] = field(
        default_factory=dict[str, "Callable[[BlobStore, World], BlobStore]"]
    )
    open_spool: Callable[[World], OpenSpool] = _disk_of


class World:
    """The common ground of a scenario's processes."""

    def __init__(
        self,
        seed: object,
        folder: Path,
        *,
        plan: Plan = lambda _: None,
        parts: Parts | None = None,
        pace: Pace | None = None,
        delays: Delays | None = None,
    ) -> None:
        """Make an empty store whose calls meet the faults of `plan`, and a disk in `folder`."""
        self.seed = seed
        self.parts = parts or Parts()
        self.simulation = Simulation(seed, pace=pace)
        self.random = self.simulation.random
        self.book = Book()
        self.recorder = Recorder()
        self.audits = self.calls = self.faults = 0
        self.vanished: list[str] = []
        self._due: deque[int] = deque()
        self.trackers: dict[str, Tracker] = {}
        self.folder = folder
        self.disk = SimulatedDisk(self.simulation)
        self.inner = MemoryBlobStore(f"world-{next(_worlds):08d}", clock=SteadyClock(self.simulation))
        prepare(self.inner, clock=SteadyClock(self.simulation), ids=self.ids("founder"))
        self.switch = Switch(plan)
        self.store = FaultyBlobStore(
            SteppedBlobStore(self.inner, self.simulation),
            self._meet,
            clock=SimulatedClock(self.simulation),
            delays=delays,
        )

    def arrive(self) -> None:
        """Let the first of the writes that are late arrive, if there is one."""
        if self._due:
            self._due.popleft()
            self.store.settle(1)

    def _meet(self, call: StoreCall) -> Fault | None:
        while self._due and self._due[0] <= self.simulation.now_us:
            self.arrive()
        fault = self.switch(call) if self.simulation.current is not None else None
        self.calls += self.simulation.current is not None
        if fault is not None:
            self.faults += 1
            self.simulation.note(f"meets {fault.value} at {call.verb} {call.key}")
        if fault in {Fault.LATE, Fault.TWICE} and call.verb not in _READS:
            self._due.append(self.simulation.now_us + _LATEST_US)
        if fault is Fault.VANISHED and call.verb == "get":
            self.vanished.append(call.key)
        return fault

    # ---- what a process needs ------------------------------------------------------------------------------

    def ids(self, name: str) -> Ids:
        """Return the ids of a process."""
        return SimulatedIds(self.simulation, name)

    def clock(self, *, skew_s: float = 0.0) -> Clock:
        """Return a clock that is wrong by `skew_s`."""
        return SimulatedClock(self.simulation, skew_us=int(skew_s * 1e6))

    def view(self, kind: str) -> BlobStore:
        """Return the store as processes of a kind see it."""
        return self.parts.view.get(kind, _same)(self.store, self)

    def tracker(self, name: str, *, kind: str = "writer", skew_s: float = 0.0, **options: Any) -> Tracker:
        """Open a tracker as the process `name`; trouble with the store is waited out."""
        opened = self.waiting_for(
            lambda: self.parts.open_tracker(
                self.view(kind),
                clock=self.clock(skew_s=skew_s),
                ids=self.ids(name),
                spool_dir=self.folder,
                flush_intervals=(),
                user=name,
                **options,
            )
        )
        lifetime._watched.discard(opened)  # at the end of this real process there is nothing to send
        owner = self.simulation.current
        if owner is not None:
            owner.at_death.append(opened._stream.abandon)
        opened._stream._open_spool = self.parts.open_spool(self)
        opened._reader._files._fetches = 1  # a process here is one thread
        self.trackers[name] = opened
        return opened

    def waiting_for(self, call: Callable[[], _T]) -> _T:
        """Repeat a call that may be repeated until the store takes it, as a careful user does."""
        for attempt in range(_PATIENCE):
            try:
                return call()
            except (StoreError, Conflict):
                self.simulation.sleep(1.0 + attempt)
        return call()

    # ---- coming to rest ------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run all processes to their end, then end all trouble and let everything come to rest."""
        with _quiet():
            self.simulation.run()
            self.accuse(self._errors())
            self.switch.turn_off()
            self.disk.script = lambda _: None
            self._due.clear()
            self.store.settle()
            try:
                self.accuse(self._drain())
                self._judge()
            except MlflowflowError as error:
                self.accuse([f"Without faults it still failed: {error!r}"])

    def forget(self) -> None:
        """Empty the store: one in memory lasts as long as the process, and a proof plays stories by the thousand."""
        for blob in list(self.inner.list("")):
            self.inner.delete(blob.key)

    def accuse(self, found: list[str]) -> None:
        """Write down violations."""
        self.book.violations += found

    def _errors(self) -> list[str]:
        met = [(each.name, each.error) for each in self.simulation.processes if not each.dead]
        return only_documented((name, error) for name, error in met if error is not None)

    def _drain(self) -> list[str]:
        """Flush the living, recover the dead, and demand that this is done at the first attempt."""
        dead = {process.name for process in self.simulation.processes if process.dead}
        alive = {name: tracker for name, tracker in self.trackers.items() if name not in dead}
        waiting: dict[str, int] = {}
        for name, tracker in alive.items():
            try:
                tracker.close()
            except NotStored as error:
                waiting[name] = error.records
        self.parts.recover(self.store, self.folder)
        left = [path.name for path in self.folder.glob("*.wal")]
        return [
            *drained(waiting=waiting, rounds=1, bound=1),
            *(f"The spool {name} is left over." for name in left),
        ]

    def _judge(self) -> None:
        """Look at everything with fresh eyes: as it is, and when it is folded and all grace is over."""
        whole = not self.vanished
        self._judge_runs(whole=whole)
        if not whole:
            return
        clock, ids = SteadyClock(self.simulation), self.ids("judge")
        for shard in (EXPERIMENT, models_shard(EXPERIMENT)):
            self.parts.compact(self.store, shard, clock=clock, ids=ids)
        self.accuse(audit(self.inner, EXPERIMENT))
        self.audits += 1
        for _ in range(2):
            self.simulation.now_us += int(LONG_S * 1e6)
            self.parts.collect(self.store, EXPERIMENT, ids=ids)
        self.accuse(audit(self.inner, EXPERIMENT, garbage=True))
        self.audits += 1
        self._judge_runs(whole=whole)

    def _judge_runs(self, *, whole: bool) -> None:
        reader = Tracker(self.inner, ids=self.ids("judge"), flush_intervals=())
        for run_id in sorted(self.book.runs):
            run, history = _seen(reader, run_id, whole=whole)
            self.book.judge_rest(run, run_id, history, whole=whole)
        for model_id in sorted(self.book.models) if whole else ():
            self.book.judge_model(*_seen_model(reader, model_id))


def _seen(reader: Tracker, run_id: str, *, whole: bool) -> tuple[Run | None, list[Metric]]:
    try:
        return reader.get_run(run_id), reader.metric_history(run_id, KEY)
    except NotFound:
        return None, []
    except (StoreError, CorruptData):  # of what was destroyed, something may be unreadable
        if whole:
            raise
        return None, []


def _seen_model(reader: Tracker, model_id: str) -> tuple[LoggedModel | None, str, list[Metric]]:
    try:
        return reader.logged_models.get(model_id), model_id, reader.metric_history(model_id, KEY)
    except NotFound:
        return None, model_id, []


@contextmanager
def _quiet() -> Generator[None]:
    """Keep the library's warnings to itself: in a storm there would be thousands."""
    log = logging.getLogger("mlflowflow")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
