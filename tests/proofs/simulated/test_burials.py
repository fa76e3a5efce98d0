"""R22: runs are deleted and restored while others write to them, fold and collect."""

from __future__ import annotations

import random
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mlflowflow.testing.faults import BROKEN_PROMISES, Fault
from mlflowflow.testing.plans import at_random
from mlflowflow.tracking.layout import run_key, segment_key
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table.compaction import compact
from tests.proofs.scale import scale
from tests.proofs.simulated.actors import Writer, arriving, burying, collecting, compacting, reading
from tests.proofs.simulated.scenario import MEMORY
from tests.proofs.simulated.views import Hasty, View
from tests.proofs.simulated.world import EXPERIMENT, Parts, World

if TYPE_CHECKING:
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from tests.proofs.report import Tally

_WHAT: Final = "runs deleted and restored while written to, folded and collected"
_FAULTS: Final = tuple(fault for fault in Fault if fault not in BROKEN_PROMISES)
_PARTS: Final = scale(1, 10)
_SEEDS: Final = scale(25, 500) // _PARTS
_WRITERS: Final = 3


def buried(seed: int, *, parts: Parts | None = None, rate: float | None = None) -> list[str]:
    """Let the schedule of `seed` happen, and return what it broke."""
    choices = random.Random(seed)
    drawn = choices.choice((0.0, 0.01, 0.05)) if rate is None else rate
    with tempfile.TemporaryDirectory(prefix="burial-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        world = World(seed, Path(folder), plan=at_random(seed, _FAULTS, rate=drawn), parts=parts)
        spawn = world.simulation.spawn
        for number in range(_WRITERS):
            spawn(f"writer {number}", Writer(world, number, batches=3))
            spawn(f"sexton {number}", partial(burying, world, f"sexton {number}", f"run-{number}"))
        for number in range(2):
            spawn(f"compactor {number}", partial(compacting, world, f"compactor {number}"))
        spawn("collector", partial(collecting, world, "collector", brisk=choices.random() < 0.5))
        runs = tuple(f"run-{number}" for number in range(_WRITERS))
        spawn("reader", partial(reading, world, "reader", runs=runs, looks=5))
        spawn("network", partial(arriving, world))
        world.run()
        return world.book.violations


@pytest.mark.parametrize("part", range(_PARTS))
def test_a_deleted_run_stays_deleted_and_a_restored_one_is_whole(tally: Tally, part: int) -> None:
    """No folding brings a run back or loses what was logged to it; other runs notice nothing."""
    seeds = range(part * _SEEDS, (part + 1) * _SEEDS)
    found = [f"seed {seed}: {each}" for seed in seeds for each in buried(seed)]
    tally.add(check="R22", what=_WHAT, count=len(seeds), violations=found)


def resurrecting(store: BlobStore, experiment_id: str, *, clock: Any, ids: Ids) -> None:
    """Fold, and take every run for restored."""
    from mlflowflow.tracking.table.segment import encode_segment

    compact(store, experiment_id, clock=clock, ids=ids)
    writer = ids.token()
    records = [
        Record(run_id=f"run-{number}", kind=Kind.LIFECYCLE, text="active", at=2**62)
        for number in range(_WRITERS)
    ]
    store.put(segment_key(experiment_id, writer=writer, seq=0), encode_segment(records, writer=writer, seq=0))


class Removing(View):
    """A store in which deleting a run removes what leads to it."""

    def put(self, key: str, data: bytes) -> None:
        """Drop the entry of a run to which anything is sent."""
        super().put(key, data)
        if key.startswith(f"exp/{EXPERIMENT}/hot/"):
            self.inner.delete(run_key("run-0"))


MUTANTS: Final[dict[str, tuple[Parts, float]]] = {
    "a folding restores runs": (Parts(compact=resurrecting), 0.0),
    "a deletion is answered before it is stored": (Parts(view={"burying": Hasty}), 0.1),
    "a deletion removes what leads to the run": (Parts(view={"burying": Removing}), 0.0),
}


def test_planted_mistakes_are_noticed(tally: Tally) -> None:
    """Each shows in some schedule."""
    caught = {
        name: any(buried(seed, parts=parts, rate=rate) for seed in range(60))
        for name, (parts, rate) in MUTANTS.items()
    }
    tally.add(check="R22", what=_WHAT, count=0, mutants=caught)
