"""Background uploads: all are done, their number is bounded, and failures are told."""

from __future__ import annotations

import os
import threading
from functools import partial

import pytest

from mlflowflow.errors import StoreError
from mlflowflow.tracking.artifacts.uploads import Uploads


def test_flush_waits_for_what_was_added() -> None:
    """When it returns, everything is done."""
    uploads, done = Uploads(), list[int]()
    for number in range(50):
        uploads.add(partial(done.append, number))
    uploads.flush()
    assert sorted(done) == list(range(50))


def test_a_failure_is_told_once_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged when it happens and raised by the next flush; other uploads go on."""
    uploads, done = Uploads(), list[int]()
    uploads.add(lambda: 1 // 0)
    uploads.add(lambda: done.append(1))
    with pytest.raises(StoreError, match=r"1 artifacts .* by zero"):
        uploads.flush()
    uploads.flush()
    assert done == [1]
    assert "was not uploaded" in caplog.text


def test_only_so_many_wait() -> None:
    """A further upload is not accepted before another one is done."""
    uploads, gate, third = Uploads(places=2), threading.Event(), threading.Event()
    for _ in range(2):
        uploads.add(lambda: gate.wait(30))

    def add_third() -> None:
        uploads.add(lambda: None)
        third.set()

    thread = threading.Thread(target=add_third)
    thread.start()
    assert not third.wait(0.2)
    gate.set()
    assert third.wait(30)
    thread.join()
    uploads.flush()


def test_a_forked_child_waits_for_its_own_uploads_only() -> None:
    """It has none of its parent's threads, and begins anew."""
    uploads, gate = Uploads(), threading.Event()
    uploads.add(lambda: gate.wait(30))
    child = os.fork()
    if child == 0:
        uploads.add(lambda: None)
        uploads.flush()
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    gate.set()
    uploads.flush()
