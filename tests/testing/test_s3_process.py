"""Tests of what is mended in the S3 server that the tests start."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from mlflowflow.testing.s3_process import one_creation_at_a_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

PLAIN = {"REQUEST_METHOD": "PUT"}
CONDITIONAL = {"REQUEST_METHOD": "PUT", "HTTP_IF_NONE_MATCH": "*"}
READ = {"REQUEST_METHOD": "GET", "HTTP_IF_NONE_MATCH": "*"}


def start(_status: str, _headers: list[tuple[str, str]], _error: object = None, /) -> Callable[[bytes], None]:
    """Stand for a server's `start_response`."""
    return lambda _: None


class MeetingApp:
    """An application whose requests wait a moment for another one to come in."""

    def __init__(self) -> None:
        """Nobody has met yet."""
        self.met = False
        self._meeting = threading.Barrier(2)

    def __call__(self, _environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
        """Note whether two requests are inside at once."""
        try:
            self._meeting.wait(timeout=0.3)
        except threading.BrokenBarrierError:
            return [b"alone"]
        self.met = True
        return [b"together"]


@pytest.mark.parametrize(
    ("requests", "meet"),
    [((CONDITIONAL, CONDITIONAL), False), ((PLAIN, CONDITIONAL), True), ((READ, READ), True)],
)
def test_only_creations_wait_for_each_other(requests: tuple[dict[str, str], ...], meet: bool) -> None:
    """Looking and writing are one step for conditional writes, and nothing else is slowed down."""
    app = MeetingApp()
    served = one_creation_at_a_time(app)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda environ: list(served(environ, start)), requests))
    assert app.met is meet
