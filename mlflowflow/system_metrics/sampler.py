"""One thread for all runs of the process whose machine's load is wanted.

It samples, waits, and logs to each run the means of what was sampled since its last point. It lives
while there is such a run. Nothing that goes wrong here reaches the training: a point is lost, and
the log says so once.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mlflowflow.config import Sampling
from mlflowflow.system_metrics.probes import TOTALS, Probe, machine_probes, read_all
from mlflowflow.tracking.fluent.session import current_session
from mlflowflow.tracking.run import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflowflow.tracking.fluent.active import ActiveRun

PREFIX: Final = "system/"
_LOG: Final = logging.getLogger(__name__)


def means(samples: Sequence[Mapping[str, float]], base: Mapping[str, float]) -> dict[str, float]:
    """Return the mean of each number to one decimal; of totals, what the last has more than `base`.

    >>> means([{"cpu_utilization_percentage": 10}, {"cpu_utilization_percentage": 21}], {})
    {'cpu_utilization_percentage': 15.5}
    """
    found: dict[str, float] = {}
    for name in dict.fromkeys(name for sample in samples for name in sample):
        values = [sample[name] for sample in samples if name in sample]
        found[name] = (
            values[-1] - base.get(name, 0.0) if name in TOTALS else round(sum(values) / len(values), 1)
        )
    return found


@dataclass(slots=True, kw_only=True)
class _Watched:
    """A run, the totals when it began, and what was sampled since its last point."""

    run: ActiveRun
    base: Mapping[str, float]
    step: int | None = None
    samples: list[Mapping[str, float]] = field(default_factory=list)


class Sampler:
    """Log the machine's load to runs. All methods may be called from any thread, and none raises."""

    def __init__(
        self,
        *,
        make_probes: Callable[[], list[Probe]] = machine_probes,
        sampling: Callable[[], Sampling] = Sampling.from_environ,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        """Read by probes, as `sampling` says; `wait` returns True as soon as its event is set."""
        self._make_probes = make_probes
        self._sampling = sampling
        self._wait = wait
        self._watched: dict[int, _Watched] = {}
        self._probes: list[Probe] = []
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, run: ActiveRun) -> None:
        """Log to `run` until it ends."""
        try:
            with self._lock:
                if not self._probes:
                    self._probes = self._make_probes()
                self._watched[id(run)] = _Watched(run=run, base=read_all(self._probes))
                self._start()
            run.at_end(lambda: self.unwatch(run))
        except Exception as error:  # noqa: BLE001 - a run must begin without it, too
            _LOG.warning("The machine's load is not logged with the run '%s': %s", run.run_id, error)

    def unwatch(self, run: ActiveRun) -> None:
        """Log no more to `run`; when this returns, nothing of it is under way."""
        with self._lock:
            self._watched.pop(id(run), None)
            if not self._watched:
                self._over.set()

    def is_running(self) -> bool:
        """Answer whether there is a thread at work."""
        with self._lock:
            return self._thread is not None

    def after_fork(self) -> None:
        """Let go of everything: the thread is not here, and the runs are the parent's."""
        self._watched = {}
        self._probes = []
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread = None

    def _start(self) -> None:
        if self._thread is None or self._over.is_set():
            self._over = threading.Event()
            self._thread = threading.Thread(
                target=self._work, args=(self._over,), name="mlflowflow-system-metrics", daemon=True
            )
            self._thread.start()

    def _work(self, over: threading.Event) -> None:
        while not over.is_set():
            self._sample(over)
            ended = self._wait(over, self._sampling().interval_s)
            self._publish(over)
            if ended:
                break
        with self._lock:
            if self._over is over:
                self._thread = None

    def _sample(self, over: threading.Event) -> None:
        sample = read_all(self._probes)
        with self._lock:
            if self._over is over:
                for watched in self._watched.values():
                    watched.samples.append(sample)

    def _publish(self, over: threading.Event) -> None:
        sampling = self._sampling()
        with self._lock:
            due = [each for each in self._watched.values() if len(each.samples) >= sampling.samples]
            for watched in due if self._over is over else ():
                try:
                    self._log(watched, sampling.node_id)
                except Exception as error:  # noqa: BLE001 - the store is away, the disk is full
                    self._watched.pop(id(watched.run), None)
                    _LOG.warning(
                        "The machine's load is logged with the run '%s' no more: %s",
                        watched.run.run_id,
                        error,
                    )

    def _log(self, watched: _Watched, node_id: str | None) -> None:
        prefix = f"{PREFIX}{node_id}/" if node_id else PREFIX
        found = means(watched.samples, watched.base)
        watched.samples.clear()
        if watched.step is None:
            watched.step = _next_step(watched.run)
        time_ms = current_session().clock.now_us() // 1000
        points = [Metric(f"{prefix}{name}", value, time_ms, watched.step) for name, value in found.items()]
        watched.run.tracker.log_batch(watched.run.run_id, metrics=points)
        watched.step += 1


def _next_step(run: ActiveRun) -> int:
    """Return the step after those of an earlier part of the run, 0 for a new one."""
    key = next((key for key in run.data.metrics if key.startswith(PREFIX)), None)
    history = run.tracker.metric_history(run.run_id, key) if key else []
    return history[-1].step + 1 if history else 0
