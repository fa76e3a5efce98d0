"""Servers and clusters that system tests talk to, started once per test process."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.system.programs import SCRIPTS, Bench, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give Prefect a home of its own, so that tests leave the user's alone."""
    return tmp_path_factory.mktemp("prefect-home")


@pytest.fixture(scope="session")
def prefect_api(prefect_home: Path) -> Iterator[str]:
    """Run `prefect server start` and give its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    server = subprocess.Popen(
        [SCRIPTS / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, "PREFECT_HOME": str(prefect_home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: answers(url), seconds=180)
        yield url
    finally:
        server.terminate()
        server.wait(60)


def answers(url: str) -> bool:
    """Answer whether a Prefect API is healthy."""
    try:
        return httpx.get(f"{url}/health", timeout=2).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def dask_address(prefect_home: Path) -> Iterator[str]:
    """Run a `dask scheduler` and two `dask worker` processes by hand and give the scheduler's address."""
    address = f"tcp://127.0.0.1:{free_port()}"
    env = {**os.environ, "PREFECT_HOME": str(prefect_home)}
    port = address.rsplit(":", 1)[1]
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"]
    worker = ["worker", address, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
    started = [
        subprocess.Popen(
            [SCRIPTS / "dask", *command], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in (scheduler, worker, worker)
    ]
    try:
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(60)


@pytest.fixture
def bench(tmp_path: Path, prefect_home: Path, prefect_api: str) -> Bench:
    """Give a folder to work in, with the shared Prefect server."""
    return Bench(folder=tmp_path, environ={"PREFECT_HOME": str(prefect_home), "PREFECT_API_URL": prefect_api})


@pytest.fixture
def lonely_bench(tmp_path: Path, prefect_home: Path) -> Bench:
    """Give a folder to work in, without any Prefect server."""
    home = prefect_home / f"lonely-{time.monotonic_ns()}"
    return Bench(folder=tmp_path, environ={"PREFECT_HOME": str(home)})
