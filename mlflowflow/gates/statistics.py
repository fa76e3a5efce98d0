"""The statistics of paired comparison, as functions of counts.

Two models that see the same rows are compared on the *discordant* rows, those that exactly one of
them gets right: rows both get right or both get wrong say nothing about which is better.

Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
percentages", Psychometrika 12 (1947) 153-157; here in its exact conditional form, one-sided: given
n discordant rows and two equally good models, the number won by one of them is binomial(n, 1/2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_POWER: Final = 0.8
#: Discordant rows it takes to extrapolate from. The estimate rests on the normal approximation of
#: binomial(n, 1/2), which by the usual rule wants at least five expected wins on either side.
_FEWEST_DISCORDANT: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedCounts:
    """How often the candidate and the champion were right on the same rows.

    >>> PairedCounts(rows=100, both=80, candidate_only=9, champion_only=5).discordant
    14
    """

    rows: int
    both: int
    candidate_only: int
    champion_only: int

    @property
    def discordant(self) -> int:
        """The number of rows that exactly one of the two gets right."""
        return self.candidate_only + self.champion_only


def paired_counts(candidate: Sequence[bool], champion: Sequence[bool]) -> PairedCounts:
    """Count who was right where; both sequences tell of the same rows in the same order.

    >>> paired_counts([True, True, False], [True, False, False]).candidate_only
    1
    """
    pairs = list(zip(candidate, champion, strict=True))
    return PairedCounts(
        rows=len(pairs),
        both=pairs.count((True, True)),
        candidate_only=pairs.count((True, False)),
        champion_only=pairs.count((False, True)),
    )


def mcnemar_exact(counts: PairedCounts) -> float:
    """Return the probability of at least `candidate_only` wins if the two were equally good.

    One-sided: small values speak for the candidate. Without discordant rows it is 1.

    >>> round(mcnemar_exact(PairedCounts(rows=100, both=80, candidate_only=9, champion_only=5)), 3)
    0.212
    """
    from scipy.stats import binomtest

    if counts.discordant == 0:
        return 1.0
    return float(binomtest(counts.candidate_only, counts.discordant, 0.5, alternative="greater").pvalue)


def rows_to_tell(counts: PairedCounts, *, alpha: float) -> int | None:
    """Estimate how many rows would settle the matter, if the difference seen so far is real.

    Normal approximation to the one-sided test at level `alpha` with a power of 80 %. None when the
    candidate is not ahead, since then no number of rows would show that it is better, and when fewer
    than 10 rows are discordant, since then any number would be a guess.

    >>> rows_to_tell(PairedCounts(rows=100, both=80, candidate_only=9, champion_only=5), alpha=0.05)
    526
    """
    if counts.candidate_only <= counts.champion_only or counts.discordant < _FEWEST_DISCORDANT:
        return None
    share = counts.candidate_only / counts.discordant
    level, power = NormalDist().inv_cdf(1 - alpha), NormalDist().inv_cdf(_POWER)
    needed = ((level * 0.5 + power * math.sqrt(share * (1 - share))) / (share - 0.5)) ** 2
    clean_sweep = math.log2(1 / alpha)  # winning fewer rows than this proves nothing, even with no loss
    return max(counts.rows + 1, math.ceil(max(needed, clean_sweep) * counts.rows / counts.discordant))
