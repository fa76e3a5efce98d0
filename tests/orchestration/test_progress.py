"""Facts for whoever is watching."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from mlflowflow.orchestration.progress import Progress, Started, StepState, nobody

FACTS: tuple[type[Progress], ...] = get_args(Progress)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_facts_are_frozen(fact: type[Progress]) -> None:
    """A listener may keep them and read them later, from any thread."""
    parameters = getattr(fact, "__dataclass_params__", None)
    assert parameters is not None
    assert parameters.frozen


def test_a_fact_cannot_be_changed_by_a_listener() -> None:
    """Every listener hears the same."""
    fact = Started(what="connecting")
    with pytest.raises(dataclasses.FrozenInstanceError):
        fact.what = "other"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue] - what is refused


def test_nobody_listens_to_anything() -> None:
    """A flow needs no listener."""
    nobody(Started(what="connecting"))


def test_states_are_the_words_that_summaries_print() -> None:
    """Scripts compare with these words."""
    assert [state.value for state in StepState] == ["COMPLETED", "REUSED", "SKIPPED", "FAILED"]
