"""What decisions about names do; how they are kept in step is tested with `rename`."""

from __future__ import annotations

import pytest

from mlflowflow.errors import AlreadyExists, InvalidState
from mlflowflow.registry.change import ClaimDropped, ClaimRefused, ModelCreated, NameClaimed, VersionCreated
from mlflowflow.registry.state import ModelState
from mlflowflow.registry.transitions import apply

CLAIM = NameClaimed(origin="digits", claim="c")


def test_a_claimed_name_is_kept() -> None:
    """Nobody creates a model, registers a version or claims again until the claim is settled."""
    claimed = apply(ModelState(name="m"), CLAIM, at_us=5_000)
    for change in (ModelCreated(), VersionCreated(version=1, source="s"), CLAIM):
        with pytest.raises(InvalidState, match="being given to the model 'digits'"):
            apply(claimed, change, at_us=6_000)
    assert claimed.last_updated_time == 0


def test_a_dropped_claim_leaves_a_free_name() -> None:
    """Only the claim that is open can be dropped."""
    claimed = apply(ModelState(name="m"), CLAIM, at_us=0)
    with pytest.raises(InvalidState, match="not claimed by 'd'"):
        apply(claimed, ClaimDropped(claim="d"), at_us=0)
    free = apply(claimed, ClaimDropped(claim="c"), at_us=0)
    assert apply(free, ModelCreated(), at_us=0).exists


def test_a_taken_name_cannot_be_claimed() -> None:
    """A model is never displaced."""
    with pytest.raises(AlreadyExists):
        apply(ModelState(name="m", exists=True), CLAIM, at_us=0)


def test_a_log_without_renames_says_nothing_of_them() -> None:
    """What earlier releases wrote keeps its bytes."""
    assert apply(ModelState(name="m"), ModelCreated(), at_us=0).renaming is None
    refused = apply(ModelState(name="m"), ClaimRefused(claim="c"), at_us=0)
    assert refused.names.refused == ("c",)
