"""Calls in threads: their answers, their errors, their number, and their end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import Never

import pytest

from mlflowflow.server.threads import Threads


def test_a_call_gives_its_answer_or_its_error() -> None:
    """From another thread than the one that waits."""

    def broken() -> Never:
        raise ZeroDivisionError("inside")

    async def ask() -> None:
        threads = Threads(1)
        assert await threads.run(threading.get_ident) != threading.get_ident()
        with pytest.raises(ZeroDivisionError, match="inside"):
            await threads.run(broken)
        assert await threads.run(lambda: 7) == 7

    asyncio.run(ask())


def test_as_many_calls_as_there_are_threads_run_at_once() -> None:
    """The rest wait for their turn, and none is forgotten."""
    together = threading.Barrier(3)

    async def ask() -> list[int]:
        threads = Threads(3)
        return await asyncio.gather(*(threads.run(lambda: together.wait(30)) for _ in range(9)))

    assert sorted(asyncio.run(ask())) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_a_thread_that_is_free_takes_the_next_call() -> None:
    """Requests one after another need one thread."""

    async def ask() -> set[int]:
        threads = Threads(8)
        return {await threads.run(threading.get_ident) for _ in range(20)}

    assert len(asyncio.run(ask())) == 1


def test_nobody_need_wait_any_more() -> None:
    """A caller may be gone before its answer is there."""
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> bool:
        begun.set()
        return go_on.wait(30)

    async def ask() -> int:
        threads = Threads(1)
        waiting = asyncio.create_task(threads.run(slow))
        await asyncio.get_running_loop().run_in_executor(None, begun.wait, 30)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        go_on.set()
        return await threads.run(lambda: 7)

    assert asyncio.run(ask()) == 7


def test_the_threads_end_with_their_object() -> None:
    """An application that was made for a test leaves none behind."""

    async def ask() -> threading.Thread:
        return await Threads(2).run(threading.current_thread)

    served = asyncio.run(ask())
    served.join(30)
    assert not served.is_alive()


_HANGING = """
import asyncio, threading
from mlflowflow.server.threads import Threads

async def ask():
    begun = threading.Event()
    waiting = asyncio.create_task(Threads().run(lambda: (begun.set(), threading.Event().wait())))
    while not begun.is_set():
        await asyncio.sleep(0)
    waiting.cancel()

asyncio.run(ask())
"""


def test_a_call_that_hangs_holds_up_no_end() -> None:
    """The store it waits for may never answer."""
    assert subprocess.run([sys.executable, "-c", _HANGING], check=False, timeout=60).returncode == 0
