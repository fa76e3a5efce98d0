"""A server in a process of its own, at a free port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_LIMIT_S = 90


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server: its process and its address."""

    process: subprocess.Popen[str]
    url: str

    @property
    def api(self) -> str:
        """What MLflow's routes begin with."""
        return f"{self.url}/api/2.0/mlflow"

    def kill(self) -> None:
        """End it as a crash does."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(_LIMIT_S)

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_LIMIT_S)


@contextmanager
def served(store: Path, *options: str, command: str = "server") -> Generator[Served]:
    """Start ``mlff server``, or ``mlff ui``, and end it, whatever happens."""
    program = "from mlflowflow.cli.main import main; main()"
    line = [sys.executable, "-c", program, command, "--store", str(store), "--port", "0", *options]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().partition(" ")[0]
            _wait_for(f"{url}/health")
            yield Served(process=process, url=url)
        finally:
            if process.poll() is None:
                process.kill()


def _wait_for(url: str) -> None:
    until = time.monotonic() + _LIMIT_S
    while time.monotonic() < until:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(url)
