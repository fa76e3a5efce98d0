"""How far a metric might be from its true value, because only so many rows were seen.

Three methods, each where it fits:

* A share of rows (accuracy; precision and recall of two labels): the score interval of E. B. Wilson,
  "Probable inference, the law of succession, and statistical inference", Journal of the American
  Statistical Association 22 (1927) 209-212.
* The area under the ROC curve of two labels: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson,
  "Comparing the areas under two or more correlated receiver operating characteristic curves: a
  nonparametric approach", Biometrics 44 (1988) 837-845.
* Everything else: the percentile bootstrap of B. Efron, "Bootstrap methods: another look at the
  jackknife", Annals of Statistics 7 (1979) 1-26. Rows are drawn again with a fixed seed, so the same
  rows always give the same interval. Metrics that follow from the confusion matrix are drawn as
  matrices, which takes no longer for a million rows than for a thousand.

They tell of the rows' chance only: other rows of the same kind. A shift of the data, or a model
trained again, is not in them.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEVEL: Final = 0.95
_SEED: Final = 0
#: Rows drawn in all, so that the time does not depend on the size of the data.
_DRAWS: Final = 20_000_000
_FEWEST: Final = 100
_MOST: Final = 1000
#: Matrices of more labels take too long to draw.
_LABELS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From `low` to `high`, at a `level` such as 0.95, by a `method`: wilson, delong or bootstrap."""

    low: float
    high: float
    level: float
    method: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dict."""
        return asdict(self)


def wilson(hits: int, rows: int, *, level: float = LEVEL) -> Interval:
    """Return the interval of the share ``hits / rows``.

    >>> found = wilson(9, 10)
    >>> round(found.low, 3), round(found.high, 3)
    (0.596, 0.982)
    """
    if not 0 <= hits <= rows or rows == 0:
        raise InvalidInput(f"A share needs rows, and no more hits than rows; found {hits} of {rows}.")
    z = _deviations(level)
    share, spread = hits / rows, z * z / rows
    middle = (share + spread / 2) / (1 + spread)
    reach = z * math.sqrt(share * (1 - share) / rows + spread / (4 * rows)) / (1 + spread)
    low = 0.0 if hits == 0 else max(0.0, middle - reach)
    high = 1.0 if hits == rows else min(1.0, middle + reach)
    return Interval(low=low, high=high, level=level, method="wilson")


def delong(positive: Any, chance: Any, *, level: float = LEVEL) -> Interval | None:
    """Return the interval of the area under the ROC curve; None with fewer than two rows on either side.

    >>> import numpy as np
    >>> found = delong(np.array([0, 0, 1, 1]) == 1, np.array([0.1, 0.4, 0.35, 0.8]))
    >>> round(found.low, 3), round(found.high, 3)
    (0.057, 1.0)
    """
    import numpy as np
    from scipy.stats import rankdata

    ups, downs = chance[positive], chance[~positive]
    if min(len(ups), len(downs)) < 2:  # noqa: PLR2004 - a variance needs two
        return None
    ranks = rankdata(np.concatenate([ups, downs]))
    of_ups = (ranks[: len(ups)] - rankdata(ups)) / len(downs)
    of_downs = 1 - (ranks[len(ups) :] - rankdata(downs)) / len(ups)
    area = float(of_ups.mean())
    variance = of_ups.var(ddof=1) / len(ups) + of_downs.var(ddof=1) / len(downs)
    reach = _deviations(level) * math.sqrt(float(variance))
    return Interval(low=max(0.0, area - reach), high=min(1.0, area + reach), level=level, method="delong")


def of_means(
    columns: Any, metrics: Mapping[str, Callable[[Any], Any]], *, level: float = LEVEL
) -> dict[str, Interval]:
    """Return intervals of metrics that follow from the means of `columns` (rows by columns).

    Each metric gets the means, draws by columns, and returns one value for each draw.

    >>> import numpy as np
    >>> found = of_means(np.array([[1.0], [3.0]]), {"mean": lambda means: means[:, 0]})
    >>> found["mean"].low, found["mean"].high
    (1.0, 3.0)
    """
    import numpy as np

    rows = len(columns)
    draw = np.random.default_rng(_SEED)
    times = min(_MOST, max(_FEWEST, _DRAWS // max(1, rows)))
    by_column = np.ascontiguousarray(np.asarray(columns, dtype=float).T)
    means = np.stack(
        [
            by_column @ np.bincount(draw.integers(rows, size=rows), minlength=rows).astype(float) / rows
            for _ in range(times)
        ]
    )
    return {name: _percentiles(metric(means), level) for name, metric in metrics.items()}


def of_confusion(
    matrix: Any, metrics: Mapping[str, Callable[[Any], Any]], *, level: float = LEVEL
) -> dict[str, Interval]:
    """Return intervals of metrics that follow from a confusion `matrix` of counts, true labels by rows.

    Each metric gets the matrices, draws first, and returns one value for each draw. Nothing is
    returned for more than 50 labels.
    """
    import numpy as np

    labels, rows = len(matrix), int(matrix.sum())
    if labels > _LABELS:
        return {}
    draws = np.random.default_rng(_SEED).multinomial(rows, (matrix / rows).ravel(), size=_MOST)
    matrices = draws.reshape(-1, labels, labels).astype(float)
    return {name: _percentiles(metric(matrices), level) for name, metric in metrics.items()}


def of_averages(average: str) -> dict[str, Callable[[Any], Any]]:
    """Return precision, recall and F1 as functions of matrices, averaged over labels as `average` says.

    ``binary`` is the second label's own. A share of nothing is 0, as scikit-learn has it.
    """
    import numpy as np

    def averaged(values: Any, matrices: Any) -> Any:
        if average == "binary":
            return values[:, 1]
        if average == "macro":
            return values.mean(axis=1)
        support = matrices.sum(axis=2)
        return (values * support).sum(axis=1) / support.sum(axis=1)

    def share(part: Any, whole: Any) -> Any:
        return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)

    def hits(matrices: Any) -> Any:
        return np.diagonal(matrices, axis1=1, axis2=2)

    return {
        "precision_score": lambda each: averaged(share(hits(each), each.sum(axis=1)), each),
        "recall_score": lambda each: averaged(share(hits(each), each.sum(axis=2)), each),
        "f1_score": lambda each: averaged(share(2 * hits(each), each.sum(axis=1) + each.sum(axis=2)), each),
    }


def demand_level(level: object) -> float:
    """Return `level` if it lies between 0 and 1. Raises `InvalidInput`.

    >>> demand_level(0.9)
    0.9
    """
    if not isinstance(level, float) or not 0 < level < 1:
        raise InvalidInput(f"The confidence_level must lie between 0 and 1, such as 0.95; found {level!r}.")
    return level


def _deviations(level: float) -> float:
    return NormalDist().inv_cdf((1 + demand_level(level)) / 2)


def _percentiles(values: Any, level: float) -> Interval:
    import numpy as np

    tail = (1 - demand_level(level)) / 2
    low, high = np.quantile(np.asarray(values), [tail, 1 - tail])
    return Interval(low=float(low), high=float(high), level=level, method="bootstrap")
