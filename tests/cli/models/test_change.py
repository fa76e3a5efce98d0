"""Commands that change models."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest

from mlflowflow.cli.context import open_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.commands import Terminal


def test_a_model_in_a_directory_is_registered(own: Terminal, tmp_path: Path) -> None:
    """The version carries the digest of its files."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}")
    made = own.mlff("models", "register", str(tmp_path / "model"), "cats", "--json").json
    assert (made["version"], made["source"], len(made["digest"])) == (1, str(tmp_path / "model"), 64)
    assert own.mlff("models", "register", str(tmp_path / "nothing"), "cats").code == 2
    assert len(open_catalog(own.store).get_model("cats").versions) == 1


def test_a_version_goes_to_a_stage_and_archives_who_was_there(own: Terminal) -> None:
    """One decision, with its reason."""
    own.mlff("models", "stage", "digits", "1", "production")
    answer = own.mlff(
        "models", "stage", "digits", "2", "Production", "--archive-existing", "--reason", "better", "--json"
    )
    assert answer.json["stage"] == "Production"
    last = own.mlff("models", "history", "digits", "--json").json[-1]
    assert (last["what"], last["why"]) == ("moved version 2 to stage Production, archiving 1", "better")
    assert own.mlff("models", "stage", "digits", "2", "live").code == 2


def test_tags_are_set_and_removed(own: Terminal) -> None:
    """Of the model or of a version; an empty value removes."""
    assert own.mlff("models", "tag", "digits", "team=vision").lines == ["digits team=vision"]
    own.mlff("models", "tag", "digits", "k=a=b", "--version", "1")
    found = open_catalog(own.store).get_model("digits")
    assert (dict(found.tags), dict(found.versions[0].tags)) == ({"team": "vision"}, {"k": "a=b"})
    own.mlff("models", "tag", "digits", "team=")
    own.mlff("models", "tag", "digits", "k=", "--version", "1")
    found = open_catalog(own.store).get_model("digits")
    assert (dict(found.tags), dict(found.versions[0].tags)) == ({}, {})
    assert own.mlff("models", "tag", "digits", "team").code == 2


@pytest.mark.parametrize("address", ["digits/2", "digits@champion", "models:/digits/latest"])
def test_a_version_is_copied_by_any_address(own: Terminal, address: str) -> None:
    """The copy says what it is a copy of."""
    copied = own.mlff("models", "copy", address, "numbers", "--json").json
    assert (copied["version"], copied["copied_from"]) == (1, "models:/digits/2")


def test_a_model_is_renamed_with_its_history(own: Terminal) -> None:
    """The old name says where it went."""
    assert own.mlff("models", "rename", "digits", "numbers").lines == ["'digits' is 'numbers' now."]
    assert "renamed to 'numbers'" in own.mlff("models", "show", "digits").err
    said = [each["what"] for each in own.mlff("models", "history", "numbers", "--json").json]
    assert said[0] == "registered version 1"
    assert said[-3:] == [
        "renamed the model to numbers",
        "kept the name for the model digits",
        "took over the model digits",
    ]


def test_a_deletion_is_asked_about(own: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says no, or nothing, keeps the model; with --yes nobody asks."""
    for answer in ("n\n", ""):
        monkeypatch.setattr("sys.stdin", StringIO(answer))
        assert own.mlff("models", "delete", "digits").code != 0
    assert len(open_catalog(own.store).get_model("digits").versions) == 2
    assert own.mlff("models", "delete", "digits", "--version", "1", "--yes").lines == [
        "Deleted version 1 of 'digits'."
    ]
    assert own.mlff("models", "delete", "digits", "--yes").lines == [
        "Deleted the model 'digits' with its 1 versions."
    ]
    assert open_catalog(own.store).list_models() == []
    assert own.mlff("models", "delete", "digits", "--yes").code == 2
