"""One process that does everything once, in an order: what single faults and crashes are tried on."""

from __future__ import annotations

import errno
import random
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflowflow.crash import listening
from mlflowflow.errors import Conflict, CorruptData, InvalidState, NotFound, StoreError
from mlflowflow.registry.catalog import Catalog
from mlflowflow.testing.catalog import RACE_START, random_call, registry_step
from mlflowflow.testing.oracles import linearizable
from mlflowflow.testing.simulation import SteadyClock
from mlflowflow.tracking.writing.policy import Durability, Writing
from tests.proofs.simulated.actors import Writer, collecting, compacting, reading
from tests.proofs.simulated.scenario import MEMORY
from tests.proofs.simulated.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.testing.disk import SpoolScript
    from mlflowflow.testing.plans import Plan
    from mlflowflow.testing.simulation import Process
    from tests.proofs.simulated.world import Parts

#: How the process keeps what it logs; between them they pass every crash point of writing.
WRITINGS: Final[dict[str, Writing]] = {
    "process": Writing(flush_intervals=()),
    "disk": Writing(flush_intervals=(), durability=Durability.DISK),
    "small files": Writing(flush_intervals=(), rotate_bytes=500),
}
_TROUBLE: Final = (StoreError, Conflict, CorruptData, InvalidState, NotFound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """Where a process dies: the `hit`-th time that it reaches the crash point `name`."""

    process: str
    name: str
    hit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of a story: violations, how many faults were met, and which crash points how often."""

    violations: tuple[str, ...]
    faults: int
    calls: int
    reached: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    died: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is told: the seed of its details, what goes wrong, and where its processes die."""

    seed: int = 0
    writing: str = "process"
    batches: int = 3
    plan: Plan = lambda _: None
    disk: SpoolScript = lambda _: None
    crashes: tuple[Crash, ...] = ()
    parts: Parts | None = None

    def tell(self) -> Told:
        """Let it happen, and judge it."""
        with tempfile.TemporaryDirectory(prefix="story-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
            return self._told(Path(folder))

    def _told(self, folder: Path) -> Told:
        world = World(self.seed, folder, plan=self.plan, parts=self.parts)
        world.disk.script = self.disk
        _found_model(world)
        reached: Counter[tuple[str, str]] = Counter()
        first = world.simulation.spawn("writer 0", partial(self._act, world))
        world.simulation.spawn("heir 0", partial(_inherit, world, first, "heir 0"))
        with listening(self._deadly(world, reached)):
            world.run()
        world.accuse(linearizable(world.recorder.history(), initial=RACE_START, step=registry_step))
        return Told(
            violations=tuple(world.book.violations),
            faults=world.faults,
            calls=world.calls,
            reached=reached,
            died=tuple(process.name for process in world.simulation.processes if process.dead),
        )

    def _act(self, world: World) -> None:
        """Log, flush, fold, read, decide, end and collect."""
        writer = Writer(world, 0, batches=self.batches, writing=WRITINGS[self.writing])
        writer()
        compacting(world, "compactor", rounds=2)
        reading(world, "reader", runs=("run-0", "shared"), looks=2)
        catalog = world.parts.open_catalog(
            world.view("registry"), clock=world.clock(), ids=world.ids("client"), actor="client"
        )
        choices = random.Random(self.seed)  # not the world's: what is decided does not hang on what is logged
        for _ in range(6):
            with suppress(*_TROUBLE):
                random_call(catalog, world.recorder, choices)
        collecting(world, "collector")

    def _deadly(self, world: World, reached: Counter[tuple[str, str]]) -> Callable[[str], None]:
        def listen(name: str) -> None:
            process = world.simulation.current
            if process is None or process.dead:
                return
            reached[process.name, name] += 1
            if Crash(process=process.name, name=name, hit=reached[process.name, name]) in self.crashes:
                world.simulation.kill(process)

        return listen


def _inherit(world: World, parent: Process, name: str) -> None:
    """Wait for the end of a process; if it was killed, send what it left, or die and leave it to an heir."""
    while not parent.gone:
        world.simulation.sleep(60.0)
    if not parent.dead:
        return
    me = world.simulation.current
    number = int(name.removeprefix("heir "))
    if me is not None and number < 2:
        heir = f"heir {number + 1}"
        world.simulation.spawn(heir, partial(_inherit, world, me, heir))
    world.tracker(name, kind="heir")


def _found_model(world: World) -> None:
    catalog = Catalog(world.inner, clock=SteadyClock(world.simulation), ids=world.ids("founder of models"))
    for _ in range(3):
        catalog.create_version("m", source="s")


#: Errors of a local disk.
DISK_ERRORS: Final = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EMFILE, errno.ESTALE, errno.EINTR)
