"""The one place that knows what each decision does to a model, and where it is allowed.

A model's state is the fold of :func:`apply` over its decisions, in the order of their numbers. The
number is the compare-and-set: a decision is only ever written as the next one, so it was made on
exactly the state before it. `apply` is total over (state, change): it returns the next state or
refuses, and it refuses a change that was decided on another state.

==================== ================================ ============================================
change               allowed when                     effect
==================== ================================ ============================================
model created        no model, no open claim          exists; numbering of versions goes on
model described      the model exists                 description replaced
model tag set/deleted the model exists                that tag only; deleting an absent one is fine
model renamed        the model exists, the claim was  versions, aliases and tags are gone from here;
                     not refused                      the claim is used
model deleted        the model exists                 versions, aliases and tags are gone
name claimed         no model, no open claim          the claim is open
claim dropped        this claim is open               no claim is open
claim refused        the claim was not used           it cannot be used
model arrived        no model, this claim is open     what the model had elsewhere is here
version created      its number is the next one; no   exists, in stage None; creates the model
                     claim is open
version described    the version exists               description replaced
version tag set/del. the version exists               that tag only
stage transitioned   all versions named exist; the    the version in its stage, the archived ones
                     archived ones are in that stage  in Archived, in one moment
version deleted      the version exists               it, its aliases and its past as a holder gone
gate evaluated       the version exists               nothing
alias moved          the version exists; `previous`   alias on the version; `previous` joins the
alias promoted       is the holder now                former holders
alias rolled back    the same, and the version is a   alias on the version; the former holders are
                     former holder                    those before it
alias removed        the alias exists                 alias gone; its holder joins the former ones
==================== ================================ ============================================

A rollback goes back like an undo: holders 1, 3, 5 roll back to 3, and again to 1, never forward to
the 5 that was just found bad.

Nothing here reads a clock or a store: the time of the decision is an argument.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeVar, assert_never

from mlflowflow.errors import AlreadyExists, InvalidInput, InvalidState
from mlflowflow.registry.change import (
    AliasChange,
    AliasMoved,
    AliasRemoved,
    Change,
    ClaimDropped,
    ClaimRefused,
    GateEvaluated,
    ModelChange,
    ModelCreated,
    ModelDeleted,
    ModelDescribed,
    ModelRenamed,
    ModelTagDeleted,
    ModelTagSet,
    NameChange,
    NameClaimed,
    Promoted,
    RolledBack,
    StageTransitioned,
    VersionChange,
    VersionCreated,
    VersionDeleted,
    VersionDescribed,
    VersionTagDeleted,
    VersionTagSet,
)
from mlflowflow.registry.naming import demand_unclaimed, gone, model_renamed, name_changed
from mlflowflow.registry.state import ModelState
from mlflowflow.registry.version import ACTIVE_STAGES, ModelVersion, Stage, is_prompt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: What the model's readers see nothing of.
_UNFELT: Final = GateEvaluated | NameClaimed | ClaimDropped | ClaimRefused
#: What a name is taken by, by whether it is a prompt.
_KINDS: Final = {False: "registered model", True: "prompt"}

_K = TypeVar("_K")
_V = TypeVar("_V")


def apply(state: ModelState, change: Change, *, at_us: int) -> ModelState:
    """Return the state after `change`, decided at `at_us` (microseconds).

    Raises `NotFound`, `AlreadyExists` or `InvalidState` if the change is not allowed in `state`.

    >>> apply(ModelState(name="digits"), ModelCreated(), at_us=5_000).creation_time
    5
    """
    after = _after(state, change, now=at_us // 1000)
    return after if isinstance(change, _UNFELT) else replace(after, last_updated_time=at_us // 1000)


def _after(state: ModelState, change: Change, *, now: int) -> ModelState:
    if isinstance(change, ModelCreated):
        return _model_created(state, change, now=now)
    if isinstance(change, VersionCreated):
        return _version_created(state, change, now=now)
    if isinstance(change, NameChange):
        return name_changed(state, change)
    state.demand_exists()
    if isinstance(change, ModelChange):
        return _model_changed(state, change)
    if isinstance(change, VersionChange):
        return _version_changed(state, change, now=now)
    return _alias_changed(state, change)


# ---- what may be decided, asked before deciding ------------------------------------------------------------


def transition(state: ModelState, version: int, stage: Stage, *, archive_existing: bool) -> StageTransitioned:
    """Return the change that puts `version` in `stage`, naming the versions it archives.

    Raises `InvalidInput` for archiving along with a stage that is not Staging or Production.
    """
    if archive_existing and stage not in ACTIVE_STAGES:
        raise InvalidInput(
            f"Existing versions can only be archived on the way to Staging or Production, not to '{stage}'; "
            "leave archive_existing out."
        )
    others = (each for each in state.in_stage(stage) if each != version) if archive_existing else ()
    return StageTransitioned(version=version, stage=stage, archived=tuple(others))


def rollback(state: ModelState, alias: str, *, to: int | None = None) -> RolledBack:
    """Return the change that takes `alias` back, by default to its previous holder.

    Raises `InvalidState` if there is no former holder, or if `to` is not one.
    """
    state.demand_exists()
    former = state.former.get(alias, ())
    if not former:
        raise InvalidState(
            f"'{state.name}@{alias}' has nothing to roll back to: no earlier holder of the alias still exists. "
            "Point the alias at a version by hand, or promote one."
        )
    target = former[-1] if to is None else to
    if target not in former:
        raise InvalidState(
            f"'{state.name}@{alias}' cannot be rolled back to version {target}, which is not among its earlier "
            f"holders ({', '.join(map(str, former))}); promote the version instead."
        )
    return RolledBack(alias=alias, version=target, previous=state.holder(alias))


# ---- the model ---------------------------------------------------------------------------------------------


def _model_created(state: ModelState, change: ModelCreated, *, now: int) -> ModelState:
    if state.exists:
        taker, newcomer = (_KINDS[is_prompt(tags)] for tags in (state.tags, change.tags))
        hint = "" if taker == newcomer else "A prompt and a model cannot have the same name."
        raise AlreadyExists(taker, state.name, hint=hint)
    demand_unclaimed(state)
    return _born(state, now=now, description=change.description, tags=change.tags)


def _born(
    state: ModelState, *, now: int, description: str | None, tags: Mapping[str, str] | None = None
) -> ModelState:
    """Start a model, or start one again: only the numbering of its versions goes on."""
    return ModelState(
        name=state.name,
        exists=True,
        last_version=state.last_version,
        description=description,
        tags=tags or {},
        creation_time=now,
        renaming=None if state.renaming is None else replace(state.renaming, left_for=None, former_names=()),
    )


def _model_changed(
    state: ModelState, change: ModelDescribed | ModelTagSet | ModelTagDeleted | ModelRenamed | ModelDeleted
) -> ModelState:
    match change:
        case ModelDescribed(description=description):
            return replace(state, description=description)
        case ModelTagSet(key=key, value=value):
            return replace(state, tags=_with(state.tags, key, value))
        case ModelTagDeleted(key=key):
            return replace(state, tags=_without(state.tags, key))
        case ModelRenamed():
            return model_renamed(state, change)
        case ModelDeleted():
            return gone(state)
        case _:
            assert_never(change)


# ---- its versions ------------------------------------------------------------------------------------------


def _version_created(state: ModelState, change: VersionCreated, *, now: int) -> ModelState:
    if change.version != state.last_version + 1:
        raise InvalidState(
            f"The next version of '{state.name}' has number {state.last_version + 1}, not {change.version}."
        )
    demand_unclaimed(state)
    created = ModelVersion(
        name=state.name,
        version=change.version,
        source=change.source,
        creation_time=now,
        last_updated_time=now,
        run_id=change.run_id,
        digest=change.digest,
        signature=change.signature,
        tags=change.tags,
        description=change.description,
        model_id=change.model_id,
        run_link=change.run_link,
        copied_from=change.copied_from,
    )
    # The first release wrote "" for what nobody gave, and its snapshots hold the model as it made it of that.
    undescribed = None if change.description is None else ""
    model = state if state.exists else _born(state, now=now, description=undescribed)
    versions = _with(model.versions, change.version, created)
    return replace(model, versions=versions, last_version=change.version)


def _version_changed(
    state: ModelState,
    change: VersionDescribed
    | VersionTagSet
    | VersionTagDeleted
    | StageTransitioned
    | VersionDeleted
    | GateEvaluated,
    *,
    now: int,
) -> ModelState:
    version = state.version(change.version)
    match change:
        case VersionDescribed(description=description):
            return _updated(state, replace(version, description=description), now=now)
        case VersionTagSet(key=key, value=value):
            return _updated(state, replace(version, tags=_with(version.tags, key, value)), now=now)
        case VersionTagDeleted(key=key):
            return _updated(state, replace(version, tags=_without(version.tags, key)), now=now)
        case StageTransitioned():
            return _stage_transitioned(state, change, now=now)
        case VersionDeleted():
            return _version_deleted(state, change.version)
        case GateEvaluated():
            return state
        case _:
            assert_never(change)


def _updated(state: ModelState, version: ModelVersion, *, now: int) -> ModelState:
    # aliases are kept once, in the state: a version in it has none of its own
    kept = replace(version, aliases=[], last_updated_time=now)
    return replace(state, versions=_with(state.versions, version.version, kept))


def _stage_transitioned(state: ModelState, change: StageTransitioned, *, now: int) -> ModelState:
    strangers = set(change.archived) - (set(state.in_stage(change.stage)) - {change.version})
    if strangers:
        raise InvalidState(
            f"Versions {sorted(strangers)} of '{state.name}' are not in stage '{change.stage}', "
            "so they cannot be archived from it."
        )
    for number in change.archived:
        state = _updated(state, replace(state.versions[number], stage=Stage.ARCHIVED), now=now)
    return _updated(state, replace(state.versions[change.version], stage=change.stage), now=now)


def _version_deleted(state: ModelState, number: int) -> ModelState:
    aliases = {alias: holder for alias, holder in state.aliases.items() if holder != number}
    former = {
        alias: _trail((each for each in past if each != number), aliases.get(alias))
        for alias, past in state.former.items()
    }
    versions = _without(state.versions, number)
    return replace(state, versions=versions, aliases=aliases, former=former)


# ---- its aliases -------------------------------------------------------------------------------------------


def _alias_changed(state: ModelState, change: AliasChange) -> ModelState:
    match change:
        case AliasMoved() | Promoted():
            _demand_decided_here(state, change)
            return _pointed(state, change.alias, change.version, past=_past(state, change.alias))
        case RolledBack():
            _demand_decided_here(state, change)
            rollback(state, change.alias, to=change.version)
            past = state.former[change.alias]
            return _pointed(state, change.alias, change.version, past=past[: _last(past, change.version)])
        case AliasRemoved(alias=alias):
            state.version_by_alias(alias)
            former = _with(state.former, alias, _past(state, alias))
            return replace(state, aliases=_without(state.aliases, alias), former=former)
        case _:
            assert_never(change)


def _demand_decided_here(state: ModelState, change: AliasMoved | Promoted | RolledBack) -> None:
    state.version(change.version)
    holder = state.holder(change.alias)
    if holder != change.previous:
        raise InvalidState(
            f"'{state.name}@{change.alias}' points to {_shown(holder)} and not to {_shown(change.previous)}, "
            "which this decision was made against; decide again on the present state."
        )


def _shown(holder: int | None) -> str:
    return "no version" if holder is None else f"version {holder}"


def _pointed(state: ModelState, alias: str, version: int, *, past: tuple[int, ...]) -> ModelState:
    return replace(
        state,
        aliases=_with(state.aliases, alias, version),
        former=_with(state.former, alias, _trail(past, version)),
    )


def _past(state: ModelState, alias: str) -> tuple[int, ...]:
    """Return the former holders of `alias` once its present one joins them."""
    holder = state.holder(alias)
    return _trail((*state.former.get(alias, ()), *(() if holder is None else (holder,))), None)


def _trail(past: Iterable[int], holder: int | None) -> tuple[int, ...]:
    """Leave out repeats and an end that is the present `holder`: going back must lead elsewhere."""
    steps = tuple(version for version, _ in groupby(past))
    return steps[:-1] if steps[-1:] == (holder,) else steps


def _last(past: tuple[int, ...], version: int) -> int:
    return len(past) - 1 - past[::-1].index(version)


# ---- mappings that are never changed in place ---------------------------------------------------------------


def _with(mapping: Mapping[_K, _V], key: _K, value: _V) -> Mapping[_K, _V]:
    return {**mapping, key: value}


def _without(mapping: Mapping[_K, _V], gone: _K) -> Mapping[_K, _V]:
    return {key: value for key, value in mapping.items() if key != gone}
