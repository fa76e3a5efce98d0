"""Sockets that servers listen with."""

from __future__ import annotations

import socket

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.listening import listen


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_is_answered_goes_out_at_once(host: str) -> None:
    """No connection holds a small answer back until the one before was confirmed."""
    with listen(host, 0) as listening, socket.create_connection(listening.getsockname()[:2]):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_that_is_taken_is_named() -> None:
    """And another port is asked for."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InvalidInput, match=rf"127\.0\.0\.1, port {port}, cannot be used: .*--port"):
            listen("127.0.0.1", port)
