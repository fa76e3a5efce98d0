"""A Dask scheduler and its workers as processes of their own, as an administrator starts them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import distributed

from mlflowflow.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

_PROGRAM = Path(sys.executable).parent / "dask"


class DaskProcesses:
    """`dask scheduler` and some `dask worker`; a context, at whose end none of them is left."""

    def __init__(self, folder: Path, *, workers: int, options: tuple[str, ...] = ("--nthreads", "1")) -> None:
        """Start the scheduler and `workers` with `options`; they keep their files in `folder`."""
        self._folder = folder
        self._options = options
        self.address = f"tcp://127.0.0.1:{_free_port()}"
        port = self.address.rsplit(":", 1)[1]
        self._scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        self._workers: list[subprocess.Popen[bytes]] = []
        for _ in range(workers):
            self.start_worker()

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [_PROGRAM, *arguments],
            cwd=self._folder,
            env={**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker, with its nanny."""
        worker = self._start("worker", self.address, "--host", "127.0.0.1", "--no-dashboard", *self._options)
        self._workers.append(worker)
        return worker

    def client(self) -> distributed.Client:
        """Connect, as soon as the scheduler answers and all workers are there."""
        clock = SystemClock()
        deadline = clock.monotonic_s() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", int(self.address.rsplit(":", 1)[1])), 1).close()
                break
            except OSError:
                assert clock.monotonic_s() < deadline
                clock.sleep(0.1)
        client = distributed.Client(self.address, set_as_default=False, timeout=4)
        if self._workers:
            client.wait_for_workers(len(self._workers), timeout=60)
        return client

    def worker_pids(self, *, with_nannies: bool) -> list[int]:
        """Return the processes that run tasks, or those that watch over them, as far as they live."""
        nannies = [each.pid for each in self._workers if each.poll() is None]
        if with_nannies:
            return nannies
        parents = {int(stat.parent.name): _parent(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
        return [pid for pid, parent in parents.items() if parent in nannies and "spawn_main" in _command(pid)]

    def kill_workers(self) -> None:
        """End all workers and their nannies without a word."""
        for process in self._workers:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)

    def kill_scheduler(self) -> None:
        """End the scheduler without a word."""
        self._scheduler.kill()
        self._scheduler.wait(30)

    def __enter__(self) -> Self:
        """Be there."""
        return self

    def __exit__(self, *_: object) -> None:
        """End everything."""
        for process in (*self._workers, self._scheduler):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def wait_until(question: Callable[[], bool], *, seconds: float = 60) -> None:
    """Ask until the answer is yes."""
    clock = SystemClock()
    deadline = clock.monotonic_s() + seconds
    while not question():
        assert clock.monotonic_s() < deadline, "it did not happen in time"
        clock.sleep(0.05)


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
