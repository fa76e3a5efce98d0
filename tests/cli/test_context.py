"""The store that commands look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.cli.context import open_catalog, open_journal, open_tracker, settings_for
from tests.cli.commands import mlff

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Small


def test_the_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed counts."""
    monkeypatch.setenv("MLFLOWFLOW_TRACKING_URI", "from-environment")
    assert settings_for("typed").tracking_uri == "typed"
    assert settings_for(None).tracking_uri == "from-environment"


def test_without_both_the_store_is_the_folder_that_runs_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A script's runs are found by a command in the same folder."""
    monkeypatch.chdir(tmp_path)
    with open_tracker(None) as tracker:
        assert tracker.uri == str(tmp_path / "mlff-data")


def test_the_registry_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small: Small) -> None:
    """Runs and models of one team can be in two stores."""
    monkeypatch.setenv("MLFLOWFLOW_TRACKING_URI", str(tmp_path))
    monkeypatch.setenv("MLFLOWFLOW_REGISTRY_URI", small.url)
    assert [model.name for model in open_catalog(None).list_models()] == ["digits"]
    assert open_catalog(str(tmp_path)).list_models() == []


def test_decisions_are_made_in_the_name_of_the_user() -> None:
    """The history names who typed the command."""
    assert open_catalog("memory://somewhere").actor == "ada"


def test_the_journal_is_the_stores(small: Small) -> None:
    """Events are looked up where they were recorded."""
    assert [event.id for event in open_journal(small.url).list()] == [small.event_id]


@pytest.mark.parametrize("command", [("runs", "list"), ("models", "list"), ("events", "list")])
def test_an_address_nobody_understands_is_refused_with_the_forms_that_are(command: tuple[str, str]) -> None:
    """One sentence, exit code 2."""
    answer = mlff(*command, "--store", "gopher://x")
    assert answer.code == 2
    assert answer.err.startswith("Error: 'gopher://x' is not an address that can be used here; expected")
