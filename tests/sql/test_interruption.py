"""Waiting for DuckDB ends when somebody presses Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.sql.interruption import interruptible
from tests.sql.stores import place

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from mlflowflow.sql.answer import Answer

#: Hours of work that never need memory.
_LONG = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7"


@pytest.fixture(autouse=True)
def _listening() -> Generator[None]:
    """Let Ctrl-C raise, also where the tests were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _press_ctrl_c(after_s: float) -> None:
    timer = threading.Timer(after_s, os.kill, args=(os.getpid(), signal.SIGINT))
    timer.daemon = True
    timer.start()


@pytest.mark.parametrize(
    "fetch",
    [
        lambda answer: answer.rows(),
        lambda answer: answer.table(),
        lambda answer: answer.frame(),
        lambda answer: list(answer.batches(100)),
    ],
    ids=["rows", "table", "frame", "batches"],
)
def test_a_statement_that_would_take_hours_is_stopped(fetch: Callable[[Answer], Any]) -> None:
    """And the next one is answered."""
    with place() as here, here.database() as database:
        answer = database.ask(_LONG)
        _press_ctrl_c(0.3)
        with pytest.raises(KeyboardInterrupt):
            fetch(answer)
        assert database.ask("SELECT 1 AS one").rows() == [{"one": 1}]


def test_an_explanation_that_runs_the_statement_is_stopped_too() -> None:
    """EXPLAIN ANALYZE runs before any row is fetched."""
    with place() as here, here.database() as database:
        _press_ctrl_c(0.3)
        with pytest.raises(KeyboardInterrupt):
            database.ask(f"EXPLAIN ANALYZE {_LONG}").rows()


def test_work_that_takes_no_notice_at_first_is_told_again() -> None:
    """Ctrl-C may come before DuckDB has begun with the statement, and would be forgotten."""
    told = 0
    heard = threading.Event()

    def interrupt() -> None:
        nonlocal told
        told += 1
        if told == 3:
            heard.set()

    _press_ctrl_c(0.1)
    with pytest.raises(KeyboardInterrupt):
        interruptible(heard.wait, interrupt=interrupt)
    assert told == 3


def test_work_gives_what_it_returns_or_raises() -> None:
    """Waiting changes neither."""
    assert interruptible(lambda: 3, interrupt=lambda: pytest.fail("nobody pressed anything")) == 3
    with pytest.raises(InvalidInput, match="no"):
        interruptible(_refuse, interrupt=lambda: None)


def _refuse() -> None:
    raise InvalidInput("no")
