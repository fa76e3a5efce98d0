"""Sampling, and logging what was sampled."""

from __future__ import annotations

import os
import queue
import threading
import time
from itertools import count
from typing import TYPE_CHECKING

import pytest

from mlflowflow.config import Sampling
from mlflowflow.errors import MissingExtra
from mlflowflow.system_metrics.sampler import Sampler, means
from mlflowflow.tracking.fluent.active import ActiveRun, start_run
from mlflowflow.tracking.fluent.api import get_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from mlflowflow.system_metrics.probes import Probe

LOAD = "cpu_utilization_percentage"
RECEIVED = "network_receive_megabytes"


class Steps:
    """A wait that ends when the test says so: no test waits for a clock."""

    def __init__(self) -> None:
        """Begin before the first."""
        self._waiting: queue.Queue[float] = queue.Queue()
        self._go: queue.Queue[None] = queue.Queue()

    def wait(self, over: threading.Event, seconds: float) -> bool:
        """Wait for the test."""
        self._waiting.put(seconds)
        while not over.is_set():
            try:
                self._go.get(timeout=0.01)
            except queue.Empty:
                continue
            return False
        return True

    def until_it_waits(self) -> float:
        """Return how long the sampler wants to wait, as soon as it does."""
        return self._waiting.get(timeout=30)

    def go_on(self) -> None:
        """Let it go on, and return when it waits again."""
        self._go.put(None)
        self.until_it_waits()


@pytest.fixture(autouse=True)
def session(tmp_path: Path) -> Generator[None]:
    """Provide an empty store as the process's own."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool"):
        yield


@pytest.fixture
def steps() -> Steps:
    """Provide the wait."""
    return Steps()


def counting() -> list[Probe]:
    """Return a probe that says 0, 10, 20 … and twice that as a total."""
    numbers = count(step=10)

    def probe() -> dict[str, float]:
        number = next(numbers)
        return {LOAD: number, RECEIVED: 2.0 * number}

    return [probe]


def sampler_with(
    steps: Steps, make_probes: Callable[[], list[Probe]] = counting, **changes: object
) -> Sampler:
    """Return a sampler that is driven by `steps`."""
    sampling = Sampling(**changes)  # type: ignore[arg-type]
    return Sampler(make_probes=make_probes, sampling=lambda: sampling, wait=steps.wait)


def points(run: ActiveRun, name: str = LOAD) -> list[tuple[int, float]]:
    """Return the points of a metric with their steps."""
    return [(each.step, each.value) for each in run.tracker.metric_history(run.run_id, f"system/{name}")]


def test_means_are_of_what_was_there() -> None:
    """A number that one sample lacks is the mean of the others; totals count from the beginning."""
    samples = [{LOAD: 1.0, RECEIVED: 7.0}, {RECEIVED: 9.5}, {LOAD: 2.04, RECEIVED: 9.5}]
    assert means(samples, {RECEIVED: 5.0}) == {LOAD: 1.5, RECEIVED: 4.5}


def test_a_run_gets_a_point_per_interval(steps: Steps) -> None:
    """The steps count from 0, and the last sample of a run that ends is not logged."""
    sampler = sampler_with(steps)
    with start_run() as run:
        sampler.watch(run)
        assert steps.until_it_waits() == 10.0
        assert points(run) == []
        steps.go_on()
        steps.go_on()
        assert points(run) == [(0, 10.0), (1, 20.0)]
    assert points(run) == [(0, 10.0), (1, 20.0)]
    assert points(run, RECEIVED) == [(0, 20.0), (1, 40.0)]


def test_several_samples_make_a_point(steps: Steps) -> None:
    """It is their mean, under the node's name."""
    sampler = sampler_with(steps, samples=2, node_id="node_7", interval_s=0.5)
    with start_run() as run:
        sampler.watch(run)
        assert steps.until_it_waits() == 0.5
        steps.go_on()
        assert points(run, f"node_7/{LOAD}") == []
        steps.go_on()
        assert points(run, f"node_7/{LOAD}") == [(0, 15.0)]


def test_the_thread_ends_with_the_last_run(steps: Steps) -> None:
    """Two runs share it, and a later run gets a new one."""
    sampler = sampler_with(steps)
    with start_run() as outer:
        sampler.watch(outer)
        steps.until_it_waits()
        with start_run(nested=True) as inner:
            sampler.watch(inner)
            named = [each.name for each in threading.enumerate()]
            assert named.count("mlflowflow-system-metrics") == 1
        assert sampler.is_running()
    _eventually(lambda: not sampler.is_running())
    with start_run() as later:
        sampler.watch(later)
        assert sampler.is_running()
    _eventually(lambda: not sampler.is_running())


def test_a_resumed_run_goes_on_where_it_stopped(steps: Steps) -> None:
    """Its steps do not begin at 0 again."""
    with start_run() as run:
        run.tracker.log_metric(run.run_id, f"system/{LOAD}", 1.0, step=41)
    sampler = sampler_with(steps)
    with start_run(run_id=run.run_id) as again:
        sampler.watch(again)
        steps.until_it_waits()
        steps.go_on()
        assert [step for step, _ in points(again)] == [41, 42]


def test_a_missing_package_is_a_warning(steps: Steps, caplog: pytest.LogCaptureFixture) -> None:
    """The run begins all the same."""

    def missing() -> list[Probe]:
        raise MissingExtra("psutil", extra="system", purpose="Logging the machine's load")

    with start_run() as run:
        sampler_with(steps, missing).watch(run)
    assert "psutil" in caplog.text


def test_a_run_that_cannot_be_logged_to_is_given_up(steps: Steps, caplog: pytest.LogCaptureFixture) -> None:
    """It is told once, and the other run gets its points."""
    sampler = sampler_with(steps)
    with start_run() as run, start_run(nested=True) as other:
        run.run_id = "f" * 32
        sampler.watch(run)
        sampler.watch(other)
        steps.until_it_waits()
        steps.go_on()
        steps.go_on()
        assert len(points(other)) == 2
        run.run_id = run.info.run_id
    assert caplog.text.count("no more") == 1


def test_a_forked_process_logs_nothing(steps: Steps) -> None:
    """The run is the parent's, and so is the thread."""
    sampler = sampler_with(steps)
    with start_run() as run:
        sampler.watch(run)
        steps.until_it_waits()
        child = os.fork()
        if child == 0:
            sampler.after_fork()
            os._exit(int(sampler.is_running()))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        steps.go_on()
        assert len(points(run)) == 1


def test_the_machine_is_sampled_by_default() -> None:
    """Nothing need be injected: a short interval gives real numbers."""
    sampler = Sampler(sampling=lambda: Sampling(interval_s=0.01))
    with start_run() as run:
        sampler.watch(run)
        _eventually(lambda: f"system/{LOAD}" in get_run(run.run_id).data.metrics)


def _eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)
