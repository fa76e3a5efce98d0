"""Exactly one Prefect API."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_HOME,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)

from mlflowflow.clock import SystemClock
from mlflowflow.errors import OrchestratorUnavailable
from mlflowflow.orchestration.prefect_api import check_answers, configured_api, one_api, temporary_server
from tests.system.programs import descendants

if TYPE_CHECKING:
    from collections.abc import Iterator

DEAD = "http://127.0.0.1:9/api"


def servers() -> set[int]:
    """Return the Prefect servers that this process has started, directly or through others."""
    lines = {pid: Path(f"/proc/{pid}/cmdline") for pid in descendants(os.getpid())}
    return {pid for pid, line in lines.items() if b"prefect.server" in _read(line)}


def _read(line: Path) -> bytes:
    try:
        return line.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.fixture
def nowhere() -> Iterator[None]:
    """Take the configured API away."""
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        yield


def test_a_configured_api_is_used_and_nothing_is_started(prefect_api: str) -> None:
    """While it is in use, no process may start a server of its own."""
    before = servers()
    with one_api() as url:
        assert (url, servers()) == (prefect_api, before)
        assert PREFECT_SERVER_ALLOW_EPHEMERAL_MODE.value() is False


def test_the_temporary_servers_address_is_in_use_while_it_runs(prefect_api: str) -> None:
    """The shared one of these tests is such a server: it is loopback only and answers."""
    assert prefect_api.startswith("http://127.0.0.1:")
    assert configured_api() == prefect_api
    check_answers(prefect_api)


def test_a_dead_api_is_refused_with_the_next_step() -> None:
    """Nothing waits for a server that is not there, and none is started in its place."""
    before = servers()
    with (
        temporary_settings({PREFECT_API_URL: DEAD}),
        pytest.raises(
            OrchestratorUnavailable, match=f"No Prefect API answers at '{DEAD}'.*prefect server start"
        ),
        one_api(),
    ):
        pass
    assert servers() == before


@pytest.mark.usefixtures("nowhere")
def test_without_a_configured_api_there_is_none() -> None:
    """The default is no address, not a guess."""
    assert configured_api() is None


@pytest.mark.usefixtures("nowhere")
def test_a_server_that_does_not_come_up_in_time_is_ended(tmp_path: Path) -> None:
    """The sentence says what to do instead, and no process is left."""
    before = servers()
    with (
        temporary_settings({PREFECT_HOME: tmp_path}),
        pytest.raises(OrchestratorUnavailable, match=r"did not answer within 0 s.*prefect server start"),
        temporary_server(clock=SystemClock(), start_seconds=0),
    ):
        pass
    assert servers() == before
