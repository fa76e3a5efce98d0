"""Metrics of users' own: what one computes, and how it is told from the built-in ones."""

from __future__ import annotations

import keyword
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LOG: Final = logging.getLogger(__name__)
#: Parameters of metric functions that mean something of their own.
SPECIAL: Final = frozenset({"predictions", "targets", "metrics"})


@dataclass(slots=True)
class MetricValue:
    """What a metric function returns: a score for each row, a reason for each, and numbers over all rows.

    Numeric scores without numbers over all rows get their mean, variance and 90th percentile.

    >>> MetricValue(scores=[1.0, 3.0]).aggregate_results["mean"]
    2.0
    """

    scores: Sequence[Any] | None = None
    justifications: Sequence[str] | None = None
    aggregate_results: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        """Sum numeric scores up."""
        numeric = isinstance(self.scores, list | tuple) and all(map(is_number, self.scores))
        if self.aggregate_results is None and numeric and self.scores:
            self.aggregate_results = standard_aggregations(self.scores)


class EvaluationMetric:
    """A metric function with its name; `make_metric` makes one, and calling it calls the function."""

    def __init__(
        self,
        eval_fn: Callable[..., Any],
        name: str,
        greater_is_better: bool,
        long_name: str | None = None,
        version: str | None = None,
        metric_details: str | None = None,
        metric_metadata: Mapping[str, Any] | None = None,
        genai_metric_args: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep what is known of the metric."""
        self.eval_fn = eval_fn
        self.name = name
        self.greater_is_better = greater_is_better
        self.long_name = long_name or name
        self.version = version
        self.metric_details = metric_details
        self.metric_metadata = metric_metadata
        self.genai_metric_args = genai_metric_args

    @property
    def key(self) -> str:
        """The name under which values are kept: with the version, if there is one."""
        return f"{self.name}/{self.version}" if self.version else self.name

    def __call__(self, **arguments: Any) -> Any:
        """Compute the metric."""
        return self.eval_fn(**arguments)

    def __str__(self) -> str:
        """Show what is known."""
        known = {
            "name": self.name,
            "greater_is_better": self.greater_is_better,
            "long_name": self.long_name,
            "version": self.version,
            "metric_details": self.metric_details,
            "metric_metadata": self.metric_metadata,
        }
        required = ("name", "greater_is_better")
        shown = (f"{key}={value}" for key, value in known.items() if value or key in required)
        return f"EvaluationMetric({', '.join(shown)})"


def make_metric(
    *,
    eval_fn: Callable[..., Any],
    greater_is_better: bool,
    name: str | None = None,
    long_name: str | None = None,
    version: str | None = None,
    metric_details: str | None = None,
    metric_metadata: Mapping[str, Any] | None = None,
    genai_metric_args: Mapping[str, Any] | None = None,
) -> EvaluationMetric:
    """Make a metric for the `extra_metrics` of `evaluate`.

    Args:
        eval_fn: Gets what its parameters name: ``predictions``, ``targets``, ``metrics`` (all computed
            so far), a column of the data, another metric, or a key of `evaluator_config`. A function
            of two parameters with other names gets a table of the columns ``prediction`` and
            ``target``, and the numbers computed so far. It returns a number or a `MetricValue`.
        greater_is_better: Whether a greater value is a better one.
        name: By default that of the function.
        long_name: A name for people.
        version: Kept behind the name: ``name/version``.
        metric_details: How it is computed, for people.
        metric_metadata: Anything of your own.
        genai_metric_args: Kept, and not used here.

    Raises:
        InvalidInput: There is no name, or it has a slash.

    >>> metric = make_metric(eval_fn=lambda predictions, targets: 0.5, greater_is_better=True, name="half")
    >>> metric(predictions=None, targets=None)
    0.5
    """
    called = name or getattr(eval_fn, "__name__", "")
    if not called or called == "<lambda>":
        raise InvalidInput("A metric whose function has no name of its own needs a `name`.")
    if "/" in called:
        raise InvalidInput(f"The metric's name '{called}' has a slash; slashes part a name from its version.")
    if not called.isidentifier() or keyword.iskeyword(called) or called in SPECIAL:
        _LOG.warning("No other metric can take '%s' as a parameter: that is not a free Python name.", called)
    return EvaluationMetric(
        eval_fn,
        called,
        greater_is_better,
        long_name,
        version,
        metric_details,
        metric_metadata,
        genai_metric_args,
    )


def standard_aggregations(scores: Sequence[Any]) -> dict[str, float]:
    """Return mean, variance and 90th percentile of `scores`.

    >>> standard_aggregations([1.0, 3.0])["variance"]
    1.0
    """
    import numpy as np

    return {
        "mean": float(np.mean(scores)),
        "variance": float(np.var(scores)),
        "p90": float(np.percentile(scores, 90)),
    }


def is_number(value: object) -> bool:
    """Answer whether `value` is a number, of Python or NumPy."""
    import numpy as np

    return isinstance(value, int | float | np.number)
