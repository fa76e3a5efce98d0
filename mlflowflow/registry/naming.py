"""What each decision about a model's *name* does to the log of that name, and where it is allowed.

The part of :mod:`mlflowflow.registry.transitions` that has to do with renaming. How the two logs that a
renaming touches are kept in step is told in :mod:`mlflowflow.registry.rename`.
"""

from __future__ import annotations

from dataclasses import replace

from mlflowflow.errors import AlreadyExists, InvalidState
from mlflowflow.registry.change import (
    ClaimDropped,
    ClaimRefused,
    ModelArrived,
    ModelRenamed,
    NameChange,
    NameClaimed,
)
from mlflowflow.registry.state import ModelState


def gone(state: ModelState) -> ModelState:
    """Return the state of a name once no model has it: only what its numbering needs is left."""
    return ModelState(name=state.name, last_version=state.last_version, renaming=state.renaming)


def demand_unclaimed(state: ModelState) -> None:
    """Raise `InvalidState` if a model is on its way to this name."""
    if state.names.claim is not None:
        raise InvalidState(
            f"The name '{state.name}' is being given to the model '{state.names.origin}'; decide again when "
            "that is done."
        )


def model_renamed(state: ModelState, change: ModelRenamed) -> ModelState:
    """Return the state of the name that a model left. Raises `InvalidState` if the claim was refused."""
    if change.claim in state.names.refused:
        raise InvalidState(f"There was no model '{state.name}' when it was to become '{change.name}'.")
    departures = {**state.names.departures, change.claim: change.name}
    left = replace(state.names, left_for=change.name, departures=departures, former_names=())
    return replace(gone(state), renaming=left)


def name_changed(state: ModelState, change: NameChange) -> ModelState:
    """Return the state after a decision about a name. Raises `AlreadyExists` or `InvalidState`."""
    if isinstance(change, ClaimRefused):
        return _claim_refused(state, change)
    if state.exists:
        raise AlreadyExists("registered model", state.name)
    if isinstance(change, NameClaimed):
        demand_unclaimed(state)
        return replace(state, renaming=replace(state.names, claim=change.claim, origin=change.origin))
    if change.claim != state.names.claim:
        raise InvalidState(
            f"The name '{state.name}' is not claimed by '{change.claim}'; nothing can come of it."
        )
    if isinstance(change, ClaimDropped):
        return replace(state, renaming=replace(state.names, claim=None, origin=""))
    return arrived(state, change)


def _claim_refused(state: ModelState, change: ClaimRefused) -> ModelState:
    if change.claim in state.names.departures:
        raise InvalidState(f"'{state.name}' has left by the claim '{change.claim}', which cannot be refused.")
    return replace(state, renaming=replace(state.names, refused=(*state.names.refused, change.claim)))


def arrived(state: ModelState, change: ModelArrived) -> ModelState:
    """Return the state of a name once the model that claimed it is there."""
    came = change.state
    names = replace(
        state.names,
        claim=None,
        origin="",
        left_for=None,
        former_names=(*came.names.former_names, change.origin),
    )
    return replace(
        came,
        name=state.name,
        last_version=max(came.last_version, state.last_version),
        versions={number: replace(each, name=state.name) for number, each in came.versions.items()},
        renaming=names,
    )
