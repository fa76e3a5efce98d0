"""Tests of the judge of concurrent histories."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import OutcomeUnknown
from mlflowflow.testing.history import Call, Recorder, linearization


def register_step(value: int, call: Call) -> int | None:
    """Say what a register does: a write sets it, a read sees it, a swap (expected, new) compares first."""
    match call:
        case Call(operation="write", argument=int(written)):
            return written
        case Call(operation="swap", argument=(int(expected), int(new))) if call.answer in {None, True}:
            return new if value == expected else None
        case Call(operation="swap", argument=(expected, _)):
            return value if value != expected else None
        case _:
            return value if call.answer == value else None


def write(value: int, began: int, ended: float = float("inf")) -> Call:
    """Build a write."""
    return Call(operation="write", argument=value, began=began, ended=ended)


def read(value: int, began: int, ended: int) -> Call:
    """Build a read."""
    return Call(operation="read", answer=value, began=began, ended=ended)


def swap(expected: int, new: int, *, won: bool, began: int, ended: int) -> Call:
    """Build a compare-and-swap."""
    return Call(operation="swap", argument=(expected, new), answer=won, began=began, ended=ended)


GOOD = {
    "one after the other": (write(1, 0, 1), read(1, 2, 3)),
    "a read during a write may see it": (write(1, 0, 5), read(1, 1, 2)),
    "a read during a write may miss it": (write(1, 0, 5), read(0, 1, 2)),
    "a lost write may have happened": (write(1, 0), read(1, 3, 4)),
    "a lost write may not have happened": (write(1, 0), read(0, 3, 4)),
    "one of two swaps wins": (
        swap(0, 1, won=True, began=0, ended=5),
        swap(0, 2, won=False, began=1, ended=4),
    ),
}
BAD = {
    "a stale read": (write(1, 0, 1), read(0, 2, 3)),
    "a value nobody wrote": (read(7, 0, 1),),
    "two reads going back": (write(1, 0, 9), read(1, 1, 2), read(0, 3, 4)),
    "two swaps from one state both win": (
        swap(0, 1, won=True, began=0, ended=5),
        swap(0, 2, won=True, began=1, ended=4),
    ),
}


@pytest.mark.parametrize("history", GOOD.values(), ids=GOOD)
def test_a_history_that_one_order_explains_is_accepted(history: tuple[Call, ...]) -> None:
    """The judge accuses nobody wrongly."""
    assert linearization(history, initial=0, step=register_step) is not None


@pytest.mark.parametrize("history", BAD.values(), ids=BAD)
def test_a_history_that_no_order_explains_is_refused(history: tuple[Call, ...]) -> None:
    """The judge sees stale reads, invented values and double winners."""
    assert linearization(history, initial=0, step=register_step) is None


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 4), st.integers(0, 4)), max_size=9)
)
def test_what_really_happened_in_one_order_is_accepted(
    calls: list[tuple[bool, int, int, int]],
) -> None:
    """Stretching calls around the moments at which they took effect never makes a history wrong."""
    history, value = [], 0
    for moment, (writes, new, before, after) in enumerate(calls):
        value = new if writes else value
        history.append(
            Call(
                operation="write" if writes else "read",
                argument=new if writes else None,
                answer=None if writes else value,
                began=moment - before,
                ended=moment + after + 0.5,
            )
        )
    assert linearization(history, initial=0, step=register_step) is not None


def test_the_order_found_respects_time() -> None:
    """A call that ended before another began stands before it."""
    first, second = write(1, 0, 1), write(2, 2, 3)
    assert linearization((second, first), initial=0, step=register_step) == (first, second)


class ForgetfulRegister:
    """A register whose swap looks and writes in two steps, with room for others in between."""

    def __init__(self) -> None:
        """Start at 0."""
        self.value = 0
        self.between = threading.Barrier(2)

    def swap(self, expected: int, new: int) -> bool:
        """Look, wait for the other one to look, write."""
        fits = self.value == expected
        self.between.wait(timeout=10)
        if fits:
            self.value = new
        return fits


def test_a_register_that_skips_the_compare_is_caught() -> None:
    """Real threads on a real mistake give a history that the judge refuses."""
    register, recorder = ForgetfulRegister(), Recorder()
    with ThreadPoolExecutor(2) as pool:
        for new in (1, 2):
            pool.submit(recorder.record, "swap", (0, new), lambda new=new: register.swap(0, new))
    assert len(recorder.history()) == 2
    assert linearization(recorder.history(), initial=0, step=register_step) is None


def test_a_lost_answer_is_a_call_without_an_end() -> None:
    """What may or may not have happened is recorded as such."""

    def lost() -> int:
        raise OutcomeUnknown("key", "the connection broke")

    recorder = Recorder()
    assert recorder.record("write", 1, lost) is None
    assert recorder.history()[0].ended == float("inf")
