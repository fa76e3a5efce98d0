"""A front is what comparing everything with everything would give."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.sweeps.front import Front, Losses

FEW = st.sampled_from([-math.inf, -1.0, 0.0, 1.0, 2.0, 3.0, math.inf])


def _beats(one: Losses, other: Losses) -> bool:
    return one != other and all(left <= right for left, right in zip(one, other, strict=True))


@given(st.integers(1, 4).flatmap(lambda count: st.lists(st.tuples(*[FEW] * count), max_size=40)))
def test_no_other_beats_its_members_and_all_such_are_members(results: list[Losses]) -> None:
    """In the order of their coming, equal ones all together, after every result."""
    front = Front()
    for number, losses in enumerate(results):
        front.add(losses, number)
        known = results[: number + 1]
        assert front.numbers() == [
            each for each, own in enumerate(known) if not any(_beats(other, own) for other in known)
        ]


def test_a_front_of_ten_thousand_is_no_trouble() -> None:
    """Two objectives that pull against each other put every trial on it; compared in pairs that takes minutes."""
    front = Front()
    for number in range(10_000):
        place = float(number * 7_919 % 10_000)
        front.add((place, -place), number)
    assert front.numbers() == list(range(10_000))
