"""``mlff events``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.cli.commands import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Small


def test_events_are_listed_with_what_they_are_about(terminal: Terminal, small: Small) -> None:
    """The id is there to ask for one by name."""
    assert terminal.mlff("events", "list").lines == [
        "when event about id",
        f"2023-11-14T22:15:21Z mlff.candidate.ready models:/digits/2 {small.event_id}",
    ]


def test_machines_get_the_payload(terminal: Terminal, small: Small) -> None:
    """Whatever was recorded comes out again."""
    assert terminal.mlff("events", "list", "--json").json == [
        {
            "id": small.event_id,
            "name": "mlff.candidate.ready",
            "subject": "models:/digits/2",
            "occurred": "2023-11-14T22:15:21Z",
            "payload": {"version": 2},
            "follows": None,
        }
    ]


def test_events_of_another_name_are_left_out(terminal: Terminal) -> None:
    """Nothing found is a sentence."""
    assert terminal.mlff("events", "list", "--name", "mlff.data.arrived").lines == [
        "There are no such events."
    ]


def test_a_store_without_a_journal_has_no_events(tmp_path: Path) -> None:
    """An empty folder is no error."""
    assert Terminal(store=str(tmp_path)).mlff("events", "list", "--json").json == []


def test_a_relay_without_a_server_says_how_to_start_one(terminal: Terminal) -> None:
    """Exit code 1; no temporary server is started that nobody listens to."""
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        answer = terminal.mlff("events", "relay")
    assert (answer.code, answer.out) == (1, "")
    assert "Error: There is no Prefect server to offer events to." in answer.err
    assert "prefect server start" in answer.err


@pytest.mark.parametrize("path", ["api", "api/"])
def test_a_relay_to_a_dead_server_names_its_address(terminal: Terminal, path: str) -> None:
    """Nothing counts as offered."""
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:9/{path}"}):
        answer = terminal.mlff("events", "relay")
    assert (answer.code, answer.out) == (1, "")
    assert "Error: No Prefect API answers at 'http://127.0.0.1:9/api" in answer.err
