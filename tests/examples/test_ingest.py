"""How the digits example divides its images: nothing the gate sees is ever learnt from."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from ingest import FEWEST_ROWS, fetch, split_gate, split_validation

if TYPE_CHECKING:
    from rows import Rows


@cache
def _divided() -> tuple[Rows, Rows]:
    return split_gate(fetch())


def _arrived(count: int) -> Rows:
    return _divided()[0].take(np.arange(count))


def test_the_gate_has_its_own_rows() -> None:
    """Every image is either for learning or for the gate, about three to one."""
    learning, gate = _divided()
    assert not set(learning.row_id) & set(gate.row_id)
    assert len(learning) + len(gate) == 1797
    assert 0.2 < len(gate) / 1797 < 0.3


def test_the_same_picture_is_never_on_both_sides() -> None:
    """Rows are set aside by what is in the picture, so a copy of it cannot leak."""
    learning, gate = _divided()
    assert not {row.tobytes() for row in learning.pixels} & {row.tobytes() for row in gate.pixels}


def test_order_of_arrival_does_not_choose_the_gate() -> None:
    """An image belongs to the gate or not, whatever came before it."""
    everything = fetch()
    backwards = everything.take(np.arange(len(everything))[::-1])
    assert set(split_gate(backwards)[1].row_id) == set(_divided()[1].row_id)


def test_more_rows_include_the_earlier_ones() -> None:
    """What has arrived stays: retraining later adds images."""
    assert set(_arrived(300).row_id) < set(_arrived(900).row_id)


def test_rows_arrive_in_no_order_of_their_own() -> None:
    """The first images are not the first of the data set, which come writer by writer."""
    first = _arrived(FEWEST_ROWS).row_id
    assert first.min() < 100
    assert first.max() > 1600


@pytest.mark.parametrize("count", [FEWEST_ROWS, 1200, 1370])
def test_train_and_validation_share_the_arrived_rows_four_to_one(count: int) -> None:
    """All that has arrived is used, once, and each digit occurs in both parts."""
    train, validation = split_validation(_arrived(count), seed=0)
    assert sorted([*train.row_id, *validation.row_id]) == sorted(_arrived(count).row_id)
    assert len(validation) == count // 5
    assert set(train.label) == set(validation.label) == set(range(10))


def test_the_seed_draws_the_validation_rows() -> None:
    """One seed gives one split; another gives another."""
    drawn = [set(split_validation(_arrived(500), seed=seed)[1].row_id) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
