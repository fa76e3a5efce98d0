"""Amounts as options take them."""

from __future__ import annotations

import pytest

from mlflowflow.cli.sweep.amounts import Amount, read_amount
from mlflowflow.errors import InvalidInput
from mlflowflow.sweeps.standing import Limit


@pytest.mark.parametrize(
    ("limit", "text", "value"),
    [
        (Limit.TRIALS, "20", 20),
        (Limit.FAILED_TRIALS, "3", 3),
        (Limit.WALL, "1h30m", 5400.0),
        (Limit.WALL, "90", 90.0),
        (Limit.COST, "2.5", 2.5),
    ],
)
def test_an_amount_is_in_all_and_with_a_plus_more(limit: Limit, text: str, value: float) -> None:
    """Both forms are read the same way."""
    assert read_amount(limit, text) == Amount(value=value)
    assert read_amount(limit, f"+{text}") == Amount(value=value, is_more=True)
    assert read_amount(limit, text).after(10) == value
    assert read_amount(limit, f"+{text}").after(10) == value + 10


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (Limit.TRIALS, "0"),
        (Limit.TRIALS, "-3"),
        (Limit.TRIALS, "2.5"),
        (Limit.TRIALS, "++2"),
        (Limit.TRIALS, ""),
        (Limit.WALL, "soon"),
        (Limit.COST, "nan"),
        (Limit.COST, "inf"),
        (Limit.COST, "3 EUR"),
        (Limit.FAILED_TRIALS, "+0"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_is_expected(limit: Limit, text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InvalidInput, match=rf"cannot be the {limit.replace('_', ' ')}; expected a"):
        read_amount(limit, text)
