"""MLflow's built pages before a server of ours, as a reverse proxy serves them.

The pages are files of MLflow's own package. Everything else that a browser asks for goes to the server as it
came, Host and Origin included, and what was asked and answered is noted.
"""

from __future__ import annotations

import http.client
import mimetypes
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Generator

#: Headers that are about one connection only.
_OF_THE_CONNECTION: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
_FILES: Final = "/static-files/"


class Asked(NamedTuple):
    """A request that was passed on, and the status of the answer."""

    verb: str
    path: str
    status: int


class Front:
    """A listening proxy: its address, the server behind it once that is known, and what it passed on.

    The server must answer to the proxy's `host`, for the proxy does not put its own in the place of it.
    """

    def __init__(self, port: int) -> None:
        """Listen at `port` of this machine."""
        self.host: Final = f"127.0.0.1:{port}"
        self.url: Final = f"http://{self.host}"
        self.behind = ""
        self.asked: list[Asked] = []

    def refused(self) -> list[Asked]:
        """Return what was answered with an error."""
        return [each for each in self.asked if each.status >= 400]


@contextmanager
def front() -> Generator[Front]:
    """Listen, and stop whatever happens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as listening:
        made = Front(listening.server_address[1])
        listening.RequestHandlerClass = _handler(made, _built_pages())
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield made
        finally:
            listening.shutdown()
            thread.join()


def _built_pages() -> Path:
    found = find_spec("mlflow.server")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "js" / "build"


def _handler(made: Front, pages: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answer with a page's file, or with what the server behind says."""

        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            path = urlsplit(self.path).path
            if path == "/":
                self._send_file(pages / "index.html")
            elif path.startswith(_FILES):
                self._send_file(pages / path.removeprefix(_FILES))
            else:
                self._pass_on()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names that http.server calls

        def _send_file(self, file: Path) -> None:
            body = file.read_bytes() if file.is_file() else b""
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            self._send(200 if body else 404, {"Content-Type": kind}, body)

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server = urlsplit(made.behind)
            connection = http.client.HTTPConnection(str(server.hostname), server.port or 80, timeout=60)
            try:
                connection.request(self.command, self.path, body or None, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
                made.asked.append(Asked(self.command, self.path, answer.status))
                self._send(answer.status, dict(answer.headers), content)
            finally:
                connection.close()

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _OF_THE_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing; what matters is noted."""

    return Handler
