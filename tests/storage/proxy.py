"""A network that fails on purpose: an HTTP proxy before a server, with a script of accidents.

What a client library makes of a broken connection is only known by breaking one.
"""

from __future__ import annotations

import http.client
import http.server
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Generator


class Accident(Enum):
    """What happens to one request."""

    #: The connection ends before the request was passed on.
    LOST_REQUEST = "lost request"
    #: The request is passed on and the connection ends before its answer.
    LOST_ANSWER = "lost answer"
    #: The request is passed on two times, one after the other; the second answer is given.
    TWICE = "twice"
    #: The answer's body ends too early.
    SHORT_ANSWER = "short answer"
    #: The proxy answers 409 by itself, as S3 does to some races.
    CONFLICT = "409 ConditionalRequestConflict"
    #: The proxy answers 412 by itself.
    REFUSED = "412 PreconditionFailed"
    #: The proxy answers 503 by itself.
    BUSY = "503 SlowDown"
    #: The proxy answers 403 by itself.
    DENIED = "403 AccessDenied"
    #: The proxy answers 401 by itself.
    UNAUTHORIZED = "401 Unauthorized"
    #: The proxy answers 400 by itself, as S3 does when a session is over.
    EXPIRED = "400 ExpiredToken"
    #: The proxy answers 429 by itself.
    THROTTLED = "429 TooManyRequests"
    #: The connection stays open and nothing comes.
    HANG = "hang"
    #: The proxy answers 501 by itself.
    UNKNOWN = "501 NotImplemented"
    #: Something that is no S3 server answers.
    FOREIGN = "200 hello"
    #: The request is passed on without its condition.
    UNCONDITIONAL = "unconditional"
    #: The request is passed on without its range.
    WHOLE = "whole"


@dataclass
class Network:
    """The script: the accidents of the next requests, None for one that goes well; and what was asked.

    `headers` are added to what the proxy answers by itself, and requests that are signed by a key of
    `stale` are denied.
    """

    endpoint: str = ""
    script: list[Accident | None] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)


_DROPPED = {Accident.UNCONDITIONAL: "if-none-match", Accident.WHOLE: "range"}


class _Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behind: ClassVar[str]
    network: ClassVar[Network]

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        network = self.network
        network.methods.append(self.command)
        accident = network.script.pop(0) if network.script else None
        if any(f"Credential={key}/" in self.headers.get("Authorization", "") for key in network.stale):
            accident = Accident.DENIED
        if accident is not None and accident.value[0].isdigit():
            self._answer_alone(*accident.value.split())
        elif accident is Accident.HANG:
            network.over.wait()
            self.close_connection = True
        elif accident is Accident.LOST_REQUEST:
            self.close_connection = True
        else:
            self._answer_from_behind(body, accident)

    do_GET = do_PUT = do_DELETE = do_POST = do_HEAD = _pass_on  # noqa: N815 - the names http.server calls

    def _answer_from_behind(self, body: bytes, accident: Accident | None) -> None:
        skipped = _DROPPED.get(accident) if accident else None
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in {skipped, "expect"}
        }
        if accident is Accident.TWICE:
            self._answer_of(body, headers)
        answer, content = self._answer_of(body, headers)
        if accident is Accident.LOST_ANSWER:
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"connection", "transfer-encoding"}:
                self.send_header(name, value)
        self.end_headers()
        short = accident is Accident.SHORT_ANSWER
        self.wfile.write(content[: len(content) // 2] if short else content)
        self.close_connection = short

    def _answer_of(self, body: bytes, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
        server = http.client.HTTPConnection(self.behind, timeout=30)
        server.request(self.command, self.path, body, headers)
        answer = server.getresponse()
        content = answer.read()
        server.close()
        return answer, content

    def _answer_alone(self, status: str, code: str) -> None:
        content = f"<Error><Code>{code}</Code><Message>By the script.</Message></Error>".encode()
        self.send_response_only(int(status))
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        for name, value in self.network.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def proxy(behind: str) -> Generator[Network]:
    """Run a proxy before the server at the address `behind` for the length of the block."""
    network = Network()
    handler = type("Proxy", (_Proxy,), {"behind": behind.removeprefix("http://"), "network": network})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    network.endpoint = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield network
    finally:
        network.over.set()
        server.shutdown()
        server.server_close()
        serving.join()
