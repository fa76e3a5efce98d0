"""MLflow's programs in processes of their own: its client, and its server on any store."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_BIN: Final = Path(sys.executable).parent
_HERE: Final = Path(__file__).parent
HISTORY: Final = _HERE / "scripts" / "history.py"
SESSION: Final = _HERE.parent / "server" / "scripts" / "session.py"
#: What MLflow's own server with its database answers to the session.
SESSION_EXPECTED: Final = SESSION.with_suffix(".json")
_QUIET: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
_LIMIT_S: Final = 120


def environ(**extra: str) -> dict[str, str]:
    """Return this environment without what it says to MLflow or to us."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW", "_MLFLOW"))}
    return {**kept, **_QUIET, **extra}


def answers(script: Path, *arguments: str, uri: str, folder: Path) -> Any:
    """Run a program of MLflow's client and return what it tells."""
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=folder,
        env=environ(MLFLOW_TRACKING_URI=uri),
        capture_output=True,
        text=True,
        check=False,
        timeout=560,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    return json.loads(done.stdout.rpartition("\x1e")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: its address, and the file that it writes to."""

    url: str
    log: Path


@contextmanager
def server_on(uri: str, folder: Path, *, workers: int = 1) -> Generator[Server]:
    """Start ``mlflow server`` on a store, and end it whatever happens."""
    with _running(
        [str(_BIN / "mlflow"), "server", "--backend-store-uri", uri, "--workers", str(workers)], folder
    ) as server:
        yield server


@contextmanager
def own_server_on(store: Path, folder: Path, *options: str) -> Generator[Server]:
    """Start ``mlff server`` on a store, and end it whatever happens."""
    command = [sys.executable, "-m", "mlflowflow", "server", "--store", str(store), *options]
    with _running(command, folder) as server:
        yield server


@contextmanager
def _running(command: Sequence[str], folder: Path) -> Generator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(url=f"http://127.0.0.1:{port}", log=folder / f"server-{port}.txt")
    with (
        server.log.open("w") as log,
        subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=folder,
            env=environ(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            _wait_for(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _LIMIT_S
    while time.monotonic() < until:
        assert process.poll() is None, server.log.read_text()[-4000:]
        try:
            with urlopen(f"{server.url}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(server.url)
