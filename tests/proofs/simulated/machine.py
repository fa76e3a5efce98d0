"""A machine that calls a tracker in any order, with deaths in between, and knows what it must answer."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidState, NotFound
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking import lifetime
from mlflowflow.tracking.layout import models_shard
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    InputTag,
    LifecycleStage,
    LoggedModelOutput,
    Metric,
    RunStatus,
)
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_EXPERIMENT: Final = "0"
_RUNS: Final = ("a", "b")
_KEYS: Final = ("x", "y")
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
    #: what each of the points is linked to, in the order logged
    links: dict[str, list[tuple[int, str | None]]] = field(
        default_factory=dict[str, "list[tuple[int, str | None]]"]
    )
    inputs: dict[str, str] = field(default_factory=dict[str, str])
    outputs: dict[str, int] = field(default_factory=dict[str, int])

    def latest(self) -> dict[str, float]:
        """Return each metric's value at its highest step; of equal steps the greatest value."""
        return {key: max(points)[1] for key, points in self.points.items()}

    def log(self, key: str, step: int, value: float, *, dataset: str | None = None) -> None:
        """Add a point."""
        self.points.setdefault(key, []).append((step, value))
        self.links.setdefault(key, []).append((step, dataset))

    def ranges(self) -> dict[str, tuple[float, float]]:
        """Return the least and the greatest value of each metric."""
        values = {key: [value for _, value in points] for key, points in self.points.items()}
        return {key: (min(each), max(each)) for key, each in values.items()}

    def linked(self, key: str) -> list[str | None]:
        """Return what the points are linked to, in the order of `history`."""
        return [link for _, link in sorted(self.links.get(key, ()), key=lambda link: link[0])]

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
        self.made = ""
        self.made_status = LoggedModelStatus.PENDING
        self.measured: dict[tuple[str, str], list[float]] = {}
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
        self.model[run].log(key, step, value)

    @rule(run=_runs, dataset=_words, context=_words)
    def log_inputs(self, run: str, dataset: str, context: str) -> None:
        """Use a dataset: the same twice is one input, and what is said of it last counts."""
        if run in self.model:
            said = DatasetInput(Dataset(dataset, "d", "local", "{}"), (InputTag("for", context),))
            self.tracker.log_inputs(run, datasets=[said])
            self.model[run].inputs[dataset] = context

    @rule(run=_runs, model=_words, step=st.integers(0, 3))
    def log_outputs(self, run: str, model: str, step: int) -> None:
        """Make a logged model; of the same model the last step counts."""
        if run in self.model:
            self.tracker.log_outputs(run, [LoggedModelOutput(model, step)])
            self.model[run].outputs[model] = step

    @rule(run=_runs, key=_keys, dataset=_words, value=_values)
    def log_linked(self, run: str, key: str, dataset: str, value: float) -> None:
        """Log a point that was computed on a dataset, for a logged model if there is one."""
        if run in self.model:
            link: Any = {"dataset_name": dataset, "dataset_digest": "d", "model_id": self.made or None}
            self.tracker.log_batch(run, metrics=[Metric(key, value, 1, 2, **link)])
            self.model[run].log(key, 2, value, dataset=dataset)
            if self.made:
                self.measured.setdefault((key, dataset), []).append(value)

    @rule()
    def make(self) -> None:
        """Make a logged model that later points are linked to."""
        if not self.made:
            self.made = self.tracker.logged_models.create(_EXPERIMENT, name="m").model_id

    @rule(status=st.sampled_from((LoggedModelStatus.READY, LoggedModelStatus.FAILED)))
    def finish(self, status: LoggedModelStatus) -> None:
        """End the logged model."""
        if self.made:
            self.tracker.logged_models.finalize(self.made, status)
            self.made_status = status

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
        known.log("x", 1, value)

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
        for shard in (_EXPERIMENT, models_shard(_EXPERIMENT)):
            compact(self.store, shard, clock=self.clock, ids=self.ids)

    @rule(seconds=st.sampled_from((1, 200, 100_000)))
    def collect(self, seconds: int) -> None:
        """Let time pass and collect what nobody needs."""
        self.clock.advance(seconds)
        for shard in (_EXPERIMENT, models_shard(_EXPERIMENT)):
            collect(self.store, shard, ids=self.ids)

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
        if self.made and self.tracker.logged_models.get(self.made).status is LoggedModelStatus.FAILED:
            self.made_status = LoggedModelStatus.FAILED

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
            ranges = {key: (each.min, each.max) for key, each in run.data.metric_ranges.items()}
            inputs = {one.dataset.name: one.tags[-1].value for one in run.inputs.dataset_inputs}
            outputs = {one.model_id: one.step for one in run.outputs.model_outputs}
            assert (ranges, inputs, outputs) == (known.ranges(), known.inputs, known.outputs)
            for key in _KEYS:
                history = tracker.metric_history(run_id, key)
                assert [point.value for point in history] == known.history(key)
                assert [point.dataset_name for point in history] == known.linked(key)
        if self.made:
            made = tracker.logged_models.get(self.made)
            measured = {(one.key, one.dataset_name): one.value for one in made.metrics or ()}
            assert made.status is self.made_status
            assert measured == {place: max(values) for place, values in self.measured.items()}
