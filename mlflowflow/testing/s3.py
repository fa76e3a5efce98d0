"""An S3 server for tests: moto in a process of its own, and what other servers are started with.

moto keeps nothing on disk and ends with the block that started it. What this process and its
children need in their environment to talk to it is in `S3Server.environ`; setting it is left to
the test, because the library does not change the environment.
"""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import SystemClock
from mlflowflow.config import child_environ

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

_HOST: Final = "127.0.0.1"
_START_S: Final = 60.0
_POLL_S: Final = 0.05
_PORTS_TRIED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A running server: its `endpoint`, such as ``http://127.0.0.1:4711``."""

    endpoint: str

    @property
    def environ(self) -> Mapping[str, str]:
        """The variables that point the AWS clients of a process here."""
        return MappingProxyType(
            {
                "AWS_ENDPOINT_URL": self.endpoint,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true",
            }
        )

    def create_bucket(self, name: str) -> str:
        """Make the bucket `name` and return its address."""
        self._send(f"/{name}", method="PUT")
        return f"s3://{name}"

    def answers(self) -> bool:
        """Say whether the server can be reached."""
        try:
            self._send("/", method="GET")
        except (OSError, http.client.HTTPException):
            return False
        return True

    def _send(self, path: str, *, method: str) -> None:
        connection = http.client.HTTPConnection(self.endpoint.removeprefix("http://"), timeout=_START_S)
        try:
            connection.request(method, path)
            connection.getresponse().read()
        finally:
            connection.close()


@contextmanager
def s3_server(*, page_size: int = 1000) -> Generator[S3Server]:
    """Run a server on a free loopback port for the length of the block.

    A listing gives `page_size` objects per answer; a small number tests what goes over pages.
    Raises RuntimeError if none starts; the package ``moto[s3,server]`` must be installed.
    """

    def command(port: int) -> Sequence[str]:
        return (sys.executable, "-m", "mlflowflow.testing.s3_process", _HOST, str(port))

    environ = {"MOTO_S3_DEFAULT_MAX_KEYS": str(page_size)}
    with serving(command, environ=environ, advice="install 'moto[s3,server]' or try again") as server:
        yield server


@contextmanager
def serving(
    command: Callable[[int], Sequence[str]], *, environ: Mapping[str, str] | None = None, advice: str
) -> Generator[S3Server]:
    """Run the S3 server that `command` starts at a loopback port, for the length of the block.

    `environ` is added to what the process inherits. Raises RuntimeError, with `advice`, if none starts.
    """
    process, server = _started(command, environ or {}, advice)
    try:
        yield server
    finally:
        process.terminate()
        process.wait()


def _started(
    command: Callable[[int], Sequence[str]], environ: Mapping[str, str], advice: str
) -> tuple[subprocess.Popen[bytes], S3Server]:
    for _ in range(_PORTS_TRIED):
        port = free_port()
        server = S3Server(endpoint=f"http://{_HOST}:{port}")
        silent = subprocess.DEVNULL
        process = subprocess.Popen(command(port), env=child_environ(environ), stdout=silent, stderr=silent)  # noqa: S603 - a fixed command
        if _comes_up(process, server):
            return process, server
        process.kill()
        process.wait()
    raise RuntimeError(f"No S3 server started; {advice}.")


def free_port() -> int:
    """Return a loopback port that nobody listens at now."""
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def _comes_up(process: subprocess.Popen[bytes], server: S3Server) -> bool:
    clock = SystemClock()
    deadline = clock.monotonic_s() + _START_S
    while process.poll() is None and clock.monotonic_s() < deadline:
        if server.answers():
            return True
        clock.sleep(_POLL_S)
    return False
