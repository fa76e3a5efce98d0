"""Calls that nobody waits for are made in order, and their trouble stays theirs."""

from __future__ import annotations

import contextvars
import logging
import threading
from typing import TYPE_CHECKING

from mlflowflow.clock import SystemClock
from mlflowflow.orchestration.courier import Courier

if TYPE_CHECKING:
    import pytest

NAME = contextvars.ContextVar("NAME", default="nobody")


def test_calls_are_made_in_order_and_all_of_them_before_the_end() -> None:
    """What is shown last is what was true last."""
    made: list[int] = []
    with Courier() as courier:
        for number in range(100):
            courier.send(lambda number=number: made.append(number))  # type: ignore[misc] # the number of now
    assert made == list(range(100))


def test_calls_see_the_context_of_who_sends_them() -> None:
    """Prefect finds its API, its flow run and its task run in there."""
    NAME.set("ada")
    seen: list[str] = []
    with Courier() as courier:
        courier.send(lambda: seen.append(NAME.get()))
    assert seen == ["ada"]


def test_a_call_that_fails_costs_one_warning_and_no_other_call(caplog: pytest.LogCaptureFixture) -> None:
    """A server that is away must not end a sweep, nor fill its log."""
    made: list[str] = []

    def fail() -> None:
        raise OSError("no route to host")

    with caplog.at_level(logging.WARNING), Courier() as courier:
        for _ in range(3):
            courier.send(fail)
        courier.send(lambda: made.append("after"))
    assert made == ["after"]
    assert [record.message for record in caplog.records] == [
        "Prefect does not show all of the sweep: OSError: no route to host"
    ]


def test_a_call_that_hangs_holds_nobody_up() -> None:
    """Neither the one who sends nor, for long, the end."""
    release = threading.Event()
    began_s = SystemClock().monotonic_s()
    with Courier(farewell_s=0.1) as courier:
        courier.send(lambda: release.wait(60))
        courier.send(lambda: None)
    assert SystemClock().monotonic_s() - began_s < 30
    release.set()
