"""What the simulated processes do: log, read, fold, collect, decide, die and come back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import Conflict, CorruptData, InvalidState, NotFound, NotStored, SpoolFull, StoreError
from mlflowflow.testing.catalog import random_call
from mlflowflow.testing.oracles import Fact
from mlflowflow.tracking.layout import models_shard
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import Metric
from tests.proofs.simulated.book import KEY, input_of, output_of, value_of
from tests.proofs.simulated.world import EXPERIMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlflowflow.testing.simulation import Process
    from mlflowflow.tracking.tracker import Tracker
    from tests.proofs.simulated.book import Notes
    from tests.proofs.simulated.world import World

#: All facts bear this time, so that only the order in which they were logged tells them apart.
_TIME_MS: Final = 1_700_000_000_000
#: How many of the writers log to a model of their own, too.
_MODELS: Final = 0.3
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
        self._count = self._ties = 0
        self._model = ""

    def __call__(self) -> None:
        """Begin the runs, log, flush now and then, end the own run and close."""
        tracker = self.world.tracker(self.name, skew_s=self._skew_s, **self._options)
        self._begin(tracker, self.own)
        self._begin(tracker, "shared")
        if self.world.random.random() < _MODELS:
            self._make_model(tracker)
        for _ in range(self._batches):
            self._batch(tracker)
        self._end(tracker)
        self._flush(tracker.close)

    def _begin(self, tracker: Tracker, run_id: str) -> None:
        self.world.waiting_for(lambda: tracker.create_run(EXPERIMENT, run_id=run_id))
        self.world.book.runs[run_id].began = True

    def _batch(self, tracker: Tracker) -> None:
        for _ in range(self.world.random.randint(1, 3)):
            run_id = self.world.random.choice((self.own, self.own, "shared"))
            self.world.random.choice((self._log, self._log, self._tie))(tracker, run_id)
        if self.world.random.random() < 0.7:
            self._flush(tracker.flush)

    def _log(self, tracker: Tracker, run_id: str) -> None:
        """Log some facts in one call, or one, and note what was said about them."""
        notes = self.world.book.runs[run_id]
        facts = [Fact(self.name, self._count + each) for each in range(self.world.random.choice((1, 1, 3)))]
        self._count += len(facts)
        notes.attempted += facts
        if len(facts) == 1:
            value = value_of(self.number, facts[0].number)
            self._try(notes, facts, lambda: tracker.log_metric(run_id, KEY, value, timestamp=_TIME_MS))
            return
        points = [self._linked(fact, notes) for fact in facts]
        model = self.world.book.models[self._model] if self._model else None
        if model is not None:
            model.attempted += facts
            model.tied |= {fact: notes.tied[fact] for fact in facts}
        whole = [notes] if model is None else [notes, model]
        tags = {self.name: str(self._count)}
        self._try(notes, facts, lambda: tracker.log_batch(run_id, metrics=points, tags=tags), whole)

    def _linked(self, fact: Fact, notes: Notes) -> Metric:
        """Return the point of a fact that is linked to a dataset, and to the writer's model if it has one."""
        notes.tied[fact] = f"{self.name} {fact.number}"
        return Metric(
            KEY,
            value_of(self.number, fact.number),
            _TIME_MS,
            model_id=self._model or None,
            dataset_name=self.name,
            dataset_digest=str(fact.number),
        )

    def _tie(self, tracker: Tracker, run_id: str) -> None:
        """Say that the run used a dataset, or made a model."""
        notes = self.world.book.runs[run_id]
        self._ties += 1
        if self.world.random.random() < 0.5:
            fact = Fact(f"{self.name}'s input", self._ties)
            notes.attempted.append(fact)
            self._try(notes, [fact], lambda: tracker.log_inputs(run_id, datasets=[input_of(fact)]))
        else:
            fact = Fact(f"{self.name}'s output", self._ties)
            notes.attempted.append(fact)
            self._try(notes, [fact], lambda: tracker.log_outputs(run_id, [output_of(fact)]))

    def _try(
        self, notes: Notes, facts: list[Fact], call: Callable[[], object], whole: Sequence[Notes] = ()
    ) -> None:
        """Log facts, and note what was said; of what goes to a run and a model, half may be refused."""
        try:
            call()
        except (SpoolFull, StoreError):
            if len(whole) < 2:
                notes.refused.update(facts)
        else:
            for each in whole or (notes,):
                each.acknowledged += facts

    def _make_model(self, tracker: Tracker) -> None:
        made = self.world.waiting_for(lambda: tracker.logged_models.create(EXPERIMENT, name=self.name))
        self._model = made.model_id
        self.world.book.models[self._model].began = True

    def _end(self, tracker: Tracker) -> None:
        if self._model:
            with suppress(SpoolFull, StoreError):
                tracker.logged_models.finalize(self._model, LoggedModelStatus.READY)
                self.world.book.models[self._model].ended = True
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
            if world.book.models:
                world.parts.compact(store, models_shard(EXPERIMENT), clock=clock, ids=ids)
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
        world.arrive()


def killing(world: World, victim: Process, *, heir: str) -> None:
    """Kill a process at some moment; a new one on the same machine sends what it left."""
    world.simulation.sleep(world.random.choice((0.0, 0.05, 0.3, 2.0, 8.0)))
    for _ in range(world.random.randrange(30)):
        world.simulation.pause()
    world.simulation.kill(victim)
    world.tracker(heir, kind="heir")
