"""Commands that change models."""

from __future__ import annotations

import json
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


def test_machines_are_told_what_became_of_it(own: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every change answers in JSON, and a question does not get between the lines of it."""
    assert own.mlff("models", "tag", "digits", "team=vision", "--json").json["tags"] == {"team": "vision"}
    assert own.mlff("models", "tag", "digits", "k=1", "--version", "1", "--json").json["tags"] == {"k": "1"}
    renamed = own.mlff("models", "rename", "digits", "numbers", "--json").json
    assert (renamed["name"], [each["version"] for each in renamed["versions"]]) == ("numbers", [1, 2])
    monkeypatch.setattr("sys.stdin", StringIO("y\n"))
    deleted = own.mlff("models", "delete", "numbers", "--version", "1", "--json")
    assert (deleted.code, json.loads(deleted.out)) == (0, {"name": "numbers", "version": 1, "deleted": True})
    gone = own.mlff("models", "delete", "numbers", "--yes", "--json").json
    assert gone == {"name": "numbers", "version": None, "deleted": True}


def test_a_version_is_downloaded_as_it_was_registered(own: Terminal, tmp_path: Path) -> None:
    """The folder has its files; files that changed since are refused."""
    source = tmp_path / "model"
    (source / "data").mkdir(parents=True)
    (source / "MLmodel").write_text("flavors: {}")
    (source / "data" / "weights").write_bytes(b"\x00\x01")
    own.mlff("models", "register", str(source), "cats")
    first, second = tmp_path / "first", tmp_path / "second"
    assert own.mlff("models", "download", "cats/1", str(first)).lines == [f"models:/cats/1 is in '{first}'."]
    assert (first / "data" / "weights").read_bytes() == b"\x00\x01"
    told = own.mlff("models", "download", "cats/1", str(second), "--json").json
    assert (told["version"], told["folder"], (second / "MLmodel").read_text()) == (
        1,
        str(second),
        "flavors: {}",
    )
    (source / "data" / "weights").write_bytes(b"\x00\x02")
    refused = own.mlff("models", "download", "cats/1", str(tmp_path / "third"))
    assert refused.code == 1
    assert "was registered as version 1 of 'cats'" in refused.err
    assert own.mlff("models", "download", "cats/9", str(tmp_path / "third")).code == 2
