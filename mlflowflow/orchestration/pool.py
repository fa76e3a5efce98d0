"""Trials as plain Dask tasks, submitted from the coordinator's process and released once their end is known.

The pool never asks the cluster anything while things go well. Workers send the beginning, the
points and the end of each attempt as events (:mod:`mlflowflow.orchestration.contact`); Dask's own
word on a task counts only where no end was said, because the worker, or the way to it, was lost.

A future is released as soon as its end is known: Dask would otherwise repeat finished trials when
the worker that holds their results dies.
"""

from __future__ import annotations

import contextlib
import queue
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.errors import ClusterUnavailable
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.attempt import (
    LOST,
    Made,
    Task,
    Work,
    failed,
    handed_on,
    heard,
    make_attempt,
    said_of,
)
from mlflowflow.orchestration.contact import BEGAN, END, POINTS, Facts, mark_pruned
from mlflowflow.orchestration.process import GRACE_SECONDS
from mlflowflow.projects.sweep_spec import TrialPolicy
from mlflowflow.sweeps.pool import News
from mlflowflow.sweeps.trial import Outcome, Report, Trial, TrialEnd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import distributed

    from mlflowflow.orchestration.workplace import Workplace

#: How long a trial may wait for a worker that could run it, while none runs any, in seconds.
PATIENCE_S: Final = 300.0
#: How long cancelled attempts may take to say that they have ended, in seconds.
_FAREWELL_S: Final = GRACE_SECONDS + 5.0
#: How long the word that an attempt began may be on its way, in seconds.
_HEARSAY_S: Final = 0.5
#: What trials wait for comes before all trials.
_FIRST: Final = 1_000_000
#: What trials have in common goes with each of them up to so many bytes; what is more (a function that
#: brings its data along) goes to the cluster once, and workers get it from each other.
_LIGHT: Final = 256 * 1024
#: What ended an attempt that somebody else than the sweep has cancelled.
_CANCELLED_ELSEWHERE: Final = "The trial was cancelled on the cluster."
#: What Dask's client says of tasks whose scheduler it has lost.
_SCHEDULER_LOST: Final = "scheduler-connection-lost"


@dataclass(slots=True)
class _InFlight:
    """An attempt that has not ended; `worker` is "" until one has begun it."""

    trial: Trial
    future: Any
    worker: str = ""
    began_s: float = 0.0


class _Untaken:
    """The future of a task that no scheduler has taken, because the client has given up on it."""

    def add_done_callback(self, callback: Callable[[_Untaken], None]) -> None:
        callback(self)

    def result(self) -> NoReturn:
        raise FutureCancelledError("", _SCHEDULER_LOST)

    def release(self) -> None:
        """Hold nothing."""


class DaskPool:
    """Run trials on the cluster of `client`, as the promises of :class:`mlflowflow.sweeps.pool.Pool` say.

    If the scheduler is lost, `wait` raises `ClusterUnavailable`; so it does if trials have waited
    for `patience_s` seconds and there is no worker that could ever run them.
    """

    def __init__(
        self,
        client: distributed.Client,
        *,
        sweep_run_id: str,
        workplace: Workplace,
        work: Work,
        policy: TrialPolicy | None = None,
        clock: Clock | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Submit `work` through `client`, which stays its owner's."""
        self._client = client
        self._clock = clock or SystemClock()
        self._patience_s = patience_s
        self._name = RandomIds().token()
        self._topic = f"mlff-sweep-{sweep_run_id}-{self._name}"
        task = Task(sweep_run_id=sweep_run_id, topic=self._topic, workplace=workplace, work=work)
        self._task: bytes | Any = task.packed()
        policy = policy or TrialPolicy()
        self._resources = dict(policy.resources.dask) if policy.resources is not None else {}
        self._priority = policy.priority
        self._running: dict[tuple[int, int], _InFlight] = {}
        self._inbox: queue.SimpleQueue[Facts | tuple[int, int]] = queue.SimpleQueue()
        self._ended: list[TrialEnd] = []
        self._news_s = self._clock.monotonic_s()
        self._is_cancelling = False
        self._is_lost = False
        self._address = str(client.scheduler.address) if client.scheduler is not None else "nowhere"
        client.subscribe_topic(self._topic, self._hear)

    def _hear(self, event: tuple[float, Sequence[Any]]) -> None:
        """Take a worker's message; called in the client's thread, which must not be held up."""
        self._inbox.put(Facts.unpacked(event[1]))

    def submit(self, trial: Trial) -> None:
        """Start an attempt of `trial` on some worker; return at once."""
        if not self._running:
            self._news_s = self._clock.monotonic_s()
        mark = (trial.number, trial.attempt)
        future = _Untaken() if self._client.status == "closed" else self._submitted(trial)
        self._running[mark] = _InFlight(trial, future)
        future.add_done_callback(lambda _future: self._inbox.put(mark))

    def _submitted(self, trial: Trial) -> Any:
        if isinstance(self._task, bytes) and len(self._task) > _LIGHT:
            self._task = self._sent_once(self._task)
        return self._client.submit(
            make_attempt,
            self._task,
            trial,
            key=f"trial-{trial.number}-{trial.attempt}-{self._name}",
            pure=False,
            priority=self._priority,
            resources=self._resources or None,
        )

    def _sent_once(self, packed: bytes) -> Any:
        """Return what stands for `packed` in every trial.

        A task and no scattered data: if the workers that have it die, the scheduler makes it anew.
        """
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")  # and advising to do just this
            return self._client.submit(
                handed_on, packed, key=f"sweep-{self._name}", pure=False, priority=_FIRST
            )

    def wait(self, timeout_s: float) -> News:
        """Block until something happens, `timeout_s` at most, and return it.

        Raises `ClusterUnavailable` if the scheduler is lost or no worker can run what waits.
        """
        reports: list[Report] = []
        deadline = self._clock.monotonic_s() + timeout_s
        while not self._ended and not reports:
            left = deadline - self._clock.monotonic_s()
            if not self._receive(left, reports):
                self._demand_workers()
                break
        while self._receive(0.0, reports):
            pass
        ends, self._ended = tuple(self._ended), []
        return News(ends=ends, reports=tuple(reports))

    def _receive(self, timeout_s: float, reports: list[Report]) -> bool:
        """Take one message, or return False if none comes in time."""
        try:
            message = self._inbox.get(timeout=timeout_s) if timeout_s > 0 else self._inbox.get_nowait()
        except queue.Empty:
            return False
        if isinstance(message, tuple):
            self._done(message)
        else:
            self._take(message, reports)
        return True

    def _take(self, facts: Facts, reports: list[Report]) -> None:
        """Take what a worker says; nothing counts of an attempt that has ended."""
        mark = (facts.number, facts.attempt)
        attempt = self._running.get(mark)
        if attempt is None:
            return
        self._news_s = self._clock.monotonic_s()
        if facts.kind == BEGAN:
            attempt.worker, attempt.began_s = str(facts.said), self._news_s
        elif facts.kind == POINTS:
            reports.extend(
                Report(number=facts.number, attempt=facts.attempt, step=step, value=value)
                for step, value in facts.said
            )
        elif facts.kind == END:
            self._ended.append(self._released(mark, facts.said))

    def _released(self, mark: tuple[int, int], said: Mapping[str, Any]) -> TrialEnd:
        attempt = self._running.pop(mark)
        attempt.future.release()
        end = heard(attempt.trial, said)
        end = replace(end, worker=end.worker or attempt.worker)
        if end.outcome is Outcome.CANCELLED and not self._is_cancelling:
            # not by us: the worker was restarted or sent home, and had the time to say so
            end = replace(end, outcome=Outcome.WORKER_LOST, error=_CANCELLED_ELSEWHERE)
        if end.outcome is Outcome.WORKER_LOST and attempt.began_s:
            # Nobody measured it: it took from what its worker said last to what another says now.
            return replace(end, seconds=self._news_s - attempt.began_s)
        return end

    def _done(self, mark: tuple[int, int]) -> None:
        """Take Dask's word on a task, if the worker has not said its own."""
        attempt = self._running.get(mark)
        if attempt is None or self._is_cancelling:
            return
        self._news_s = self._clock.monotonic_s()
        try:  # the message may be lost, and the result be there
            said = Facts.unpacked(attempt.future.result()).said
        except FutureCancelledError as error:
            said = said_of(self._cancelled(error), worker=attempt.worker)
        except KilledWorker:
            said = said_of(LOST, worker=attempt.worker)
        except Exception as error:  # noqa: BLE001 - whatever the worker could not even begin with
            said = said_of(failed(error), worker=attempt.worker)
        self._ended.append(self._released(mark, said))

    def _cancelled(self, error: FutureCancelledError) -> Made:
        """Return what became of a task that somebody else has cancelled. Raises `ClusterUnavailable`."""
        if error.reason == _SCHEDULER_LOST or self._client.status != "running":
            raise self._gone()
        return replace(LOST, error=_CANCELLED_ELSEWHERE)

    def _gone(self) -> ClusterUnavailable:
        self._is_lost = True
        return ClusterUnavailable(
            f"The Dask scheduler at '{self._address}' went away with {len(self._running)} trials under way. "
            "What had ended is kept. Resume the sweep when the scheduler is back, or on another cluster."
        )

    def prune(self, number: int) -> None:
        """Let the running attempt of trial `number` end early; nothing if it has ended."""
        for (each, attempt), flight in self._running.items():
            if each == number and flight.worker:
                self._tell(flight.worker, mark_pruned, self._topic, number, attempt)

    def _tell(self, worker: str, function: Callable[..., None], *arguments: object) -> None:
        """Have `function` called in a worker's process, and do not wait for it."""

        async def call() -> None:
            with contextlib.suppress(OSError, ValueError):  # the worker is lost, and its attempt as well
                await self._client.run(function, *arguments, workers=[worker], on_error="ignore")

        loop = self._client.loop
        if loop is not None:
            loop.add_callback(call)

    def cancel(self) -> list[Trial]:
        """Stop everything that runs and return the attempts that were cut off.

        Returns when the workers have said that they stopped, or after their grace period. An attempt
        that ended by itself meanwhile is not among them: the next `wait` returns it.
        """
        if not self._running:
            return []
        self._is_cancelling = True
        try:
            if self._client.status == "running":
                self._client.cancel([each.future for each in self._running.values()], force=True)
                self._hear_farewells()
        finally:
            self._is_cancelling = False
        stopped = [each for each in self._ended if each.outcome is Outcome.CANCELLED]
        self._ended = [each for each in self._ended if each.outcome is not Outcome.CANCELLED]
        cut_off = [*(each.trial for each in stopped), *(each.trial for each in self._running.values())]
        self._running.clear()
        return sorted(cut_off, key=lambda each: each.number)

    def _hear_farewells(self) -> None:
        """Wait until every attempt that a worker has begun is said to have ended."""
        began_s = self._clock.monotonic_s()
        while self._running and not self._is_lost:
            waited_s = self._clock.monotonic_s() - began_s
            # A worker may have begun one without our having heard of it.
            patience_s = _FAREWELL_S if any(each.worker for each in self._running.values()) else _HEARSAY_S
            if waited_s >= patience_s or self._client.status != "running":
                return
            self._receive(min(patience_s - waited_s, _HEARSAY_S), [])

    def close(self) -> None:
        """Stop what still runs, and listen no more; the client stays open."""
        self.cancel()
        if not isinstance(self._task, bytes):
            self._task.release()
        if self._client.status == "running":
            with contextlib.suppress(ValueError):
                self._client.unsubscribe_topic(self._topic)

    def _demand_workers(self) -> None:
        """Raise `ClusterUnavailable` if trials have waited for long for a worker that there is not."""
        waiting = len(self._running)
        silent_s = self._clock.monotonic_s() - self._news_s
        if not waiting or silent_s < self._patience_s:
            return
        workers: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        if any(_offers(each["resources"], self._resources) for each in workers.values()):
            self._news_s = self._clock.monotonic_s()  # busy, with ours or with somebody else's work
            return
        self._is_lost = True
        wanted = " ".join(f"{name}={amount:g}" for name, amount in sorted(self._resources.items()))
        raise ClusterUnavailable(
            f"{waiting} trials have waited for {silent_s:.0f} s, and of the {len(workers)} workers of the Dask cluster "
            f"at '{self._address}' {f'none offers {wanted}' if workers else 'there is none'}. Start one with 'dask worker "
            f"{self._address}{f' --resources {chr(34)}{wanted}{chr(34)}' if wanted else ''}', then resume the sweep."
        )


def _offers(offered: Mapping[str, float], wanted: Mapping[str, float]) -> bool:
    return all(offered.get(name, 0.0) >= amount for name, amount in wanted.items())
