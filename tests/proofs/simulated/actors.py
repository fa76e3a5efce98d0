"""What the simulated processes do: log, read, fold, collect, decide, die and come back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import Conflict, CorruptData, InvalidState, NotFound, NotStored, SpoolFull, StoreError
from mlflowflow.testing.catalog import random_call
from mlflowflow.testing.oracles import Fact
from mlflowflow.tracking.run import Metric
from tests.proofs.simulated.book import KEY, value_of
from tests.proofs.simulated.world import EXPERIMENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.testing.simulation import Process
    from mlflowflow.tracking.tracker import Tracker
    from tests.proofs.simulated.world import World

#: All facts bear this time, so that only the order in which they were logged tells them apart.
_TIME_MS: Final = 1_700_000_000_000
#: What a process may meet while others fold and collect, and the store fails.
_TROUBLE: Final = (StoreError, Conflict, CorruptData, InvalidState)


class Writer:
    """A process that logs facts to its own run and to one that all share, and ends its own."""

    def __init__(
        self, world: World, number: int, *, batches: int = 2, skew_s: float = 0.0, **options: Any
    ) -> None:
        """Be the writer `number`; its tracker gets the `options`."""
        self.world = world
        self.number = number
        self.name = f"writer {number}"
        self.own = f"run-{number}"
        self._batches = batches
        self._skew_s = skew_s
        self._options = options
        self._count = 0

    def __call__(self) -> None:
        """Begin the runs, log, flush now and then, end the own run and close."""
        tracker = self.world.tracker(self.name, skew_s=self._skew_s, **self._options)
        self._begin(tracker, self.own)
        self._begin(tracker, "shared")
        for _ in range(self._batches):
            self._batch(tracker)
        self._end(tracker)
        self._flush(tracker.close)

    def _begin(self, tracker: Tracker, run_id: str) -> None:
        self.world.waiting_for(lambda: tracker.create_run(EXPERIMENT, run_id=run_id))
        self.world.book.runs[run_id].began = True

    def _batch(self, tracker: Tracker) -> None:
        for _ in range(self.world.random.randint(1, 3)):
            self._log(tracker, self.world.random.choice((self.own, self.own, "shared")))
        if self.world.random.random() < 0.7:
            self._flush(tracker.flush)

    def _log(self, tracker: Tracker, run_id: str) -> None:
        """Log some facts in one call, or one, and note what was said about them."""
        notes = self.world.book.runs[run_id]
        facts = [Fact(self.name, self._count + each) for each in range(self.world.random.choice((1, 1, 3)))]
        self._count += len(facts)
        notes.attempted += facts
        points = [
            Metric(key=KEY, value=value_of(self.number, fact.number), timestamp=_TIME_MS, step=0)
            for fact in facts
        ]
        try:
            if len(points) == 1:
                tracker.log_metric(run_id, KEY, points[0].value, timestamp=_TIME_MS)
            else:
                tracker.log_batch(run_id, metrics=points, tags={self.name: str(self._count)})
        except (SpoolFull, StoreError):
            notes.refused.update(facts)
        else:
            notes.acknowledged += facts

    def _end(self, tracker: Tracker) -> None:
        notes = self.world.book.runs[self.own]
        notes.before_end = list(notes.acknowledged)
        try:
            tracker.end_run(self.own)
        except (SpoolFull, StoreError):
            return
        notes.ended = True

    def _flush(self, call: Callable[[], object]) -> None:
        try:
            call()
        except NotStored:
            self.world.simulation.sleep(1.0)
        else:
            self.world.book.stored(self.name)


def reading(
    world: World, name: str, *, runs: tuple[str, ...], looks: int = 2, ends_count: bool = True
) -> None:
    """Look at `runs` again and again, and judge what is seen."""
    tracker = world.tracker(name, kind="reader")
    before: dict[str, list[Fact]] = {}
    for _ in range(looks):
        for run_id in runs:
            expected = world.book.expected(run_id, before.get(run_id, []))
            since = world.book.runs[run_id].stage_since()
            try:
                run = tracker.get_run(run_id)
                history = tracker.metric_history(run_id, KEY)
            except (*_TROUBLE, NotFound):
                continue
            before[run_id] = world.book.judge_reading(run, history, before=expected, ends_count=ends_count)
            if ends_count:
                found = world.book.runs[run_id].judge_stage(run.info.lifecycle_stage, since=since)
                world.book.accuse(run_id, found)
        world.simulation.sleep(world.random.choice((0.001, 0.1, 2.0)))


def burying(world: World, name: str, run_id: str, *, moves: int = 4) -> None:
    """Delete a run and restore it, again and again, while others write to it."""
    tracker = world.tracker(name, kind="burying")
    notes = world.book.runs[run_id]
    for _ in range(moves):
        world.simulation.sleep(world.random.choice((0.01, 0.1, 1.0)))
        stage, move = world.random.choice((("deleted", tracker.delete_run), ("active", tracker.restore_run)))
        place = len(notes.stages)
        notes.stages.append((stage, False))
        with suppress(*_TROUBLE, NotFound):
            move(run_id)
            notes.stages[place] = (stage, True)
    with suppress(NotStored):
        tracker.close()


def compacting(world: World, name: str, *, rounds: int = 3, skew_s: float = 0.0) -> None:
    """Fold again and again."""
    clock, ids, store = world.clock(skew_s=skew_s), world.ids(name), world.view("compactor")
    for _ in range(rounds):
        with suppress(*_TROUBLE):
            world.parts.compact(store, EXPERIMENT, clock=clock, ids=ids)
        world.simulation.sleep(world.random.choice((0.001, 0.1, 2.0)))


def collecting(world: World, name: str, *, brisk: bool = False) -> None:
    """Collect again and again, with pauses around the graces or, if `brisk`, with hardly any."""
    rounds, pauses_s = (12, (0.01, 0.1, 0.5)) if brisk else (3, (0.1, 130.0, 90_000.0))
    ids, store = world.ids(name), world.view("collector")
    for _ in range(rounds):
        with suppress(*_TROUBLE):
            world.parts.collect(store, EXPERIMENT, ids=ids)
        world.simulation.sleep(world.random.choice(pauses_s))


def deciding(world: World, name: str, *, calls: int = 4) -> None:
    """Decide about a model, and have every answer written down."""
    catalog = world.parts.open_catalog(
        world.view("registry"), clock=world.clock(), ids=world.ids(name), actor=name
    )
    for _ in range(calls):
        with suppress(*_TROUBLE, NotFound):
            random_call(catalog, world.recorder, world.random)


def arriving(world: World, *, rounds: int = 8) -> None:
    """Let what is late arrive, at some time within ten minutes."""
    for _ in range(rounds):
        world.simulation.sleep(world.random.choice((0.001, 0.1, 5.0, 60.0)))
        world.store.settle(1)


def killing(world: World, victim: Process, *, heir: str) -> None:
    """Kill a process at some moment; a new one on the same machine sends what it left."""
    world.simulation.sleep(world.random.choice((0.0, 0.05, 0.3, 2.0, 8.0)))
    for _ in range(world.random.randrange(30)):
        world.simulation.pause()
    world.simulation.kill(victim)
    world.tracker(heir, kind="heir")
