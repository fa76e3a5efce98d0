"""The paired test keeps its promise: few false alarms, and real differences are found."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.gates.statistics import PairedCounts, mcnemar_exact, paired_counts, rows_to_tell


def _counts(candidate_only: int, champion_only: int) -> PairedCounts:
    return PairedCounts(rows=1000, both=800, candidate_only=candidate_only, champion_only=champion_only)


@given(st.integers(0, 60), st.integers(0, 60))
def test_exact_tail(won: int, lost: int) -> None:
    """The p-value is the binomial tail, computed here in whole numbers."""
    n = won + lost
    expected = sum(math.comb(n, k) for k in range(won, n + 1)) / 2**n
    assert mcnemar_exact(_counts(won, lost)) == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 60), st.integers(0, 60))
def test_no_better_is_never_significant(won: int, lost: int) -> None:
    """A candidate that is not ahead has a p-value of one half or more."""
    assert (mcnemar_exact(_counts(won, lost)) >= 0.5) or won > lost


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_counts_add_up(pairs: list[tuple[bool, bool]]) -> None:
    """Every row is counted once: right together, right alone, or wrong together."""
    counts = paired_counts([a for a, _ in pairs], [b for _, b in pairs])
    assert counts.rows - counts.both - counts.discordant == pairs.count((False, False))


@given(st.integers(0, 40), st.integers(0, 40))
def test_more_rows_are_needed_while_it_is_not_settled(won: int, lost: int) -> None:
    """The estimate names more rows than were seen, and none for a candidate that is behind or on a guess."""
    needed = rows_to_tell(_counts(won, lost), alpha=0.05)
    assert needed is None if won <= lost or won + lost < 10 else (needed or 0) > 1000


@pytest.mark.parametrize(("won", "lost", "given"), [(1, 0, False), (6, 3, False), (6, 4, True)])
def test_a_handful_of_rows_makes_no_estimate(won: int, lost: int, *, given: bool) -> None:
    """It takes ten discordant rows to extrapolate from."""
    assert (rows_to_tell(_counts(won, lost), alpha=0.05) is not None) is given


def test_estimate_has_the_power_it_says() -> None:
    """With as many rows as estimated, about 80 % of repeats find the difference."""
    source = random.Random(20_250_101)
    seen = PairedCounts(rows=300, both=240, candidate_only=30, champion_only=20)
    needed = rows_to_tell(seen, alpha=0.05) or 0
    repeats, found = 400, 0
    for _ in range(repeats):
        draws = source.choices(["won", "lost", "same"], weights=[30, 20, 250], k=needed)
        found += mcnemar_exact(_counts(draws.count("won"), draws.count("lost"))) <= 0.05
    assert 0.70 <= found / repeats <= 0.90


def test_winning_every_row_is_not_enough_when_there_are_few() -> None:
    """Ten wins and no loss prove nothing at 0.09 %; the estimate asks for more."""
    assert rows_to_tell(_counts(10, 0), alpha=0.0009) == 1012  # log2(1 / 0.0009) wins at 10 in 1,000 rows
