"""How functions are ended that run in a thread: when they log, wherever they are, and when nothing helps."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.clock import ManualClock, SystemClock
from mlflowflow.orchestration.watchdog import Stop, Watched, unwatch, watch
from mlflowflow.projects.sweep_spec import OnPrune, TrialPolicy
from mlflowflow.sweeps.live import TrialStopped
from mlflowflow.sweeps.trial import Outcome
from tests.orchestration.contacts import FakeContact

if TYPE_CHECKING:
    from collections.abc import Callable


def watched_of(
    contact: FakeContact | None = None,
    policy: TrialPolicy | None = None,
    *,
    clock: ManualClock | None = None,
    on_stuck: Callable[[Stop], None] = lambda _stop: None,
) -> Watched:
    """Return what watches the calling thread."""
    return Watched(
        contact or FakeContact(),
        policy or TrialPolicy(),
        metric="loss",
        clock=clock or ManualClock(),
        on_stuck=on_stuck,
    )


def seen_by(watched: Watched) -> None:
    """Let the watchdog's thread look once."""
    thread = threading.Thread(target=watched.look)
    thread.start()
    thread.join()


def test_points_of_the_metric_go_to_the_sweep_and_all_are_kept() -> None:
    """The latest of each metric is the one of the greatest step, or what came last at that step."""
    contact, clock = FakeContact(), ManualClock()
    watched = watched_of(contact, clock=clock)
    for key, value, step in [
        ("loss", 0.5, 1),
        ("size", 3.0, 0),
        ("loss", 0.25, 2),
        ("loss", 9.0, 0),
        ("loss", 0.2, 2),
        ("loss", 8.0, 1),
    ]:
        watched.heard(key, value, step)
        clock.advance(1.0)
    assert contact.points == [(1, 0.5), (2, 0.25), (0, 9.0), (2, 0.2), (1, 8.0)]
    assert watched.metrics == {"loss": 0.2, "size": 3.0}


def test_points_in_quick_succession_go_together() -> None:
    """A message for each of a million points would cost more than the trial; none is lost."""
    contact, clock = FakeContact(), ManualClock()
    watched = watched_of(contact, clock=clock)
    for step in range(5):
        watched.heard("loss", 0.5, step)
    assert [step for step, _ in contact.points] == [0]
    seen_by(watched)
    assert [step for step, _ in contact.points] == [0, 1, 2, 3, 4]


def test_a_timeout_is_raised_at_the_next_log_call() -> None:
    """And at every one after it, for a function that goes on nevertheless."""
    clock = ManualClock()
    watched = watched_of(policy=TrialPolicy(timeout_s=3.0), clock=clock)
    clock.advance(3.0)
    seen_by(watched)
    watched.heard("loss", 0.5, 1)
    clock.advance(0.1)
    seen_by(watched)
    assert watched.stop == Stop(outcome=Outcome.TIMEOUT, reason="ran longer than its timeout of 3 s")
    for _ in range(2):
        with pytest.raises(TrialStopped):
            watched.heard("loss", 0.5, 2)
    with pytest.raises(TrialStopped):
        watched.is_pruned()


def test_a_helper_thread_of_the_function_is_not_stopped() -> None:
    """It logs for the function, which learns of its end itself."""
    clock, errors = ManualClock(), list[BaseException]()
    watched = watched_of(FakeContact(is_wanted=False), clock=clock)
    seen_by(watched)

    def log() -> None:
        try:
            watched.heard("loss", 0.5, 1)
        except TrialStopped as error:
            errors.append(error)

    thread = threading.Thread(target=log)
    thread.start()
    thread.join()
    assert errors == []


def test_a_pruned_function_has_its_grace() -> None:
    """It is told when it asks; only afterwards it is stopped."""
    contact, clock = FakeContact(), ManualClock()
    watched = watched_of(contact, TrialPolicy(grace_s=5.0), clock=clock)
    assert not watched.is_pruned()
    contact.is_to_end = True
    seen_by(watched)
    clock.advance(4.9)
    seen_by(watched)
    stops = [watched.stop]
    assert [watched.was_seen, watched.is_pruned(), watched.was_seen] == [False, True, True]
    clock.advance(0.2)
    seen_by(watched)
    stops.append(watched.stop)
    assert [each and each.outcome for each in stops] == [None, Outcome.PRUNED]


@pytest.mark.parametrize(("on_prune", "outcome"), [(OnPrune.KILL, Outcome.PRUNED), (OnPrune.NEVER, None)])
def test_what_pruning_does_is_the_sweeps_to_say(on_prune: OnPrune, outcome: Outcome | None) -> None:
    """At once, or not at all: a sweep that only records must not be seen by the function."""
    watched = watched_of(FakeContact(is_to_end=True), TrialPolicy(on_prune=on_prune))
    seen_by(watched)
    assert (watched.stop.outcome if watched.stop else None) is outcome
    if outcome is None:
        assert not watched.is_pruned()


def run_watched(function: Callable[[Watched], None], policy: TrialPolicy, contact: FakeContact) -> Watched:
    """Run `function` under the real watchdog, as a trial does, and swallow its end."""
    left: list[Stop] = []
    watched = Watched(contact, policy, metric="loss", on_stuck=left.append)
    watch(watched)
    try:
        with contextlib.suppress(TrialStopped):
            function(watched)
    finally:
        watched.done()
        unwatch(watched)
    contact.last_words += left
    return watched


def test_a_function_that_never_logs_is_stopped_wherever_it_is() -> None:
    """A loop in plain Python ends, though it never calls the library."""

    def spin(_watched: Watched) -> None:
        while True:
            pass

    watched = run_watched(spin, TrialPolicy(timeout_s=0.1), FakeContact())
    assert watched.stop is not None
    assert watched.stop.outcome is Outcome.TIMEOUT


def test_a_function_that_catches_everything_is_stopped_again() -> None:
    """It is asked until it ends."""
    caught: list[BaseException] = []

    def stubborn(_watched: Watched) -> None:
        while len(caught) < 2:
            try:
                while True:
                    pass
            except BaseException as error:  # noqa: BLE001 - on purpose
                caught.append(error)

    run_watched(stubborn, TrialPolicy(timeout_s=0.1), FakeContact())
    assert [type(each) for each in caught] == [TrialStopped, TrialStopped]


#: What stands for the library's own code: it is told from a function's by its module's name.
STORING = "def store(until):\n    while not until.is_set():\n        pass\n"


def test_a_function_is_not_stopped_while_it_stores() -> None:
    """Half a record would be in the way of every other trial of the process; afterwards it is stopped."""
    library: dict[str, Any] = {"__name__": "mlflowflow.tracking.writing.anything"}
    exec(STORING, library)
    until, stored = threading.Event(), list[bool]()

    def function(_watched: Watched) -> None:
        threading.Timer(1.0, until.set).start()
        library["store"](until)
        stored.append(until.is_set())
        while True:
            pass

    watched = run_watched(function, TrialPolicy(timeout_s=0.05), FakeContact())
    assert stored == [True]
    assert watched.stop is not None


def test_a_function_in_a_call_that_never_returns_is_given_up_once() -> None:
    """No Python runs in it that could be asked to raise: whoever started it has to let the process go."""
    contact = FakeContact()

    def stuck(_watched: Watched) -> None:
        clock = SystemClock()
        while not contact.last_words:  # two calls into the operating system
            clock.sleep(1.0)
            break
        clock.sleep(0.5)

    run_watched(stuck, TrialPolicy(timeout_s=0.05, grace_s=0.05), contact)
    assert [each.outcome for each in contact.last_words if isinstance(each, Stop)] == [Outcome.TIMEOUT]


def test_a_long_grace_does_not_keep_a_sweep_from_stopping() -> None:
    """Whoever cancelled waits for some seconds only, and the worker is wanted for other things."""
    clock, left = ManualClock(), list[Stop]()
    watched = watched_of(
        FakeContact(is_wanted=False), TrialPolicy(grace_s=3_600.0), clock=clock, on_stuck=left.append
    )
    seen_by(watched)
    clock.advance(11.0)
    seen_by(watched)
    assert [each.outcome for each in left] == [Outcome.CANCELLED]


def test_nothing_is_raised_after_the_function_has_ended() -> None:
    """The worker's thread goes on to the next trial, which must not be hit by the end of this one."""
    for number in range(200):
        clock = ManualClock()
        watched = watched_of(FakeContact(is_wanted=False), clock=clock)
        watched.look()
        clock.advance(1.0)
        go = threading.Event()
        other = threading.Thread(target=lambda go=go, watched=watched: go.wait(10) and watched.look())
        other.start()
        with contextlib.suppress(TrialStopped):
            try:
                go.set()
                _spin(number * 20)
            finally:
                watched.done()
        _spin(2_000)
        other.join()
        _spin(100)


def test_the_end_of_a_function_waits_for_one_who_is_just_asking_it_to_end() -> None:
    """What is asked for a moment later would come when the thread does something else."""
    order: list[str] = []

    class Waiting(ManualClock):
        def sleep(self, seconds: float) -> None:
            order.append("waited")
            watched._is_raising = False
            super().sleep(seconds)

    watched = watched_of(clock=Waiting())
    watched._is_raising = True
    watched.done()
    order.append("done")
    assert order == ["waited", "done"]


def _spin(steps: int) -> None:
    for _ in range(steps):
        pass


def test_a_watched_function_that_cannot_be_looked_at_does_not_end_the_watch(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others are watched on."""

    class Broken(FakeContact):
        def is_cancelled(self) -> bool:
            raise ValueError("the line is dead")

    broken = Watched(Broken(), TrialPolicy(), metric="loss")
    watch(broken)
    try:
        run_watched(_until_stopped, TrialPolicy(timeout_s=0.1), FakeContact())
    finally:
        unwatch(broken)
    assert "could not be looked after" in caplog.text


def _until_stopped(watched: Watched) -> None:
    clock = SystemClock()
    while True:
        watched.demand()
        clock.sleep(0.01)
