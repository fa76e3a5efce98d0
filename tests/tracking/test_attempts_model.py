"""Attempts of one run that log, end, die and are recovered in any order, beside a model of what counts."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing import oracles
from mlflowflow.tracking.attempts import Attempts
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.recovery import recover
from tests.tracking.stores import process

RUN = "the-run"
_YEAR = 365 * 86_400
_ATTEMPTS = (1, 2, 3)
_steps = st.one_of(
    st.tuples(st.just("log"), st.sampled_from(_ATTEMPTS), st.sampled_from("xy")),
    st.tuples(st.just("log"), st.sampled_from(_ATTEMPTS), st.sampled_from("xy")),
    st.tuples(st.just("end"), st.sampled_from(_ATTEMPTS), st.sampled_from(["FINISHED", "KILLED"])),
    st.tuples(st.just("flush"), st.sampled_from(_ATTEMPTS), st.just("")),
    st.tuples(st.just("die"), st.sampled_from(_ATTEMPTS), st.just("")),
    st.tuples(st.just("recover"), st.just(0), st.just("")),
    st.tuples(st.just("fold"), st.just(0), st.just("")),
    st.tuples(st.just("look"), st.just(0), st.just("")),
)


class Scene:
    """Attempts of one run, each in a process of its own, and what must be seen of it in the end.

    The earlier an attempt, the further ahead its clock: no time may decide anything.
    """

    def __init__(self, folder: Path) -> None:
        """Begin with an empty store and nobody."""
        self.folder = folder
        self.store = MemoryBlobStore()
        self.ids = SequentialIds()
        self.reader = process(self.store)
        self.living: dict[int, Tracker] = {}
        self.dead: set[int] = set()
        self.status: dict[int, str] = {}
        self.points: dict[int, list[tuple[str, int, float]]] = {}

    def attempt(self, number: int) -> Tracker | None:
        """Return the process of an attempt, begun now if it was not; None for one that died."""
        if number in self.dead:
            return None
        if number not in self.living:
            clock = ManualClock(start_us=(1_700_000_000 - number * _YEAR) * 1_000_000)
            tracker = self.living[number] = process(self.store, self.folder, clock=clock)
            tracker.create_run("0", run_id=RUN, attempt=number)
            self.status[number] = "RUNNING"
            self.points[number] = []
        return self.living[number]

    def do(self, what: str, number: int, detail: str) -> None:
        """Take one step of the story."""
        if what == "recover":
            recover(self.store, self.folder)
        elif what == "fold":
            compact(self.store, "0", clock=ManualClock(), ids=self.ids)
        elif what == "look":
            self.reader.reader.catch_up("0")
        elif (tracker := self.attempt(number)) is not None:
            getattr(self, what)(tracker, number, detail)

    def log(self, tracker: Tracker, number: int, key: str) -> None:
        """Log the next step of a metric."""
        step = sum(1 for logged, *_ in self.points[number] if logged == key)
        value = float(number * 100 - step)
        tracker.log_metric(RUN, key, value, step=step)
        self.points[number].append((key, step, value))

    def end(self, tracker: Tracker, number: int, status: str) -> None:
        """End the run, as far as this attempt is concerned."""
        tracker.end_run(RUN, RunStatus(status))
        self.status[number] = status

    def flush(self, tracker: Tracker, number: int, _: str) -> None:
        """Send everything."""
        del number
        tracker.flush()

    def die(self, tracker: Tracker, number: int, _: str) -> None:
        """End suddenly: what was logged is in the spool, and a recovery takes an open run for failed."""
        tracker._stream.abandon()
        self.living.pop(number)
        self.dead.add(number)
        if self.status[number] == "RUNNING":
            self.status[number] = "FAILED"

    def settle(self) -> None:
        """Let everything arrive."""
        for tracker in self.living.values():
            tracker.flush()
        recover(self.store, self.folder)

    def expected(self) -> tuple[str, dict[str, list[tuple[int, float]]]]:
        """Return the status and the points that count."""
        last = max(self.status)
        series: dict[str, list[tuple[int, float]]] = {}
        for key, step, value in self.points[last]:
            series.setdefault(key, []).append((step, value))
        return self.status[last], series


def seen(tracker: Tracker) -> tuple[str, dict[str, list[tuple[int, float]]]]:
    """Return the status of the run, and the history of each of its metrics."""
    run = tracker.get_run(RUN)
    series = {
        key: [(each.step, each.value) for each in tracker.metric_history(RUN, key)]
        for key in sorted({"x", "y"})
    }
    assert run.data.metrics == {key: points[-1][1] for key, points in series.items() if points}
    for key, ends in run.data.metric_ranges.items():
        values = [value for _, value in series[key]]
        assert (ends.min, ends.max) == (min(values), max(values))
    return run.info.status, {key: points for key, points in series.items() if points}


@settings(max_examples=60, deadline=None)
@given(st.lists(_steps, max_size=14))
def test_only_the_last_attempt_counts_in_whatever_order_everything_comes(
    story: list[tuple[str, int, str]],
) -> None:
    """Attempts log, end, die and are recovered while others fold and look; each step of a metric is there once."""
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Path(folder))
        scene.attempt(1)
        for step in story:
            scene.do(*step)
        scene.settle()
        assert seen(scene.reader) == scene.expected()
        compact(scene.store, "0", clock=ManualClock(), ids=scene.ids)
        found = seen(process(scene.store))
        assert found == scene.expected()
        points = [(RUN, key, step) for key, series in found[1].items() for step, _ in series]
        assert oracles.each_step_once(points) == []
        for tracker in scene.living.values():
            tracker._stream.abandon()


def test_a_child_knows_what_its_parent_had_found() -> None:
    """After a fork nothing is read before the first log call, which might wait for a lock of the parent's."""

    def refuse(_run_id: str) -> int:
        raise AssertionError

    found: dict[str, int] = {}
    Attempts({}, look_up=refuse, found=found).found("a", 3)
    assert Attempts({}, look_up=refuse, found=found).of("a") == 3


def test_a_forked_tracker_looks_nothing_up_that_was_known(tmp_path: Path) -> None:
    """The run that the parent began is known to the child's tracker."""
    with Tracker(LocalBlobStore(tmp_path), flush_intervals=()) as tracker:
        run_id = tracker.create_run("0").info.run_id
        tracker.renew_after_fork()
        assert tracker._run_log._attempts.known(run_id) == 1
