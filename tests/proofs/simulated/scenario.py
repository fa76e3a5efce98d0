"""The scenario of all: writers, readers, compactors, a collector and registry clients, in any weather."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflowflow.registry.catalog import Catalog
from mlflowflow.testing.catalog import RACE_START, registry_step
from mlflowflow.testing.faults import Delays, Fault
from mlflowflow.testing.oracles import linearizable
from mlflowflow.testing.plans import at_random
from mlflowflow.testing.simulation import Pace, SteadyClock
from tests.proofs.simulated.actors import (
    Writer,
    arriving,
    collecting,
    compacting,
    deciding,
    killing,
    reading,
)
from tests.proofs.simulated.world import World

if TYPE_CHECKING:
    from mlflowflow.testing.faults import StoreCall
    from mlflowflow.testing.plans import Plan
    from tests.proofs.simulated.world import Parts

#: What may be the matter in a world; a seed draws some of it.
TROUBLES: Final = tuple(Fault)
#: How often a call meets a fault; most worlds have little of it.
RATES: Final = (0.0, 0.005, 0.02, 0.1)
#: How wrong the clocks of writers and compactors may be, in seconds.
SKEWS_S: Final = (0.0, 0.0, 5.0, -300.0, 3 * 86_400.0, -3 * 86_400.0)
_PACES: Final = (Pace(), Pace(step_us=200_000), Pace(leap_rate=0.01, leaps_s=(1.0, 70.0, 900.0)))
#: Spools lie here if they can: their files are real, and need no disk.
MEMORY: Final = Path("/dev/shm")
#: Under these a reader may see less than it saw before, for a while or for ever.
_HIDES: Final = frozenset({Fault.NEWEST_UNLISTED, Fault.PARTIAL, Fault.WRONG_BYTES, Fault.VANISHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a scenario: violations, the digest of its history, and how long it was."""

    violations: tuple[str, ...]
    digest: str
    steps: int
    judged: int
    audits: int
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What may be the matter, and how often a call meets it."""

    faults: tuple[Fault, ...] = ()
    rate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who takes part."""

    writers: int = 4
    compactors: int = 2
    collectors: int = 1
    readers: int = 2
    clients: int = 2
    #: how many writers are killed, in how many of the worlds
    victims: int = 1
    killed: float = 0.5
    #: the collector comes every moment instead of every other day
    brisk: bool = False


def play(
    seed: int, *, parts: Parts | None = None, cast: Cast | None = None, weather: Weather | None = None
) -> Outcome:
    """Let the scenario of `seed` happen, and judge it. What is not given, the seed draws."""
    with tempfile.TemporaryDirectory(prefix="world-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        return _played(seed, Path(folder), parts=parts, cast=cast or Cast(), weather=weather)


def _drawn(choices: random.Random) -> Weather:
    faults = choices.sample(TROUBLES, k=choices.randint(0, 4))
    return Weather(faults=tuple(faults), rate=choices.choice(RATES))


def _played(seed: int, folder: Path, *, parts: Parts | None, cast: Cast, weather: Weather | None) -> Outcome:
    choices = random.Random(seed)
    drawn = weather or _drawn(choices)
    world = World(
        seed,
        folder,
        plan=_plan(seed, drawn),
        parts=parts,
        pace=choices.choice(_PACES),
        delays=Delays(newest=choices.randint(1, 3)),
    )
    _found_model(world)
    _spawn(world, choices, cast, ends_count=not _HIDES & set(drawn.faults))
    world.run()
    history = world.recorder.history()
    if not world.vanished:
        world.accuse(linearizable(history, initial=RACE_START, step=registry_step))
    world.forget()
    return Outcome(
        violations=tuple(world.book.violations),
        digest=world.simulation.digest,
        steps=world.simulation.steps,
        judged=world.book.judged,
        audits=world.audits,
        events=world.simulation.events,
    )


def _plan(seed: int, weather: Weather) -> Plan:
    """Return faults at random; half an object appears only where a name has one author who writes it again."""
    if not weather.faults:
        return lambda _: None
    storm = at_random(seed, weather.faults, rate=weather.rate)

    def plan(call: StoreCall) -> Fault | None:
        fault = storm(call)
        harms = fault is Fault.PARTIAL and not (call.verb == "put" and "/hot/" in call.key)
        return None if harms else fault

    return plan


def _found_model(world: World) -> None:
    catalog = Catalog(world.inner, clock=SteadyClock(world.simulation), ids=world.ids("founder of models"))
    for _ in range(3):
        catalog.create_version("m", source="s")


def _spawn(world: World, choices: random.Random, cast: Cast, *, ends_count: bool) -> None:
    spawn = world.simulation.spawn
    runs = ("shared", *(f"run-{number}" for number in range(cast.writers)))
    writers = [
        Writer(world, number, batches=choices.randint(1, 2), skew_s=choices.choice(SKEWS_S))
        for number in range(cast.writers)
    ]
    alive = [spawn(writer.name, writer) for writer in writers]
    for number in range(cast.compactors):
        skew_s = choices.choice(SKEWS_S)
        spawn(f"compactor {number}", partial(compacting, world, f"compactor {number}", skew_s=skew_s))
    for number in range(cast.collectors):
        spawn(f"collector {number}", partial(collecting, world, f"collector {number}", brisk=cast.brisk))
    for number in range(cast.readers):
        some = tuple(choices.sample(runs, k=min(2, len(runs))))
        name = f"reader {number}"
        spawn(name, partial(reading, world, name, runs=some, ends_count=ends_count))
    for number in range(cast.clients):
        spawn(f"client {number}", partial(deciding, world, f"client {number}"))
    spawn("network", partial(arriving, world))
    if choices.random() < cast.killed:
        for number, victim in enumerate(choices.sample(alive, k=cast.victims)):
            spawn(f"heir {number}", partial(killing, world, victim, heir=f"heir {number}"))
