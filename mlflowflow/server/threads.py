"""Threads for calls that wait, at half of what the framework's way into a thread and back costs a small request.

They are daemons: a call that hangs, because a store does not answer, holds up no server that is to end.
"""

from __future__ import annotations

from asyncio import get_running_loop
from contextlib import suppress
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable

_T = TypeVar("_T")
#: So many calls are answered at a time; most wait for a disk or the network.
MOST: Final = 40


class _Work(NamedTuple):
    loop: AbstractEventLoop
    done: Future[Any]
    call: Callable[[], Any]


class Threads:
    """Run calls in threads, which are started when they are needed and end with this object."""

    def __init__(self, most: int = MOST) -> None:
        """Have `most` threads at the most; more calls wait for their turn."""
        self._most = most
        self._started = 0
        self._idle = Semaphore(0)
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()

    def __del__(self) -> None:
        """Let the threads end."""
        for _ in range(self._started):
            self._queue.put(None)

    async def run(self, call: Callable[[], _T]) -> _T:
        """Return what `call` returns, or raise what it raises. All who await this are of one event loop."""
        loop = get_running_loop()
        done: Future[_T] = loop.create_future()
        self._queue.put(_Work(loop, done, call))
        if not self._idle.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            Thread(target=_serve, args=(self._queue, self._idle), daemon=True, name="mlflowflow-call").start()
        return await done


def _serve(queue: SimpleQueue[_Work | None], idle: Semaphore) -> None:
    while (work := queue.get()) is not None:
        found, error = None, None
        try:
            found = work.call()
        except BaseException as raised:  # noqa: BLE001 - it is raised where the call is awaited
            error = raised
        idle.release()  # before the answer: the next request may follow at once
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            work.loop.call_soon_threadsafe(_settle, work.done, found, error)
        del work, found, error  # what was asked and answered is not kept until the next call


def _settle(done: Future[Any], found: Any, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(found)
    else:
        done.set_exception(error)
