"""A server as its manual starts it, and clients that wait for its answers; standard library alone."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from benchmarks.programs.stopwatch import held_mib

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

_PATH: Final = "/api/2.0/mlflow/"
#: Whatever does not answer for so long has failed.
LIMIT_S: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: its port and its first process."""

    port: int
    pid: int

    def peak_mib(self) -> float:
        """Return the most memory that each of its processes has had, in all."""
        return sum(held_mib("VmHWM", pid) for pid in _family(self.pid))

    def resident_mib(self) -> float:
        """Return the memory that its processes hold now."""
        return sum(held_mib("VmRSS", pid) for pid in _family(self.pid))

    def cpu_s(self) -> float:
        """Return how long its processes have computed, the kernel's work for them included."""
        return sum(map(_cpu_s, _family(self.pid)))


class Client:
    """One connection that stays open, as MLflow's clients keep theirs."""

    def __init__(self, port: int) -> None:
        """Connect to a server of this machine."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)

    def post(self, path: str, body: bytes) -> Any:
        """Send `body` and return what the answer says. Raises `RuntimeError` for a refusal."""
        try:
            answer = self._answer(path, body)
        except ConnectionError:  # it was idle for too long; the next one is opened by itself
            self._connection.close()
            answer = self._answer(path, body)
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
        return json.loads(text)

    def _answer(self, path: str, body: bytes) -> http.client.HTTPResponse:
        self._connection.request("POST", _PATH + path, body, {"Content-Type": "application/json"})
        return self._connection.getresponse()

    def begin(self) -> str:
        """Begin a run and return its id."""
        body = {"experiment_id": "0", "start_time": 1_700_000_000_000, "run_name": "measured"}
        return str(self.post("runs/create", json.dumps(body).encode())["run"]["info"]["run_id"])


@contextmanager
def running(kind: str, store: str, *, python: str = sys.executable) -> Generator[Server]:
    """Start the server `kind` ("mlff" or "mlflow") of an interpreter on what is in the folder `store`, and end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            _command(kind, store, port, python), stdout=subprocess.DEVNULL, stderr=said, cwd=store
        ) as process,
    ):
        try:
            _wait_for(port, process, said)
            yield Server(port=port, pid=process.pid)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def at_once(work: Sequence[Callable[[], object]]) -> float:
    """Do all of `work` at once, each in a thread, and return how many seconds it took.

    Raises what one of them raised: work that failed took no time.
    """
    with ThreadPoolExecutor(len(work)) as pool:
        began = time.perf_counter()
        for each in [pool.submit(each) for each in work]:
            each.result()
        return time.perf_counter() - began


def _command(kind: str, store: str, port: int, python: str) -> list[str]:
    if kind == "mlff":
        return [python, "-m", "mlflowflow", "server", "--store", store, "--port", str(port)]
    program = str(Path(python).parent / "mlflow")
    return [program, "server", "--backend-store-uri", f"sqlite:///{store}/mlflow.db", "--port", str(port)]


def _wait_for(port: int, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)  # noqa: TID251 - it waits for another program
    said.seek(0)
    raise RuntimeError(f"No server answers at port {port}; it said:\n{said.read().decode()[-2_000:]}")


def _family(pid: int) -> Iterable[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _family(int(child))


def _cpu_s(pid: int) -> float:
    # what comes before the last bracket is a name, in which anything may be
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
