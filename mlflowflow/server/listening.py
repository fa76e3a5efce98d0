"""The address a server listens at.

Answers go out at once. asyncio sees to that only for sockets that were made for TCP by number, and those that
`socket.create_server` makes, or an accepted connection of theirs, do not say so. Then the body of a small answer
waits until the client has confirmed its head, which a client on Linux puts off for 40 ms
(Nagle's algorithm, RFC 896, meets delayed acknowledgements, RFC 1122 section 4.2.3.2).
"""

from __future__ import annotations

import socket
from typing import Final

from mlflowflow.errors import InvalidInput

_BACKLOG: Final = 2048


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at `host` and `port`, 0 for any free one. Raises `InvalidInput`.

    >>> with listen("127.0.0.1", 0) as listening:
    ...     listening.getsockname()[0]
    '127.0.0.1'
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise InvalidInput(
            f"The address {host}, port {port}, cannot be used: {error.strerror}; choose another --port."
        ) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each connection has it from here
    return listening
