"""R13: the tracker against a dictionary, in any order of calls, with sudden deaths in between."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidState, NotFound
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking import lifetime
from mlflowflow.tracking.run import LifecycleStage, Metric, RunStatus
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker
from tests.proofs.scale import scale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.proofs.report import Tally

_EXPERIMENT: Final = "0"
_RUNS: Final = ("a", "b")
_KEYS: Final = ("x", "y")
_EXAMPLES: Final = scale(60, 2_000)
_STEPS: Final = scale(25, 50)
_OPTIONS: Final = settings(
    max_examples=_EXAMPLES,
    stateful_step_count=_STEPS,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
#: To catch a mutant it is enough to find it; nobody reads the shortest example.
_FINDING: Final = (Phase.generate,)
_runs = st.sampled_from(_RUNS)
_keys = st.sampled_from(_KEYS)
_words = st.sampled_from(("one", "two", "three"))
_values = st.floats(allow_nan=False)


@dataclass(slots=True, kw_only=True)
class Known:
    """What the dictionary knows of a run."""

    status: str = "RUNNING"
    stage: str = "active"
    params: dict[str, str] = field(default_factory=dict[str, str])
    tags: dict[str, str] = field(default_factory=dict[str, str])
    points: dict[str, list[tuple[int, float]]] = field(default_factory=dict[str, list[tuple[int, float]]])

    def latest(self) -> dict[str, float]:
        """Return each metric's value at its highest step; of equal steps the greatest value."""
        return {key: max(points)[1] for key, points in self.points.items()}

    def history(self, key: str) -> list[float]:
        """Return the values by step, those of one step as they were logged."""
        return [value for _, value in sorted(self.points.get(key, ()), key=lambda point: point[0])]


class Machine(RuleBasedStateMachine):
    """Make any calls in any order, and compare after each."""

    open_tracker: Callable[..., Tracker] = Tracker

    @initialize()
    def begin(self) -> None:
        """Open an empty store."""
        self.place = tempfile.TemporaryDirectory(prefix="model-")
        self.clock = ManualClock()
        self.ids = SequentialIds()
        self.store = MemoryBlobStore(clock=self.clock)
        self.model: dict[str, Known] = {}
        self.tracker = self._opened()
        self.other = self._opened()

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "place"):
            self.tracker._stream.abandon()
            self.place.cleanup()

    def _opened(self) -> Tracker:
        opened = type(self).open_tracker(
            self.store,
            clock=self.clock,
            ids=self.ids,
            spool_dir=Path(self.place.name),
            flush_intervals=(),
            user="model",
        )
        lifetime._watched.discard(opened)
        return opened

    @rule(run=_runs)
    def start(self, run: str) -> None:
        """Begin a run, or let it run again."""
        self.tracker.create_run(_EXPERIMENT, run_id=run)
        self.model.setdefault(run, Known()).status = "RUNNING"

    @rule(run=_runs, key=_keys, step=st.integers(0, 3), value=_values)
    def log_metric(self, run: str, key: str, step: int, value: float) -> None:
        """Log one point; all bear one time, so only the order tells equals apart."""
        if run not in self.model:
            with pytest.raises(NotFound):
                self.tracker.log_metric(run, key, value, step=step, timestamp=1)
            return
        self.tracker.log_metric(run, key, value, step=step, timestamp=1)
        self.model[run].points.setdefault(key, []).append((step, value))

    @rule(
        run=_runs, params=st.dictionaries(_keys, _words), tags=st.dictionaries(_keys, _words), value=_values
    )
    def log_batch(self, run: str, params: Mapping[str, str], tags: Mapping[str, str], value: float) -> None:
        """Log several things at once: a param that changes refuses them all."""
        known = self.model.get(run)
        if known is None:
            return
        point = Metric(key="x", value=value, timestamp=1, step=1)
        if any(known.params.get(key, text) != text for key, text in params.items()):
            with pytest.raises(InvalidState):
                self.tracker.log_batch(run, metrics=[point], params=params, tags=tags)
            return
        self.tracker.log_batch(run, metrics=[point], params=params, tags=tags)
        known.params |= params
        known.tags |= tags
        known.points.setdefault("x", []).append((1, value))

    @rule(run=_runs, key=_keys)
    def delete_tag(self, run: str, key: str) -> None:
        """Remove a tag, or be told that there is none."""
        known = self.model.get(run)
        if known is None or key not in known.tags:
            with pytest.raises(NotFound):
                self.tracker.delete_tag(run, key)
            return
        self.tracker.delete_tag(run, key)
        del known.tags[key]

    @rule(run=_runs, status=st.sampled_from((RunStatus.FINISHED, RunStatus.FAILED)))
    def end(self, run: str, status: RunStatus) -> None:
        """End a run."""
        if run in self.model:
            self.tracker.end_run(run, status)
            self.model[run].status = status

    @rule(run=_runs, stage=st.sampled_from(LifecycleStage))
    def move(self, run: str, stage: LifecycleStage) -> None:
        """Delete or restore a run."""
        if run in self.model:
            deletes = stage is LifecycleStage.DELETED
            (self.tracker.delete_run if deletes else self.tracker.restore_run)(run)
            self.model[run].stage = stage

    @rule()
    def flush(self) -> None:
        """Store everything; then another process sees it all."""
        self.tracker.flush()
        self._compare(self.other)

    @rule()
    def fold(self) -> None:
        """Compact."""
        compact(self.store, _EXPERIMENT, clock=self.clock, ids=self.ids)

    @rule(seconds=st.sampled_from((1, 200, 100_000)))
    def collect(self, seconds: int) -> None:
        """Let time pass and collect what nobody needs."""
        self.clock.advance(seconds)
        collect(self.store, _EXPERIMENT, ids=self.ids)

    @rule()
    def reopen(self) -> None:
        """End the process and begin another."""
        self.tracker.close()
        self.tracker = self._opened()

    @rule()
    def crash(self) -> None:
        """Kill the process: the next one sends what it left, and ends the runs that it had open."""
        self.tracker._stream.abandon()
        self.tracker = self._opened()
        for run_id, known in self.model.items():
            seen = self.tracker.get_run(run_id)
            if known.status == "RUNNING" and seen.info.status == RunStatus.FAILED:
                known.status = "FAILED"

    @invariant()
    def equals_the_model(self) -> None:
        """What the process sees is what it did."""
        if hasattr(self, "tracker"):
            self.clock.advance(0.001)
            self._compare(self.tracker)

    def _compare(self, tracker: Tracker) -> None:
        for run_id, known in self.model.items():
            run = tracker.get_run(run_id)
            tags = {key: text for key, text in run.data.tags.items() if not key.startswith("mlflow")}
            assert (run.info.status, run.info.lifecycle_stage) == (known.status, known.stage)
            assert (dict(run.data.params), tags) == (known.params, known.tags)
            assert dict(run.data.metrics) == known.latest()
            for key in _KEYS:
                assert [point.value for point in tracker.metric_history(run_id, key)] == known.history(key)


def test_the_tracker_is_a_dictionary_that_survives(tally: Tally) -> None:
    """Whatever is called in whatever order, through deaths and foldings, the answers are the model's."""
    run_state_machine_as_test(Machine, settings=_OPTIONS)
    tally.add(check="R13", what=f"runs of up to {_STEPS} calls against a dictionary", count=_EXAMPLES)


class Forgetting(Tracker):
    """Forgets on a death what was not flushed."""

    def __init__(self, store: Any, **options: Any) -> None:
        """Keep records in memory."""
        super().__init__(store, **options, durability="memory")


class Untagging(Tracker):
    """Takes the removal of a tag for done."""

    def delete_tag(self, run_id: str, key: str) -> None:
        """Look, and do nothing."""
        assert key in self.get_run(run_id).data.tags


class Halving(Tracker):
    """Loses the second half of what is logged together."""

    def log_batch(self, run_id: str, **things: Any) -> None:
        """Leave the tags out."""
        super().log_batch(run_id, metrics=things["metrics"], params=things["params"])


class Repeating(Tracker):
    """Logs each point twice."""

    def log_metric(self, run_id: str, key: str, value: float, **place: Any) -> None:
        """Log it, and log it again."""
        super().log_metric(run_id, key, value, **place)
        super().log_metric(run_id, key, value, **place)


MUTANTS: Final[dict[str, Callable[..., Tracker]]] = {
    "forgets what was not flushed": Forgetting,
    "keeps deleted tags": Untagging,
    "loses half of a batch": Halving,
    "logs twice": Repeating,
}


def test_planted_mistakes_are_noticed(tally: Tally) -> None:
    """A machine that accepts a wrong tracker compares nothing."""
    caught = {name: is_noticed(opened) for name, opened in MUTANTS.items()}
    tally.add(check="R13", what=f"runs of up to {_STEPS} calls against a dictionary", count=0, mutants=caught)


def is_noticed(opened: Callable[..., Tracker]) -> bool:
    """Answer whether some run of the machine accuses a tracker."""

    class Mutated(Machine):
        open_tracker = opened

    try:
        run_state_machine_as_test(
            Mutated, settings=settings(_OPTIONS, max_examples=100, phases=_FINDING, print_blob=False)
        )
    except (AssertionError, NotFound):
        return True
    return False
