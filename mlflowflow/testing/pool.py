"""The promises of a sweep's pool as tests, and a pool of threads to drive a coordinator with.

Subclass `PoolContract` in a test file and give it a fixture named ``pool`` that returns a pool with
at least two places, whose attempts do what `obey` does::

    class TestMyPool(PoolContract):
        @pytest.fixture
        def pool(self) -> Iterator[Pool]:
            pool = MyPool(obey)
            yield pool
            pool.close()

`ThreadPool` needs no cluster; what its attempts do is any function of a trial and of the `Line` to
its sweep, so a test decides when they end, what they report and what they do when they are pruned.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.projects.value import frozen
from mlflowflow.sweeps.pool import News, Pool
from mlflowflow.sweeps.trial import Outcome, Report, Trial, TrialEnd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflowflow.clock import Clock
    from mlflowflow.projects.value import Scalar

_PATIENCE_S: Final = 60.0
_STEP_S: Final = 0.01


class Line(Protocol):
    """What a running attempt may say to its sweep, and ask it."""

    def report(self, points: Sequence[tuple[int, float]]) -> None:
        """Send points (step, value)."""
        ...

    def is_pruned(self) -> bool:
        """Answer whether the attempt is to end early."""
        ...

    def is_cancelled(self) -> bool:
        """Answer whether nobody wants the attempt any more."""
        ...


#: What an attempt does: it returns how it ended and its metrics, or raises.
Behaviour: TypeAlias = "Callable[[Trial, Line], tuple[Outcome, Mapping[str, float]]]"


def obey(trial: Trial, line: Line) -> tuple[Outcome, Mapping[str, float]]:
    """Do what the parameter ``do`` of a trial says.

    ``complete`` ends with the metric ``loss``, the trial's number; ``fail`` raises; ``report`` sends
    three points and completes; ``wait`` sends one point and waits until it is told to end.
    """
    match trial.params["do"]:
        case "fail":
            raise ValueError("there are no rows")
        case "report":
            for step in range(3):
                line.report([(step, float(step))])
        case "wait":
            line.report([(0, float(trial.attempt))])
            return _told_to_end(line), {"loss": 0.5}
        case _:
            pass
    return Outcome.COMPLETED, {"loss": float(trial.number)}


def _told_to_end(line: Line) -> Outcome:
    clock = SystemClock()
    deadline = clock.monotonic_s() + _PATIENCE_S
    while clock.monotonic_s() < deadline:
        if line.is_cancelled():
            return Outcome.CANCELLED
        if line.is_pruned():
            return Outcome.PRUNED
        clock.sleep(_STEP_S)
    return Outcome.TIMEOUT


@dataclass(slots=True)
class _Attempt:
    """An attempt in a thread, and the line to it."""

    trial: Trial
    pool: ThreadPool
    pruned: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def report(self, points: Sequence[tuple[int, float]]) -> None:
        for step, value in points:
            self.pool.news.put(
                Report(number=self.trial.number, attempt=self.trial.attempt, step=step, value=value)
            )

    def is_pruned(self) -> bool:
        return self.pruned.is_set()

    def is_cancelled(self) -> bool:
        return self.cancelled.is_set()


class ThreadPool:
    """Run attempts in threads of this process; a fake for those who drive a pool, as a real one would run them.

    >>> from mlflowflow.sweeps.trial import Trial
    >>> pool = ThreadPool(obey)
    >>> pool.submit(Trial(number=0, run_id="a" * 32, params={"do": "complete"}))
    >>> [end.outcome.value for end in pool.wait(60.0).ends]
    ['completed']
    >>> pool.close()
    """

    def __init__(self, behaviour: Behaviour, *, places: int = 2, clock: Clock | None = None) -> None:
        """Run `places` attempts at a time; each does what `behaviour` does."""
        self._behaviour = behaviour
        self._clock = clock or SystemClock()
        self._threads = ThreadPoolExecutor(places, thread_name_prefix="mlflowflow-trial")
        self._running: dict[tuple[int, int], _Attempt] = {}
        #: What attempts have said and nobody has heard yet.
        self.news: queue.SimpleQueue[Report | TrialEnd] = queue.SimpleQueue()

    def submit(self, trial: Trial) -> None:
        """Start an attempt as soon as there is a place."""
        attempt = self._running[trial.number, trial.attempt] = _Attempt(trial, self)
        self._threads.submit(self._run, attempt)

    def _run(self, attempt: _Attempt) -> None:
        began_s = self._clock.monotonic_s()
        end = TrialEnd(trial=attempt.trial, outcome=Outcome.CANCELLED, attempt=attempt.trial.attempt)
        if not attempt.is_cancelled():
            end = self._end(attempt, end)
        worker = threading.current_thread().name
        self.news.put(replace(end, seconds=self._clock.monotonic_s() - began_s, worker=worker))

    def _end(self, attempt: _Attempt, end: TrialEnd) -> TrialEnd:
        try:
            outcome, metrics = self._behaviour(attempt.trial, attempt)
        except Exception as error:  # noqa: BLE001 - whatever it raises is the attempt's end
            said = f"{type(error).__name__}: {error}"
            return replace(end, outcome=Outcome.ERROR, error=said, error_class=type(error).__name__)
        return replace(end, outcome=outcome, metrics=frozen(metrics))

    def wait(self, timeout_s: float) -> News:
        """Block until something happens, `timeout_s` at most, and return it."""
        said: list[Report | TrialEnd] = []
        try:
            said.append(self.news.get(timeout=timeout_s))
            while True:
                said.append(self.news.get_nowait())
        except queue.Empty:
            return self._heard(said)

    def _heard(self, said: Sequence[Report | TrialEnd]) -> News:
        ends: list[TrialEnd] = []
        reports: list[Report] = []
        for each in said:
            if isinstance(each, Report):
                reports += [each] if (each.number, each.attempt) in self._running else []
            elif self._running.pop((each.trial.number, each.attempt), None) is not None:
                ends.append(each)
        return News(ends=tuple(ends), reports=tuple(reports))

    def prune(self, number: int) -> None:
        """Let the attempt of trial `number` know that it is to end early."""
        for attempt in self._running.values():
            if attempt.trial.number == number:
                attempt.pruned.set()

    def cancel(self) -> list[Trial]:
        """Let all attempts know that nobody wants them, and return them."""
        cut_off = [attempt.trial for attempt in self._running.values()]
        for attempt in self._running.values():
            attempt.cancelled.set()
        self._running.clear()
        return cut_off

    def close(self) -> None:
        """Cancel what runs, and wait for its end."""
        self.cancel()
        self._threads.shutdown()


def trial(number: int, do: str, *, attempt: int = 1) -> Trial:
    """Return an attempt that `obey` understands."""
    params: dict[str, Scalar] = {"do": do}
    return Trial(number=number, run_id=RandomIds().run_id(), params=params, attempt=attempt)


def news_of(pool: Pool, *, ends: int = 0, reports: int = 0) -> News:
    """Wait until so many ends and reports have come in; return all that came."""
    clock = SystemClock()
    deadline = clock.monotonic_s() + _PATIENCE_S
    found = News()
    while len(found.ends) < ends or len(found.reports) < reports:
        assert clock.monotonic_s() < deadline, f"only {found} came in time"
        news = pool.wait(1.0)
        found = News(ends=found.ends + news.ends, reports=found.reports + news.reports)
    return found


class PoolContract:
    """What a coordinator rests on; see :class:`mlflowflow.sweeps.pool.Pool`."""

    def test_every_attempt_ends_once(self, pool: Pool) -> None:
        """More attempts than places wait for their turn; nothing is said twice."""
        asked = [trial(number, "complete") for number in range(7)]
        for each in asked:
            pool.submit(each)
        news = news_of(pool, ends=7)
        assert sorted(news.ends, key=lambda end: end.trial.number) == [
            replace(end, trial=known, metrics=frozen({"loss": float(known.number)}))
            for known, end in zip(asked, sorted(news.ends, key=lambda end: end.trial.number), strict=True)
        ]
        assert {end.outcome for end in news.ends} == {Outcome.COMPLETED}
        assert pool.wait(0.1) == News()

    def test_an_end_says_who_worked_and_for_how_long(self, pool: Pool) -> None:
        """The ledger is made of this."""
        pool.submit(trial(0, "complete"))
        (end,) = news_of(pool, ends=1).ends
        assert 0.0 < end.seconds < _PATIENCE_S
        assert end.worker
        assert end.attempt == 1

    def test_an_attempt_that_raises_ends_with_the_reason(self, pool: Pool) -> None:
        """The sentence is for people, the class for rules about what is tried again."""
        pool.submit(trial(3, "fail", attempt=2))
        (end,) = news_of(pool, ends=1).ends
        assert (end.outcome, end.error_class, end.attempt) == (Outcome.ERROR, "ValueError", 2)
        assert "there are no rows" in end.error

    def test_points_arrive_in_order_and_before_the_end(self, pool: Pool) -> None:
        """Whoever weighs them needs to know the trial and the attempt."""
        pool.submit(trial(4, "report"))
        reports: list[Report] = []
        ends: tuple[TrialEnd, ...] = ()
        while not ends:
            news = pool.wait(_PATIENCE_S)
            reports += news.reports
            ends = news.ends
        assert reports == [Report(number=4, attempt=1, step=step, value=float(step)) for step in range(3)]

    def test_waiting_ends_in_time_when_nothing_happens(self, pool: Pool) -> None:
        """A coordinator has other things to look at."""
        pool.submit(trial(0, "wait"))
        news_of(pool, reports=1)
        began_s = SystemClock().monotonic_s()
        assert pool.wait(2 * _STEP_S) == News()
        assert _STEP_S < SystemClock().monotonic_s() - began_s < _PATIENCE_S

    def test_a_pruned_attempt_ends_early_and_no_other(self, pool: Pool) -> None:
        """Its metrics are kept."""
        pool.submit(trial(0, "wait"))
        pool.submit(trial(1, "wait"))
        news_of(pool, reports=2)
        pool.prune(1)
        (end,) = news_of(pool, ends=1).ends
        assert (end.trial.number, end.outcome, end.metrics) == (1, Outcome.PRUNED, {"loss": 0.5})
        assert pool.wait(0.3) == News()
        assert [each.number for each in pool.cancel()] == [0]

    def test_pruning_what_does_not_run_does_nothing(self, pool: Pool) -> None:
        """A decision may come after the end, and must not reach the next attempt."""
        pool.submit(trial(0, "complete"))
        news_of(pool, ends=1)
        pool.prune(0)
        pool.prune(99)
        pool.submit(trial(0, "wait", attempt=2))
        assert [each.attempt for each in news_of(pool, reports=1).reports] == [2]
        assert pool.wait(0.3) == News()

    def test_cancelling_stops_everything_and_returns_it(self, pool: Pool) -> None:
        """What was cut off is not told of again."""
        asked = [trial(number, "wait") for number in range(4)]
        for each in asked:
            pool.submit(each)
        news_of(pool, reports=2)
        assert sorted(pool.cancel(), key=lambda each: each.number) == asked
        assert pool.wait(0.3) == News()
        assert pool.cancel() == []

    def test_a_pool_can_be_used_after_cancelling(self, pool: Pool) -> None:
        """A later attempt of what was cut off is another one."""
        pool.submit(trial(0, "wait"))
        news_of(pool, reports=1)
        pool.cancel()
        pool.submit(trial(0, "complete", attempt=2))
        (end,) = news_of(pool, ends=1).ends
        assert (end.attempt, end.outcome) == (2, Outcome.COMPLETED)

    def test_closing_twice_is_harmless(self, pool: Pool) -> None:
        """Cleaning up is not the place for an error."""
        pool.submit(trial(0, "wait"))
        pool.close()
        pool.close()
