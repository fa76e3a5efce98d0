"""An S3 server for tests: moto in a process of its own.

It keeps nothing on disk and ends with the block that started it. What this process and its
children need in their environment to talk to it is in `S3Server.environ`; setting it is left to
the test, because the library does not change the environment.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

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
                "AWS_SECRET_ACCESS_KEY": "test",  # noqa: S106 - moto takes any
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true",
            }
        )

    def create_bucket(self, name: str) -> str:
        """Make the bucket `name` and return its address."""
        request = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT")
        with urllib.request.urlopen(request):  # noqa: S310 - the address is our own loopback server
            return f"s3://{name}"


@contextmanager
def s3_server() -> Generator[S3Server]:
    """Run a server on a free loopback port for the length of the block.

    Raises RuntimeError if none starts; the package ``moto[s3,server]`` must be installed.
    """
    process, server = _started()
    try:
        yield server
    finally:
        process.terminate()
        process.wait()


def _started() -> tuple[subprocess.Popen[bytes], S3Server]:
    for _ in range(_PORTS_TRIED):
        port = _free_port()
        server = S3Server(endpoint=f"http://{_HOST}:{port}")
        command = (sys.executable, "-m", "moto.server", "-H", _HOST, "-p", str(port))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - a fixed command
        if _answers(process, server):
            return process, server
        process.kill()
        process.wait()
    raise RuntimeError("No S3 server started; install 'moto[s3,server]' or try again.")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(process: subprocess.Popen[bytes], server: S3Server) -> bool:
    clock = SystemClock()
    deadline = clock.monotonic_s() + _START_S
    while process.poll() is None and clock.monotonic_s() < deadline:
        try:
            with urllib.request.urlopen(f"{server.endpoint}/moto-api/"):  # noqa: S310 - our own loopback server
                return True
        except (urllib.error.URLError, ConnectionError):
            clock.sleep(_POLL_S)
    return False
