"""Tests of entries, the chain between them, and snapshots of positions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData
from mlflowflow.events.canonical import sealed
from mlflowflow.registry.change import (
    AliasMoved,
    Change,
    ModelCreated,
    ModelDeleted,
    VersionCreated,
    VersionDeleted,
    from_json,
)
from mlflowflow.registry.entry import Entry, Position, read_entry, read_snapshot, write_snapshot
from mlflowflow.registry.state import ModelState
from tests.registry.strategies import any_change, texts

START = Position(state=ModelState(name="digits"))
CHANGES = (
    ModelCreated(tags={"a": "ü"}),
    VersionCreated(version=1, source="s", tags={"b": "2"}),
    VersionCreated(version=2, source="s"),
    AliasMoved(alias="champion", version=1),
    AliasMoved(alias="champion", version=2, previous=1),
)


def following(position: Position, change: Change, *, idem: str | None = None) -> Entry:
    """Build the entry that follows `position`."""
    entry = Entry(
        model="digits",
        seq=position.seq + 1,
        at_us=7,
        actor="ada",
        change=change,
        prev=position.head,
        idem=idem,
    )
    return read_entry("key", entry.to_bytes())


def position_after(*changes: Change) -> Position:
    """Fold `changes`, each asked for under a key of its own."""
    position = START
    for number, change in enumerate(changes):
        position = position.after(following(position, change, idem=f"k{number}"), key="key")
    return position


@given(any_change, texts, texts, st.none() | texts)
def test_an_entry_is_read_back(change: Change, actor: str, reason: str, idem: str | None) -> None:
    """Nothing of a decision is lost in the log."""
    entry = Entry(
        model="m", seq=3, at_us=5, actor=actor, change=change, reason=reason, idem=idem, prev="p", token="t"
    )
    assert read_entry("key", entry.to_bytes()) == entry


def test_an_entry_knows_its_own_digest() -> None:
    """The digest that the next entry names is that of the bytes in the log."""
    first = following(START, CHANGES[0])
    assert following(START.after(first, key="key"), CHANGES[1]).prev == first.digest != ""


def test_a_sealed_object_that_is_no_entry_is_refused() -> None:
    """A foreign object in the log's folder is named."""
    with pytest.raises(CorruptData, match=r"'log/0' cannot be read: it is not an entry"):
        read_entry("log/0", sealed({"seq": 1}))


NEXT = following(position_after(*CHANGES), VersionDeleted(version=1))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (replace(NEXT, prev="0" * 64), "does not continue the entry before it"),
        (replace(NEXT, seq=7), "holds entry 7"),
        (replace(NEXT, model="churn"), "of model 'churn'"),
        (replace(NEXT, at_us=6), "dated before"),
        (replace(NEXT, idem="k1"), "repeats request 'k1' of entry 1"),
        (replace(NEXT, change=VersionDeleted(version=9)), "not allowed where it stands"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_entry_that_cannot_follow_is_refused(entry: Entry, reason: str) -> None:
    """Entries are not moved, dropped, re-dated, repeated or invented without it showing."""
    position = position_after(*CHANGES)
    position.after(NEXT, key="key")
    with pytest.raises(CorruptData, match=reason):
        position.after(entry, key="key")


@pytest.mark.parametrize("count", range(len(CHANGES) + 1))
def test_a_snapshot_is_read_back(count: int) -> None:
    """A position is the same whether it was folded or read from a snapshot."""
    position = position_after(*CHANGES[:count])
    assert read_snapshot("key", write_snapshot(position)) == position


def test_equal_positions_give_equal_snapshots() -> None:
    """Anyone may write a snapshot, because everyone writes the same bytes."""
    assert write_snapshot(position_after(*CHANGES)) == write_snapshot(position_after(*CHANGES))


def test_what_the_first_release_wrote_leads_to_the_snapshots_it_wrote() -> None:
    """It wrote "" for a description that nobody gave, of models too; otherwise its snapshots would look damaged."""
    born = from_json(
        {
            "kind": "version.created",
            "version": 1,
            "source": "s",
            "run_id": None,
            "digest": None,
            "signature": None,
            "tags": {},
            "description": "",
        }
    )
    state = json.loads(write_snapshot(position_after(born)))["position"]["state"]
    assert (state["description"], state["versions"]["1"]["description"]) == ("", "")
    gone = json.loads(write_snapshot(position_after(ModelCreated(), ModelDeleted())))["position"]["state"]
    assert gone["description"] == ""


def test_a_snapshot_of_another_format_is_not_read() -> None:
    """A later release may change the shape of snapshots."""
    with pytest.raises(CorruptData, match="snapshots of format 2"):
        read_snapshot("key", sealed({"format": 2, "position": {}}))
