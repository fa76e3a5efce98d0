"""When no spool takes a record: the store first, then what the user chose, and never in silence."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotStored, SpoolFull, StoreUnavailable
from mlflowflow.tracking.writing.overflow import Attempt, Overflow
from mlflowflow.tracking.writing.policy import OnSpoolFull
from mlflowflow.tracking.writing.queues import Retired

if TYPE_CHECKING:
    from collections.abc import Callable


class Outlets:
    """A store that may be away, and a reserve."""

    def __init__(self, *, away: bool = False) -> None:
        """Let nothing have happened."""
        self.away = away
        self.refuses = False
        self.calls: list[str] = []

    def hand_over(self) -> None:
        """Note it, or be away."""
        self.calls.append("hand over")
        if self.away:
            raise NotStored(1, "the store is away")

    def directly(self, use: Callable[[], bool]) -> bool:
        """Note it, and take the record, or refuse it."""
        self.calls.append("directly")
        use()
        if self.refuses:
            raise StoreUnavailable("s3://b", "it went away just now")
        return False

    def with_reserve(self, use: Callable[[], bool]) -> bool:
        """Note it, and let it be used."""
        self.calls.append("reserve")
        return use()


class Tries:
    """A record that is refused some times before it is taken."""

    def __init__(self, *answers: type[Exception] | bool) -> None:
        """Answer so, the last one for ever."""
        self.answers = list(answers)
        self.vital: list[bool] = []

    def __call__(self, *, vital: bool) -> bool:
        """Answer."""
        self.vital.append(vital)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, bool):
            return answer
        raise answer("full")


def attempt(tries: Tries, *, records: int = 1, vital: bool = False) -> Attempt:
    """Return an attempt on the run r."""
    return Attempt(experiment_id="0", run_id="r", records=records, try_it=tries, vital=vital)


def an_overflow(outlets: Outlets, policy: OnSpoolFull, clock: ManualClock | None = None) -> Overflow:
    """Return the overflow of a policy."""
    return Overflow(policy, outlet=outlets, clock=clock or ManualClock())


def test_a_replaced_writer_is_no_trouble() -> None:
    """The successor takes the record."""
    outlets = Outlets()
    overflow = an_overflow(outlets, OnSpoolFull.RAISE)
    assert overflow.insist(attempt(Tries(Retired, Retired, True)))
    assert outlets.calls == []


@pytest.mark.parametrize("policy", list(OnSpoolFull))
def test_the_store_is_the_first_choice(policy: OnSpoolFull) -> None:
    """What waits is handed over; if there is no room even then, the record goes there itself."""
    outlets = Outlets()
    overflow = an_overflow(outlets, policy)
    overflow.insist(attempt(Tries(SpoolFull, False)))
    overflow.insist(attempt(Tries(SpoolFull, SpoolFull, False)))
    assert outlets.calls == ["hand over", "hand over", "directly"]
    assert overflow.news("0", "r") == 0


def test_a_record_that_neither_takes_is_refused_though_there_was_nothing_to_hand_over() -> None:
    """With nothing waiting only the record itself can show that the store is away."""
    outlets = Outlets()
    outlets.refuses = True
    overflow = an_overflow(outlets, OnSpoolFull.RAISE)
    with pytest.raises(SpoolFull):
        overflow.insist(attempt(Tries(SpoolFull, SpoolFull, False, SpoolFull)))
    assert (outlets.calls, overflow.news("0", "r")) == (["hand over", "directly"], 1)


def test_without_the_store_a_record_is_refused_and_counted() -> None:
    """The caller gets the disk's own error."""
    overflow = an_overflow(Outlets(away=True), OnSpoolFull.RAISE)
    for records in (1, 5):
        with pytest.raises(SpoolFull, match="full"):
            overflow.insist(attempt(Tries(SpoolFull), records=records))
    assert overflow.news("0", "r") == 6


def test_a_store_that_is_away_is_not_asked_for_every_record() -> None:
    """A training must not wait for timeouts at each of its steps."""
    outlets, clock = Outlets(away=True), ManualClock()
    overflow = an_overflow(outlets, OnSpoolFull.DROP, clock)
    for _ in range(100):
        overflow.insist(attempt(Tries(SpoolFull)))
    assert outlets.calls == ["hand over"]
    clock.advance(5.0)
    overflow.insist(attempt(Tries(SpoolFull)))
    assert outlets.calls == ["hand over", "hand over"]


def test_dropping_is_told_once_a_minute_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """Never in silence, and never by an exception."""
    clock = ManualClock()
    overflow = an_overflow(Outlets(away=True), OnSpoolFull.DROP, clock)
    with caplog.at_level(logging.WARNING):
        for _ in range(120):
            assert not overflow.insist(attempt(Tries(SpoolFull)))
            clock.advance(1.0)
    assert len(caplog.records) == 2
    assert overflow.runs_with_news() == [("0", "r")]
    overflow.told("0", "r", overflow.news("0", "r"))
    assert (overflow.news("0", "r"), overflow.runs_with_news()) == (0, [])
    overflow.insist(attempt(Tries(SpoolFull)))
    assert overflow.news("0", "r") == 121


def test_blocking_waits_on_the_clock_until_there_is_room() -> None:
    """Nothing is refused."""
    clock = ManualClock()
    before = clock.monotonic_s()
    overflow = an_overflow(Outlets(away=True), OnSpoolFull.BLOCK, clock)
    assert overflow.insist(attempt(Tries(*[SpoolFull] * 7, True)))
    assert clock.monotonic_s() - before == 7.0
    assert overflow.news("0", "r") == 0


def test_the_end_of_a_run_may_use_the_reserve() -> None:
    """Other records may not."""
    outlets = Outlets(away=True)
    overflow = an_overflow(outlets, OnSpoolFull.RAISE)
    tries = Tries(SpoolFull, Retired, True)
    assert overflow.insist(attempt(tries, vital=True))
    assert tries.vital == [False, True, True]
    assert outlets.calls == ["hand over", "reserve"]


def test_an_end_that_finds_no_room_in_the_reserve_is_treated_like_others() -> None:
    """A training does not die of it if it chose not to."""
    overflow = an_overflow(Outlets(away=True), OnSpoolFull.DROP)
    assert not overflow.insist(attempt(Tries(SpoolFull), vital=True))
    assert overflow.news("0", "r") == 1
