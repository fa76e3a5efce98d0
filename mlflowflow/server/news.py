"""What has just changed in the store, told to everybody who looks at a page.

One task of a process looks for all of its viewers, and only while there are any. A viewer who is slow
misses nothing: what changed meanwhile is told together. Only *that* something changed is told; the pages
then ask for what they show, and all of them get the same kept answer.

An open stream would keep a server from ending. uvicorn tells an application of its end only after the last
answer is complete, so the signals are listened to as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

from fastapi.concurrency import run_in_threadpool

from mlflowflow.clock import SystemClock
from mlflowflow.errors import MlflowflowError
from mlflowflow.ids import digest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
    from types import FrameType

    from mlflowflow.clock import Clock
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.tracker import Tracker

_log: Final = logging.getLogger(__name__)
#: So long is waited between two looks, and so many times what a look takes if that is more.
EVERY_S: Final = 0.5
_SHARE: Final = 4
#: After so long without news a line is sent, so that nothing in between takes the stream for dead.
QUIET_S: Final = 15.0
#: What changed, where it is no experiment.
MODELS: Final = "models"
SWEEPS: Final = "sweeps"
_HOLDER: Final = "/holder.json"
_SNAPSHOTS: Final = "/snap/"
_ENDS: Final = (signal.SIGINT, signal.SIGTERM)


class _Viewer:
    """What one viewer has not been told yet."""

    def __init__(self) -> None:
        self.untold: set[str] = set()
        self.told = asyncio.Event()

    def hear(self, changed: Iterable[str]) -> None:
        self.untold.update(changed)
        self.told.set()

    def take(self) -> set[str]:
        taken, self.untold = self.untold, set()
        self.told.clear()
        return taken


class News:
    """Tell viewers of changes. Used by one event loop."""

    def __init__(
        self,
        look: Callable[[], Mapping[str, str]],
        *,
        every_s: float = EVERY_S,
        quiet_s: float = QUIET_S,
        clock: Clock | None = None,
    ) -> None:
        """Call `look` in a thread for the version of each thing that viewers may hear of."""
        self._look = look
        self._every_s = every_s
        self._quiet_s = quiet_s
        self._clock = clock or SystemClock()
        self._viewers: set[_Viewer] = set()
        self._looking: asyncio.Task[None] | None = None
        self._ended = False

    @property
    def viewers(self) -> int:
        """How many listen."""
        return len(self._viewers)

    async def follow(self) -> AsyncGenerator[bytes]:
        """Yield the lines of a stream of events until the server ends."""
        viewer = _Viewer()
        self._viewers.add(viewer)
        try:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._looks())
            yield _line({"kind": "hello"})
            while not self._ended:
                yield await self._next(viewer)
        finally:
            self._viewers.discard(viewer)
            if not self._viewers and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    def end(self) -> None:
        """End every stream."""
        self._ended = True
        for viewer in self._viewers:
            viewer.told.set()

    @contextlib.contextmanager
    def ended_by_signals(self) -> Generator[None]:
        """End every stream as soon as the process is told to stop; then the signal has its usual effect."""
        if threading.current_thread() is not threading.main_thread():
            yield  # nobody else may listen to signals
            return
        loop = asyncio.get_running_loop()
        before = {each: signal.getsignal(each) for each in _ENDS}

        def heard(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.end)
            usual = before[signal.Signals(number)]
            if callable(usual):
                usual(number, frame)

        for each, usual in before.items():
            if callable(usual):  # a process without a handler of its own is to end at once, as it does
                signal.signal(each, heard)
        try:
            yield
        finally:
            for each, usual in before.items():
                if signal.getsignal(each) is heard:
                    signal.signal(each, usual)

    async def _next(self, viewer: _Viewer) -> bytes:
        try:
            async with asyncio.timeout(self._quiet_s):
                await viewer.told.wait()
        except TimeoutError:
            return b": nothing new\n\n"
        changed = viewer.take()
        return _line(_event(changed)) if changed else b": the end\n\n"

    async def _looks(self) -> None:
        seen: Mapping[str, str] | None = None
        before = 0.0
        while True:
            began = self._clock.monotonic_s()
            try:
                found = await run_in_threadpool(self._look)
            except MlflowflowError as error:  # a store that is out of reach for a while
                _log.warning("Viewers hear of no changes for now: %s", error)
            else:
                self._tell(set() if seen is None else differing(seen, found))
                seen = found
            took = self._clock.monotonic_s() - began
            # One slow look, as the first one is, tells nothing of the next.
            await asyncio.sleep(max(self._every_s, _SHARE * min(took, before)))
            before = took

    def _tell(self, changed: set[str]) -> None:
        if changed:
            for viewer in self._viewers:
                viewer.hear(changed)


def versions(tracker: Tracker, registry: BlobStore) -> Mapping[str, str]:
    """Return a version of each experiment, by id, of all decisions about models, and of all sweeps."""
    ids = [each.experiment_id for each in tracker.list_experiments(view="all")]
    # a holder says every few seconds that it lives, which is no news
    sweeps = (blob.key for blob in tracker.store.list("sweeps/") if not blob.key.endswith(_HOLDER))
    return {
        **{each: tracker.reader.version(each) for each in ids},
        MODELS: decisions_version(registry, tracker.store),
        SWEEPS: _of(sweeps),
    }


def registry_version(registry: BlobStore) -> str:
    """Return what changes with every decision about a registered model."""
    return _of(blob.key for blob in registry.list("registry/") if _SNAPSHOTS not in blob.key)


def decisions_version(registry: BlobStore, store: BlobStore) -> str:
    """Return what changes with every decision, with every event of the journal, and with what was done about one."""
    return f"{registry_version(registry)} {_of(blob.key for blob in store.list('events/'))}"


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """Return what is not as it was.

    >>> sorted(differing({"1": "a", "2": "b"}, {"2": "c", "3": "d"}))
    ['1', '2', '3']
    """
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _of(keys: Iterable[str]) -> str:
    return digest("\n".join(sorted(keys)).encode())


def _event(changed: set[str]) -> Mapping[str, Any]:
    others = {name: name in changed for name in (MODELS, SWEEPS)}
    return {"kind": "changed", "experiments": sorted(changed - others.keys()), **others}


def _line(event: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(event, separators=(',', ':'))}\n\n".encode()
