"""The metrics of regressors, with MLflow's names and values, computed by scikit-learn."""

from __future__ import annotations

from typing import Any

from mlflowflow.data.optional import optional
from mlflowflow.errors import InvalidInput


def metrics_of(truth: Any, said: Any, weights: Any = None) -> dict[str, float]:
    """Return the metrics of a regressor by MLflow's names.

    Raises `InvalidInput` if labels or predictions are no numbers, or if there are none.

    >>> import numpy as np
    >>> metrics_of(np.array([1.0, 2.0]), np.array([1.0, 4.0]))["mean_absolute_error"]
    1.0
    """
    import numpy as np

    for role, column in (("labels", truth), ("predictions", said)):
        if not np.issubdtype(np.asarray(column).dtype, np.number):
            raise InvalidInput(f"The {role} of a regressor are numbers; found {np.asarray(column).dtype}.")
    if len(truth) == 0:
        raise InvalidInput("There are no rows to evaluate.")
    sklearn = optional("sklearn.metrics", extra="evaluate", purpose="An evaluation")
    found: dict[str, float] = {"example_count": len(truth)}
    for name in ("mean_absolute_error", "mean_squared_error", "root_mean_squared_error"):
        found[name] = float(getattr(sklearn, name)(truth, said, sample_weight=weights))
    total = float(np.sum(truth) if weights is None else np.sum(np.asarray(truth) * np.asarray(weights)))
    found |= {"sum_on_target": total, "mean_on_target": total / len(truth)}
    if len(truth) > 1:  # of one row there is no variance to explain
        found["r2_score"] = float(sklearn.r2_score(truth, said, sample_weight=weights))
    found["max_error"] = float(sklearn.max_error(truth, said))
    relative = sklearn.mean_absolute_percentage_error(truth, said, sample_weight=weights)
    return {**found, "mean_absolute_percentage_error": float(relative)}
