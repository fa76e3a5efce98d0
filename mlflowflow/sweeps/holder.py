"""Who coordinates a sweep at the moment: advice for people, not a lock.

The log alone decides who may write (:mod:`mlflowflow.sweeps.log`). But a second coordinator that is
started by mistake would take the sweep over and end the first, so it looks here before it begins.
"""

from __future__ import annotations

import contextlib
import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from mlflowflow.errors import StoreError, TakenOver
from mlflowflow.events.canonical import from_plain, to_bytes
from mlflowflow.storage.moment import store_now_us
from mlflowflow.storage.seal import json_object

if TYPE_CHECKING:
    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

#: How often a coordinator says that it lives, in seconds.
BEAT_S: Final = 5.0
#: Silence after which it counts as gone, in seconds.
SILENCE_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that coordinates a sweep."""

    token: str
    host: str
    pid: int


class Hold:
    """The sign of life of one coordinator; a context, inside which `beat` is called now and then.

    Entering raises `TakenOver` if another process coordinates the sweep, unless `take_over`.
    """

    def __init__(
        self, store: BlobStore, run_id: str, *, token: str, clock: Clock, ids: Ids, take_over: bool = False
    ) -> None:
        """Say nothing yet."""
        self._store = store
        self._run_id = run_id
        self._clock = clock
        self._ids = ids
        self._take_over = take_over
        self._body = to_bytes(Holder(token=token, host=platform.node(), pid=os.getpid()))
        self._beaten_s: float | None = None

    def __enter__(self) -> Self:
        """Look who is there and say that it is us now."""
        other = None if self._take_over else living_holder(self._store, self._run_id, ids=self._ids)
        if other is not None:
            raise TakenOver(
                f"The sweep '{self._run_id}' is coordinated by process {other.pid} on '{other.host}'. "
                f"Follow it with 'mlff sweep status {self._run_id} --watch', or end it with "
                f"'mlff sweep stop {self._run_id}' and resume it then."
            )
        self.beat()
        return self

    def __exit__(self, *_: object) -> None:
        """Say that nobody coordinates it, unless somebody else does by now.

        If that cannot be said, the silence will: it is no reason to fail, and hides no other error.
        """
        with contextlib.suppress(StoreError):
            if self._store.get(_key(self._run_id)) == self._body:
                self._store.delete(_key(self._run_id))

    def beat(self) -> None:
        """Say that we live, if the last time is long enough ago."""
        now = self._clock.monotonic_s()
        if self._beaten_s is None or now - self._beaten_s >= BEAT_S:
            self._store.put(_key(self._run_id), self._body)
            self._beaten_s = now


def living_holder(store: BlobStore, run_id: str, *, ids: Ids) -> Holder | None:
    """Return who coordinates the sweep, or None if nobody does or gave a sign for `SILENCE_S` seconds.

    Ages are taken from the store's clock, for which something is written; where that is not allowed,
    who has not said goodbye counts as living. A process of this machine is also looked for by its id.
    """
    key = _key(run_id)
    body = store.get(key)
    if body is None:
        return None
    holder = from_plain(Holder, json_object(body, key=key), key=key)
    if holder.host == platform.node() and not _runs(holder.pid):
        return None
    written = next((blob.modified_us for blob in store.list(key) if blob.key == key), None)
    if written is None:
        return None
    try:
        is_silent = store_now_us(store, ids=ids) - written > SILENCE_S * 1e6
    except StoreError:  # who may only read cannot ask what time it is there, and may still look
        is_silent = False
    return None if is_silent else holder


def _key(run_id: str) -> str:
    return f"sweeps/{run_id}/holder.json"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
