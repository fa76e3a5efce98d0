"""What people ask of a running sweep: to stop, or to go further.

A request is a numbered, write-once entry beside the sweep's log. The coordinator looks for new ones
every second, wherever it runs, and writes into the log that it followed; a request to a sweep that
nobody coordinates waits for the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import Discriminator

from mlflowflow.events.canonical import from_plain, plain, to_bytes
from mlflowflow.storage.blob import Created
from mlflowflow.storage.log import NumberedLog
from mlflowflow.storage.seal import json_object

if TYPE_CHECKING:
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Start no more trials; with `now` also end those that run. Resuming the sweep goes on with them."""

    now: bool = False
    by: str = ""
    kind: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """Let the budget be this in all; None leaves a limit as it is. Reopens a sweep that has ended."""

    trials: int | None = None
    wall_s: float | None = None
    cost: float | None = None
    failed_trials: int | None = None
    by: str = ""
    kind: Literal["extend"] = "extend"


Request: TypeAlias = Annotated[Stop | Extend, Discriminator("kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """One entry: the `request`, and a `token` that tells two equal ones apart."""

    token: str
    request: Request


class Requests:
    """The requests to the sweep that is the run `run_id`.

    >>> from mlflowflow.ids import RandomIds
    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> requests = Requests(MemoryBlobStore(), "a" * 32)
    >>> requests.send(Stop(), ids=RandomIds())
    0
    >>> requests.after(0)
    [Stop(now=False, by='', kind='stop')]
    """

    def __init__(self, store: BlobStore, run_id: str) -> None:
        """Open the requests; nothing is read yet."""
        self._log = NumberedLog(store, f"sweeps/{run_id}/requests")

    def send(self, request: Request, *, ids: Ids) -> int:
        """Write `request` and return its number. Raises `StoreError` if it cannot be written."""
        body = to_bytes(_Sent(token=ids.token(), request=request))
        number = self._log.head() + 1
        while self._log.append(number, body) is Created.EXISTS:
            number += 1
        return number

    def after(self, number: int) -> list[Request]:
        """Return the requests from `number` on, in their order. Costs one look if there is none."""
        return [_request(body, key=self._log.key(each)) for each, body in self._log.entries(number)]


def _request(body: bytes, *, key: str) -> Request:
    return from_plain(_Sent, json_object(body, key=key), key=key).request


def request_json(request: Request) -> object:
    """Return `request` as JSON values."""
    return plain(request)
