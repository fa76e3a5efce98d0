"""Tests of the changes: each kind is written and read back, and wrong ones do not come into being."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.events.canonical import to_bytes
from mlflowflow.registry.change import (
    AliasMoved,
    Change,
    ModelCreated,
    ModelTagSet,
    Promoted,
    StageTransitioned,
    VersionCreated,
    from_json,
    to_json,
)
from mlflowflow.registry.version import Stage
from tests.registry.strategies import any_change


@given(any_change)
def test_every_change_is_read_back(change: Change) -> None:
    """Writing a change as JSON text and reading it are inverses, for every kind."""
    assert from_json(json.loads(to_bytes(to_json(change)))) == change


def test_every_kind_has_a_name_of_its_own() -> None:
    """No two kinds of change can be confused in a log."""
    kinds = [each.kind for each in get_args(Change)]
    assert len(set(kinds)) == len(kinds) == 21


@pytest.mark.parametrize("value", [None, [], {}, {"kind": "model.melted"}, {"kind": ["model.deleted"]}])
def test_an_unknown_kind_is_named_with_its_place(value: object) -> None:
    """A change that this release does not know is never skipped in silence."""
    with pytest.raises(CorruptData, match=r"'log/7' cannot be read: this release does not know"):
        from_json(value, key="log/7")


def test_a_missing_field_is_named() -> None:
    """Half a change is not read as one."""
    with pytest.raises(CorruptData, match="version"):
        from_json({"kind": "version.deleted"})


@pytest.mark.parametrize("alias", ["", "a b", "a/b", "latest", "LATEST", "v3", "V12", "x" * 256])
def test_an_alias_that_reads_as_something_else_is_refused(alias: str) -> None:
    """Aliases follow MLflow's rules, however they are moved."""
    with pytest.raises(InvalidInput, match="cannot be an alias"):
        AliasMoved(alias=alias, version=1)
    with pytest.raises(InvalidInput, match="cannot be an alias"):
        Promoted(alias=alias, version=1, verdict="ab")


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 251])
def test_a_tag_without_a_proper_name_is_refused(key: str) -> None:
    """Tags have names that can be shown."""
    with pytest.raises(InvalidInput, match="A tag cannot be called"):
        ModelTagSet(key=key, value="x")
    with pytest.raises(InvalidInput, match="A tag cannot be called"):
        ModelCreated(tags={key: "x"})
    with pytest.raises(InvalidInput, match="A tag cannot be called"):
        VersionCreated(version=1, source="s", tags={key: "x"})


def test_tags_are_copied() -> None:
    """Changing the caller's dictionary afterwards changes no decision."""
    tags = {"a": "1"}
    change = ModelCreated(tags=tags)
    tags["a"] = "2"
    assert change.tags == {"a": "1"}


def test_a_stage_is_written_as_its_word() -> None:
    """The log reads in MLflow's words."""
    assert to_json(StageTransitioned(version=1, stage=Stage.PRODUCTION))["stage"] == "Production"
