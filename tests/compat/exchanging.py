"""Making histories with MLflow, and asking MLflow and this library what is in a store."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.compat.twice import PEER, ROOT

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

HISTORIES: Final = Path(__file__).parent / "histories"
_QUIET: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_ALLOW_FILE_STORE": "true",
}


def make_history(uri: str, folder: Path, *, seed: int) -> None:
    """Let MLflow make a history in a store."""
    _finished([str(PEER), str(HISTORIES / "make_history.py"), uri, str(folder), str(seed)], folder)


def mlflow_tells(uri: str, folder: Path, *options: str) -> dict[str, Any]:
    """Return what MLflow's client says of a store."""
    return _told([str(PEER), str(HISTORIES / "tell_history.py"), uri, *options], folder)


def we_tell(store: Path, *options: str) -> dict[str, Any]:
    """Return what our client says of a store."""
    script = str(HISTORIES / "tell_history.py")
    return _told([sys.executable, "-m", "mlflowflow.as_mlflow", script, str(store), *options], store.parent)


def mlff(*arguments: str, store: Path) -> dict[str, Any]:
    """Run our command with ``--json`` and return its report; what is named in it is no error."""
    command = [
        sys.executable,
        "-c",
        "from mlflowflow.cli.main import main; main()",
        *arguments,
        "--store",
        str(store),
        "--json",
    ]
    found: dict[str, Any] = json.loads(_finished(command, store.parent, allowed=(0, 1)))
    return found


@contextmanager
def killed_after(seconds: float, *arguments: str, store: Path) -> Generator[int]:
    """Run our command and kill it in the middle; give what it ended with."""
    command = [
        sys.executable,
        "-c",
        "from mlflowflow.cli.main import main; main()",
        *arguments,
        "--store",
        str(store),
    ]
    process = subprocess.Popen(
        command, cwd=store.parent, env=_environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    yield process.wait()


@contextmanager
def server(database: Path, folder: Path) -> Generator[str]:
    """Run an MLflow server on an empty database, and give its address."""
    shutil.copy(database, folder / "server.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(str(PEER.parent / "mlflow"), "server", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder / 'server.db'}"),
        *("--artifacts-destination", str(folder / "mlartifacts")),
    ]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=_environ(), stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield _answering(f"http://127.0.0.1:{port}", process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _answering(url: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(300):
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):
                return url
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


def _environ() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW", "GIT_"))}
    return {**kept, **_QUIET, "PYTHONPATH": str(ROOT)}


def _finished(command: Sequence[str], folder: Path, *, allowed: Sequence[int] = (0,)) -> str:
    done = subprocess.run(
        command, cwd=folder, env=_environ(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode in allowed, done.stderr[-4000:]
    return done.stdout


def _told(command: Sequence[str], folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_finished(command, folder).splitlines()[-1])
    return found
