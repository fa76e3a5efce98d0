"""Tests of the transition table, row by row."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import AlreadyExists, InvalidInput, InvalidState, MlflowflowError, NotFound
from mlflowflow.registry.change import (
    AliasMoved,
    AliasRemoved,
    Change,
    GateEvaluated,
    ModelCreated,
    ModelDeleted,
    ModelDescribed,
    ModelTagDeleted,
    ModelTagSet,
    Promoted,
    RolledBack,
    StageTransitioned,
    VersionCreated,
    VersionDeleted,
    VersionDescribed,
    VersionTagDeleted,
    VersionTagSet,
)
from mlflowflow.registry.state import ModelState
from mlflowflow.registry.transitions import apply, rollback, transition
from mlflowflow.registry.version import Stage
from tests.registry.strategies import any_change

EMPTY = ModelState(name="digits")


def after(*changes: Change, state: ModelState = EMPTY) -> ModelState:
    """Return the state after `changes`, one millisecond apart from 1 ms on."""
    return reduce(
        lambda now, step: apply(now, step[1], at_us=step[0] * 1000), enumerate(changes, start=1), state
    )


def versions(count: int) -> tuple[VersionCreated, ...]:
    """Build the first `count` versions."""
    return tuple(VersionCreated(version=number, source=f"s{number}") for number in range(1, count + 1))


def moves(*holders: int, alias: str = "champion") -> tuple[AliasMoved, ...]:
    """Build the moves of an alias from holder to holder."""
    pairs = pairwise((None, *holders))
    return tuple(AliasMoved(alias=alias, version=to, previous=by) for by, to in pairs if to is not None)


# ---- models ------------------------------------------------------------------------------------------------


def test_a_model_is_created_once() -> None:
    """A name is taken by the first who takes it."""
    created = after(ModelCreated(description="d", tags={"a": "1"}))
    assert (created.exists, created.description, created.tags) == (True, "d", {"a": "1"})
    with pytest.raises(AlreadyExists, match="registered model 'digits'"):
        after(ModelCreated(), state=created)


@pytest.mark.parametrize(
    "change",
    [
        ModelDescribed(description="d"),
        ModelTagSet(key="a", value="1"),
        ModelTagDeleted(key="a"),
        ModelDeleted(),
        VersionDeleted(version=1),
        AliasRemoved(alias="champion"),
        *moves(1),
    ],
)
def test_what_does_not_exist_cannot_be_changed(change: Change) -> None:
    """Everything but a creation needs the model."""
    with pytest.raises(NotFound, match="registered model 'digits'"):
        after(change)


def test_a_model_is_described_and_tagged() -> None:
    """Each of these touches its own field; removing an absent tag is fine."""
    state = after(
        ModelCreated(),
        ModelDescribed(description="d"),
        ModelTagSet(key="a", value="1"),
        ModelTagSet(key="b", value="2"),
        ModelTagDeleted(key="a"),
        ModelTagDeleted(key="a"),
    )
    assert (state.description, state.tags) == ("d", {"b": "2"})


def test_a_deleted_model_leaves_only_its_numbering() -> None:
    """A number that was given once never names another version."""
    state = after(*versions(2), *moves(1), ModelDeleted())
    assert state == ModelState(name="digits", last_version=2, last_updated_time=4)
    again = after(ModelCreated(), VersionCreated(version=3, source="s"), state=state)
    assert (again.exists, list(again.versions), again.aliases, again.former) == (True, [3], {}, {})


def test_times_are_those_of_the_changes() -> None:
    """Creation and update are dated in milliseconds, of the model and of the version."""
    state = after(*versions(2), VersionDescribed(version=1, description="d"))
    first, second = state.version(1), state.version(2)
    assert (state.creation_time, state.last_updated_time) == (1, 3)
    assert (first.creation_time, first.last_updated_time, second.last_updated_time) == (1, 3, 2)


# ---- versions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_version_has_the_next_number(number: int) -> None:
    """Numbers have no gaps and are not given twice."""
    with pytest.raises(InvalidState, match=r"has number 2, not"):
        after(VersionCreated(version=number, source="s"), state=after(*versions(1)))


def test_a_version_keeps_what_it_was_created_with() -> None:
    """Nothing of the decision is lost in the fact."""
    created = VersionCreated(
        version=1, source="s", run_id="r", digest="d", signature="{}", tags={"a": "1"}, description="x"
    )
    version = after(created).version(1)
    assert (version.source, version.run_id, version.digest) == ("s", "r", "d")
    assert (version.signature, version.tags, version.description) == ("{}", {"a": "1"}, "x")
    assert version.stage is Stage.NONE


def test_a_version_is_described_and_tagged() -> None:
    """Changing one version leaves the others alone."""
    state = after(
        *versions(2),
        VersionDescribed(version=2, description="d"),
        VersionTagSet(version=2, key="a", value="1"),
        VersionTagSet(version=2, key="b", value="2"),
        VersionTagDeleted(version=2, key="a"),
    )
    assert (state.version(2).description, state.version(2).tags) == ("d", {"b": "2"})
    assert state.version(1) == after(*versions(1)).version(1)


@pytest.mark.parametrize(
    "change",
    [
        VersionDescribed(version=9, description="d"),
        VersionTagSet(version=9, key="a", value="1"),
        VersionDeleted(version=9),
        StageTransitioned(version=9, stage=Stage.STAGING),
        GateEvaluated(alias="champion", version=9, outcome="FAILED", verdict="ab"),
        *moves(9),
    ],
)
def test_a_version_that_does_not_exist_cannot_be_changed(change: Change) -> None:
    """The error names the version and those there are."""
    with pytest.raises(NotFound, match=r"'digits/9'\. The model has versions 1, 2"):
        after(*versions(2), change)


def test_a_refused_gate_changes_nothing() -> None:
    """A refusal is history, not state."""
    state = after(*versions(1))
    refused = GateEvaluated(alias="champion", version=1, outcome="FAILED", verdict="ab")
    assert apply(state, refused, at_us=9_000_000) == state


def test_a_deleted_version_takes_its_aliases_along() -> None:
    """No alias ever points to nothing, and no rollback leads there."""
    state = after(*versions(3), *moves(1, 2, 3), VersionDeleted(version=3), VersionDeleted(version=1))
    assert (list(state.versions), state.aliases, state.last_version) == ([2], {}, 3)
    assert rollback(state, "champion").version == 2


# ---- stages ------------------------------------------------------------------------------------------------


def test_a_transition_archives_the_others_in_the_same_moment() -> None:
    """There is no state in which two versions are in Production."""
    state = after(*versions(3), *(StageTransitioned(version=n, stage=Stage.STAGING) for n in (1, 2)))
    change = transition(state, 3, Stage.STAGING, archive_existing=True)
    moved = after(change, state=state)
    assert change.archived == (1, 2)
    assert [moved.version(n).stage for n in (1, 2, 3)] == [Stage.ARCHIVED, Stage.ARCHIVED, Stage.STAGING]


def test_a_version_does_not_archive_itself() -> None:
    """Asking again for the stage a version is in leaves it there."""
    state = after(*versions(1), StageTransitioned(version=1, stage=Stage.PRODUCTION))
    change = transition(state, 1, Stage.PRODUCTION, archive_existing=True)
    assert after(change, state=state).version(1).stage is Stage.PRODUCTION


def test_without_archiving_others_stay() -> None:
    """Several versions may share a stage, as in MLflow."""
    state = after(*versions(2), StageTransitioned(version=1, stage=Stage.STAGING))
    assert transition(state, 2, Stage.STAGING, archive_existing=False).archived == ()


@pytest.mark.parametrize("stage", [Stage.NONE, Stage.ARCHIVED])
def test_archiving_needs_an_active_stage(stage: Stage) -> None:
    """Archiving on the way to Archived makes no sense."""
    with pytest.raises(InvalidInput, match="archive_existing"):
        transition(after(*versions(1)), 1, stage, archive_existing=True)


@pytest.mark.parametrize("archived", [(2,), (1,), (7,)])
def test_only_versions_in_the_stage_are_archived(archived: tuple[int, ...]) -> None:
    """A transition decided on another state is refused."""
    with pytest.raises(InvalidState, match="are not in stage 'Staging'"):
        after(*versions(2), StageTransitioned(version=1, stage=Stage.STAGING, archived=archived))


# ---- aliases -----------------------------------------------------------------------------------------------


def test_an_alias_points_to_one_version_and_a_version_may_have_several() -> None:
    """Aliases are names for versions, one way."""
    state = after(*versions(2), *moves(1, 2), *moves(2, alias="best"))
    assert state.version(2).aliases == ["best", "champion"]
    assert state.version(1).aliases == []


@pytest.mark.parametrize("previous", [None, 2, 3])
def test_a_move_decided_on_another_state_is_refused(previous: int | None) -> None:
    """The holder a move names must be the holder now."""
    state = after(*versions(3), *moves(3, 1))
    for change in (
        AliasMoved(alias="champion", version=3, previous=previous),
        Promoted(alias="champion", version=3, previous=previous, verdict="ab"),
        RolledBack(alias="champion", version=3, previous=previous),
    ):
        with pytest.raises(InvalidState, match="points to version 1 and not to"):
            after(change, state=state)


def test_removing_an_alias_that_is_not_there_is_an_error() -> None:
    """The error lists the aliases there are."""
    with pytest.raises(NotFound, match=r"'digits@rival'\. Aliases of this model: 'champion'"):
        after(*versions(1), *moves(1), AliasRemoved(alias="rival"))


def test_rollbacks_go_back_like_an_undo() -> None:
    """Holders 1, 3, 5 go back to 3 and then to 1, and there it ends."""
    state = after(*versions(5), *moves(1, 3, 5))
    first = after(rollback(state, "champion"), state=state)
    second = after(rollback(first, "champion"), state=first)
    assert (first.holder("champion"), second.holder("champion")) == (3, 1)
    with pytest.raises(InvalidState, match="nothing to roll back to"):
        rollback(second, "champion")


def test_a_rollback_may_name_any_former_holder() -> None:
    """Going back to 1 directly leaves nothing to go back to."""
    state = after(*versions(5), *moves(1, 3, 5))
    back = after(rollback(state, "champion", to=1), state=state)
    assert (back.holder("champion"), back.former["champion"]) == (1, ())


@pytest.mark.parametrize("to", [2, 5, 9])
def test_a_rollback_leads_to_a_former_holder_only(to: int) -> None:
    """A rollback passes no gate, so it goes where a gate has been."""
    state = after(*versions(5), *moves(1, 3, 5))
    with pytest.raises(InvalidState, match=r"not among its earlier holders \(1, 3\)"):
        rollback(state, "champion", to=to)
    with pytest.raises(InvalidState, match="not among its earlier holders"):
        after(*moves(1, 3, 5), RolledBack(alias="champion", version=2, previous=5), state=after(*versions(5)))


def test_a_removed_alias_can_be_rolled_back_to() -> None:
    """Removing an alias by mistake is undone by a rollback."""
    state = after(*versions(2), *moves(1, 2), AliasRemoved(alias="champion"))
    assert rollback(state, "champion") == RolledBack(alias="champion", version=2, previous=None)


def test_moving_an_alias_to_where_it_is_adds_no_former_holder() -> None:
    """Going back always leads to another version."""
    assert rollback(after(*versions(2), *moves(1, 2, 2)), "champion").version == 1
    lone = after(*versions(1), *moves(1, 1))
    with pytest.raises(InvalidState):
        rollback(lone, "champion")


def test_deleting_what_lay_between_leaves_no_step_in_place() -> None:
    """Holders 1, 2, 1 without 2 are one holder, with nowhere to go back to; so they are before a third."""
    state = after(*versions(3), *moves(1, 2, 1), VersionDeleted(version=2))
    with pytest.raises(InvalidState, match="nothing to roll back to"):
        rollback(state, "champion")
    later = after(*versions(3), *moves(1, 2, 1, 3), VersionDeleted(version=2))
    assert later.former["champion"] == (1,)


# ---- all of it ---------------------------------------------------------------------------------------------


@given(st.lists(any_change, max_size=12))
def test_every_state_is_sound_whatever_is_decided(changes: list[Change]) -> None:
    """Aliases and their past point to existing versions, and a refused change leaves the state alone."""
    state = after(*versions(3), *moves(1, 2))
    for at_us, change in enumerate(changes):
        try:
            state = apply(state, change, at_us=at_us)
        except MlflowflowError:
            continue
        assert set(state.aliases.values()) <= set(state.versions)
        assert {number for past in state.former.values() for number in past} <= set(state.versions)
        assert all(past[-1:] != (state.holder(alias),) for alias, past in state.former.items())
        assert max(state.versions, default=0) <= state.last_version
        assert all(version.aliases == [] for version in state.versions.values())
