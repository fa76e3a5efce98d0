"""Stores behind a network: S3 through s3fs, others through their fsspec packages.

The requests themselves are in `mlflowflow.storage.wires`, each sent once. Here is the policy: what
is repeated, what is read back, and which error is the truth. All repeating is in this one place
because only here it is known whether an earlier attempt may have been applied; a client library
that repeats a conditional write takes its own first success for somebody else's.

*Create.* A refused or unanswered conditional write is read back: equal bytes are ours, other bytes
are somebody else's, no object means another attempt. Only when that gives no answer either is the
outcome unknown.

*Patience.* A server that is busy may say how long to wait; it is obeyed within the call's patience.
*Credentials* that are refused are not tried again by the same call; the next one reads them anew.
*Fork.* A child process gets a connection of its own. *Pickle.* Only the address travels.

*Tested* against the S3 of moto, rclone and Ceph. Google and Azure have not been tried.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.errors import InvalidUri, NotFound, OutcomeUnknown, StoreUnable, StoreUnavailable
from mlflowflow.storage.address import normalize
from mlflowflow.storage.appearing import appearing
from mlflowflow.storage.blob import Created
from mlflowflow.storage.key import check_body, check_key, check_prefix, check_span, is_key
from mlflowflow.storage.patience import Patience
from mlflowflow.storage.wires import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import Blob, Span
    from mlflowflow.storage.trouble import Trouble
    from mlflowflow.storage.wires import Page, Wire

#: Not the module's own state: what a background thread draws must not change what a program draws.
_RANDOM: Final = random.SystemRandom()
_T = TypeVar("_T")

#: How long one call goes on trying, in seconds; an attempt that has begun is not cut short.
PATIENCE_S: Final = 60.0


class RemoteBlobStore:
    """Keep objects under a prefix of a bucket; credentials and options come from the environment."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        jitter: Callable[[], float] = _RANDOM.random,
        patience_s: float = PATIENCE_S,
        connect: Callable[[str], Wire] = connect,
    ) -> None:
        """Remember `url`; the first call uses `connect` to make the connection.

        `clock` waits between attempts, `jitter` gives numbers from 0 to 1 that spread the waits, and
        `patience_s` is how long a call goes on trying.
        """
        self._url = normalize(url)
        scheme, _, place = self._url.partition("://")
        if not place or scheme == "memory":
            raise InvalidUri(url, "s3://bucket/prefix, gs://bucket/prefix or az://container/prefix")
        prefix = place.partition("/")[2]
        self._prefix = f"{prefix}/" if prefix else ""
        self._clock = clock or SystemClock()
        self._jitter = jitter
        self._patience_s = patience_s
        self._connect = connect
        self._wires: dict[int, Wire] = {}

    @property
    def url(self) -> str:
        """The address, such as ``s3://bucket/prefix``."""
        return self._url

    @property
    def shared(self) -> bool:
        """Always True."""
        return True

    def __repr__(self) -> str:
        """Show the store's address."""
        return f"RemoteBlobStore({self._url!r})"

    def __reduce__(self) -> tuple[type[RemoteBlobStore], tuple[str]]:
        """Pickle the address and no credentials."""
        return (RemoteBlobStore, (self._url,))

    def put(self, key: str, data: bytes) -> None:
        """Write `data` under `key`, replacing what was there."""
        name = self._name(key)
        self._call(lambda wire: wire.put(name, data), written=key)

    def create(self, key: str, data: bytes) -> Created:
        """Write `data` only if `key` is absent; equal bytes that are there already count as ours."""
        name = self._name(key)
        check_body(key, data)
        failures = _Failures(self._url, key)
        patience = self._patience()
        while True:
            wire = self._wire()
            try:
                wire.create(name, data)
            except wire.errors as error:
                trouble = self._understood(wire, error)
            else:
                return Created.CREATED
            failures.add(trouble)
            if trouble.perhaps_applied or trouble.refused:
                try:
                    outcome = _whose(wire, name, data)
                except wire.errors:  # what refused us may be our own object, of a request that came twice
                    failures.doubt(trouble)
                    outcome = None
                if outcome is not None:
                    return outcome
            if not patience.lasts(trouble):
                raise failures.error()

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Return the object, or the bytes of `span`, or None; one request."""
        name = self._name(key)
        if span is not None:
            check_span(span)
        return self._call(lambda wire: wire.get(name, span))

    def list(self, prefix: str) -> Iterator[Blob]:
        """Yield every object whose key starts with `prefix`, a thousand per request."""
        return self._pages(self._prefix + check_prefix(prefix))

    def delete(self, key: str) -> None:
        """Remove `key`; an absent key is no error."""
        name = self._name(key)
        self._call(lambda wire: wire.delete(name), written=key)

    def put_file(self, path: Path, key: str) -> None:
        """Upload the local file `path` to `key`, in parts if it is large."""
        name = self._name(key)
        with path.open("rb"):  # a missing file is the caller's mistake, not the store's
            self._call(lambda wire: wire.put_file(path, name), written=key)

    def get_file(self, key: str, path: Path) -> None:
        """Download `key` to the local file `path`, which appears when complete. Raises `NotFound`."""
        name = self._name(key)
        with appearing(path) as part:  # a folder that cannot be written to is the caller's mistake
            if not self._call(lambda wire: wire.get_file(name, part)):
                raise NotFound("object", key)

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _wire(self) -> Wire:
        """Return this process's connection: what a forked child inherits does not work there."""
        pid = os.getpid()
        if pid not in self._wires:
            self._wires.setdefault(pid, self._connect(self._url))
        return self._wires[pid]

    def _patience(self) -> Patience:
        return Patience(self._patience_s, clock=self._clock, jitter=self._jitter)

    def _understood(self, wire: Wire, error: Exception) -> Trouble:
        """Say what `error` means; a connection that was denied is let go, to take new credentials next time."""
        trouble = wire.understand(error)
        if trouble.denied and self._wires.get(os.getpid()) is wire:
            self._wires.pop(os.getpid(), None)
        return trouble

    def _call(self, send: Callable[[Wire], _T], *, written: str = "") -> _T:
        """Run `send` until it succeeds, fails for good or has failed too often; name what it writes."""
        failures = _Failures(self._url, written)
        patience = self._patience()
        while True:
            wire = self._wire()
            try:
                return send(wire)
            except wire.errors as error:
                trouble = self._understood(wire, error)
            failures.add(trouble)
            if not patience.lasts(trouble):
                raise failures.error()

    def _pages(self, start: str) -> Iterator[Blob]:
        token: str | None = ""
        while token is not None:
            blobs, token = self._page(start, token)
            for blob in blobs:
                key = blob.key.removeprefix(self._prefix)
                if is_key(key):  # consoles make names that end in a slash, to show an empty folder
                    yield replace(blob, key=key)

    def _page(self, start: str, token: str) -> Page:
        return self._call(lambda wire: wire.page(start, token))


class _Failures:
    """The failed attempts of one call, and the error they add up to."""

    def __init__(self, url: str, written: str) -> None:
        """Describe a call to the store `url` that writes the key `written`, or nothing if it is empty."""
        self._url = url
        self._written = written
        self._doubt = ""
        self._last = ""

    def add(self, trouble: Trouble) -> None:
        """Count one more failure. Raises `StoreUnable` if no attempt can ever succeed."""
        if trouble.unsupported:
            raise StoreUnable(
                f"The store '{self._url}' does not know what is asked of it: {trouble.reason}. What must happen "
                "once needs a store with conditional writes; set MLFLOWFLOW_REGISTRY_URI to one, or to a directory."
            )
        self._last = trouble.reason
        if trouble.perhaps_applied:
            self.doubt(trouble)

    def doubt(self, trouble: Trouble) -> None:
        """Say that an attempt may have been applied after all."""
        self._doubt = trouble.reason

    def error(self) -> OutcomeUnknown | StoreUnavailable:
        """Return what to raise: one attempt that may have been applied leaves the outcome unknown."""
        if self._written and self._doubt:
            return OutcomeUnknown(self._written, self._doubt)
        return StoreUnavailable(self._url, self._last)


def _whose(wire: Wire, name: str, data: bytes) -> Created | None:
    """Read `name` back and say whether it is ours, or None if it is not there. Raises what the wire raises."""
    found = wire.get(name, None)
    if found is None:
        return None
    return Created.CREATED if found == data else Created.EXISTS
