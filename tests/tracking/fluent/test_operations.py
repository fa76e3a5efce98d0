"""Calls that do not wait."""

from __future__ import annotations

import os
import threading
from functools import partial

import pytest

from mlflowflow.errors import InvalidInput, MlflowflowError
from mlflowflow.tracking.fluent.operations import RunOperations, settle, submit


def test_calls_are_made_in_order_and_not_at_once() -> None:
    """The caller goes on; one call follows another."""
    may_go = threading.Event()
    done: list[int] = []

    def wait_and_note() -> None:
        may_go.wait(10)
        done.append(1)

    first = submit(wait_and_note)
    second = submit(lambda: done.append(2))
    assert done == []
    may_go.set()
    second.wait()
    assert done == [1, 2]
    first.wait()


def test_what_went_wrong_is_told_to_those_who_wait() -> None:
    """Nothing is raised before, all of it then, and the next call is made all the same."""

    def fail() -> None:
        raise InvalidInput("It is wrong.")

    failed = submit(fail)
    settle()
    with pytest.raises(MlflowflowError, match=r"1 of the queued calls failed: It is wrong\."):
        failed.wait()
    submit(lambda: None).wait()


def test_settling_waits_for_everything() -> None:
    """After it, what was queued before is done."""
    done: list[int] = []
    for number in range(50):
        submit(partial(done.append, number))
    settle()
    assert done == list(range(50))
    RunOperations().wait()


def test_a_forked_child_has_a_queue_of_its_own() -> None:
    """The parent's thread does not exist in the child."""
    submit(lambda: None).wait()
    child = os.fork()
    if child == 0:
        submit(lambda: None).wait()
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
