"""What a viewer of the table of runs costs our server: time of its processor and memory, over a hundred of them.

Chromium opens the page once, and what it asks is written down. Each viewer then asks the same over a connection
of its own and keeps the stream of events open over another, as a tab does; nobody has anything kept. Ten are
served at a time, and all stay until the memory is read. As many came before and stay too: they fill what the
server had freed of its memory, which would hide what the others take. The time is all that the server computed
meanwhile, its look for news included.
"""

from __future__ import annotations

import http.client
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks.programs.browser import chromium, opened, rows_s
from benchmarks.programs.protocol import answer
from benchmarks.programs.server import LIMIT_S, at_once, running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.programs.server import Server

_STREAM: Final = "/api/mlff/1/events"
_AT_A_TIME: Final = 10
#: The page is silent for so long when it has asked for everything.
_SILENCE_MS: Final = 1_000


def measure(*, data: str, viewers: int) -> dict[str, float]:
    """Serve the store `data` to `viewers` after as many others."""
    with running("mlff", data) as server, ExitStack() as staying:
        asked = _asked(server)
        _serve(server, asked, viewers, staying)
        cpu_s, held_mib = server.cpu_s(), server.resident_mib()
        took_s = _serve(server, asked, viewers, staying)
        return {
            "cpu_ms": (server.cpu_s() - cpu_s) * 1e3 / viewers,
            "held_kb": (server.resident_mib() - held_mib) * 1024**2 / 1e3 / viewers,
            "took_s": took_s,
            "requests": len(asked) + 1,
        }


def _asked(server: Server) -> list[str]:
    """Return what a tab asks for when it opens the table, in order, the stream of events aside."""
    url = f"http://127.0.0.1:{server.port}"
    asked: list[str] = []
    with chromium() as browser, opened(browser) as page:
        page.on("request", lambda request: asked.append(request.url.removeprefix(url)))
        rows_s(page, f"{url}/experiments/0")
        page.wait_for_timeout(_SILENCE_MS)
    asked.remove(_STREAM)
    return asked


def _serve(server: Server, asked: Sequence[str], viewers: int, staying: ExitStack) -> float:
    """Let `viewers` ask, and keep their connections open with `staying`; return how long it took."""
    pairs = [[staying.enter_context(closing(_connected(server))) for _ in range(2)] for _ in range(viewers)]
    return at_once([partial(_view_all, pairs[first::_AT_A_TIME], asked) for first in range(_AT_A_TIME)])


def _connected(server: Server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT_S)


def _view_all(pairs: Sequence[Sequence[http.client.HTTPConnection]], asked: Sequence[str]) -> None:
    for stream, connection in pairs:
        _answered(stream, _STREAM).readline()
        for path in asked:
            _answered(connection, path).read()


def _answered(connection: http.client.HTTPConnection, path: str) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    found = connection.getresponse()
    if found.status != 200:
        raise RuntimeError(f"{path}: {found.status}")
    return found


if __name__ == "__main__":
    answer(measure)
