"""Orders respect every need and are the same every time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.ordering import in_order


@st.composite
def acyclic(draw: st.DrawFn) -> dict[str, list[str]]:
    """Draw needs that can be met, in a shuffled order."""
    names = [f"n{index}" for index in range(draw(st.integers(0, 8)))]
    needs = {
        name: draw(st.lists(st.sampled_from(names[:index]), max_size=3)) if index else []
        for index, name in enumerate(names)
    }
    return {name: needs[name] for name in draw(st.permutations(names))}


@given(acyclic())
def test_everything_follows_what_it_needs(needs: dict[str, list[str]]) -> None:
    """Each name comes once, after all it needs."""
    order = in_order(needs, noun="steps")
    assert sorted(order) == sorted(needs)
    assert all(order.index(need) < order.index(name) for name, wanted in needs.items() for need in wanted)


@given(st.lists(st.text(), unique=True))
def test_given_order_is_kept_where_possible(names: list[str]) -> None:
    """Without needs nothing moves."""
    assert in_order(dict.fromkeys(names, ()), noun="steps") == tuple(names)


def test_circle_is_told_as_a_story() -> None:
    """The error walks round the circle and leaves out whoever only waits for it."""
    needs = {"z": ["a"], "a": ["b"], "b": ["c"], "c": ["a"]}
    with pytest.raises(InvalidInput) as caught:
        in_order(needs, noun="steps")
    assert str(caught.value) == (
        "These steps need each other in a circle: 'a' needs 'b', which needs 'c', which needs 'a'."
    )


def test_foreign_need_is_refused() -> None:
    """A need that is not there would wait for ever."""
    with pytest.raises(InvalidInput, match="'a' needs 'x', which is not among the steps"):
        in_order({"a": ["x"]}, noun="steps")
