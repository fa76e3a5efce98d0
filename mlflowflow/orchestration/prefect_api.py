"""Exactly one Prefect API for a flow and all its workers.

Left alone, every process that imports Prefect without ``PREFECT_API_URL`` starts a temporary server
of its own: the flow, and each Dask worker. Here there is one: the API that ``PREFECT_API_URL``
names, or one temporary server on loopback that ends with this process, however it ends. Its address
travels to the workers with the flow's settings.

The temporary server keeps its data where ``prefect server start`` looks for it, so finished flows
can be browsed later.
"""

from __future__ import annotations

import socket
import sys
from collections import deque
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import prefect
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    get_current_settings,
    temporary_settings,
)

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.config import child_environ
from mlflowflow.errors import OrchestratorUnavailable
from mlflowflow.orchestration.process import SupervisedProcess

if TYPE_CHECKING:
    from collections.abc import Generator

_START_SECONDS: Final = 120.0
_ANSWER_SECONDS: Final = 5.0
_STOP_GRACE_SECONDS: Final = 5.0

#: Prefect's recorder writes one row at a time by default; in batches it keeps up with a sweep.
SERVER_SETTINGS: Final = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}


@contextmanager
def one_api(*, clock: Clock | None = None) -> Generator[str]:
    """Yield the URL of the one API in use, starting a temporary server if none is configured.

    Raises `OrchestratorUnavailable` if the configured one does not answer, or if the temporary one
    does not start.
    """
    configured = PREFECT_API_URL.value()
    if configured:
        check_answers(configured)
        with temporary_settings({PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False}):
            yield configured
        return
    with (
        temporary_server(clock=clock or SystemClock()) as url,
        temporary_settings({PREFECT_API_URL: url, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False}),
    ):
        yield url


def configured_api() -> str | None:
    """Return the API that the environment or the Prefect profile names, or None."""
    return PREFECT_API_URL.value() or None


def check_answers(url: str) -> None:
    """Return if the Prefect API at `url` is healthy, else raise `OrchestratorUnavailable`."""
    try:
        httpx.get(f"{url.rstrip('/')}/health", timeout=_ANSWER_SECONDS).raise_for_status()
    except httpx.HTTPError as error:
        raise OrchestratorUnavailable(
            f"No Prefect API answers at '{url}' (PREFECT_API_URL): {error}. Start one with "
            "'prefect server start', or unset PREFECT_API_URL to use a temporary server."
        ) from error


@contextmanager
def temporary_server(*, clock: Clock, start_seconds: float = _START_SECONDS) -> Generator[str]:
    """Run a Prefect server on a free loopback port and yield its API URL; it cannot be orphaned."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}/api"
    server = SupervisedProcess(
        _server_command(port), cwd=Path.cwd(), env=_server_env(), grace_s=_STOP_GRACE_SECONDS
    )
    try:
        _wait_until_healthy(server, url, clock=clock, start_seconds=start_seconds)
        yield url
    finally:
        server.close()


def _server_command(port: int) -> list[str]:
    return [
        sys.executable,
        *("-m", "uvicorn", "--app-dir", str(Path(prefect.__file__).parent)),
        *("--factory", "prefect.server.api.server:create_app"),
        *("--host", "127.0.0.1", "--port", str(port)),
        # One line at most: the server's own logging is Prefect's business, and nobody reads this pipe.
        *("--log-level", "error", "--timeout-keep-alive", "10"),
    ]


def _server_env() -> dict[str, str]:
    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    return child_environ(
        {**settings, **SERVER_SETTINGS, "PREFECT_UI_ENABLED": "false", "PREFECT__SERVER_FINAL": "1"}
    )


def _wait_until_healthy(server: SupervisedProcess, url: str, *, clock: Clock, start_seconds: float) -> None:
    deadline = clock.monotonic_s() + start_seconds
    while clock.monotonic_s() < deadline:
        if server.poll() is not None:
            lines = b"".join(deque(server.output, maxlen=5)).decode(errors="replace")
            raise OrchestratorUnavailable(
                f"The temporary Prefect server did not start (exit code {server.poll()}). "
                f"Run 'prefect server start' to see why. Its last lines were:\n{lines}"
            )
        try:
            httpx.get(f"{url}/health", timeout=1).raise_for_status()
        except httpx.HTTPError:
            clock.sleep(0.1)
        else:
            return
    raise OrchestratorUnavailable(
        f"The temporary Prefect server did not answer within {start_seconds:g} s. Start one yourself "
        "with 'prefect server start' and set PREFECT_API_URL to its address."
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
