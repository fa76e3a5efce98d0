"""Data and models that several tests of evaluations share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from mlflowflow.evaluation.classifier import Answers, find_labels

if TYPE_CHECKING:
    from collections.abc import Callable

_DRAW = np.random.default_rng(0)
_X = _DRAW.normal(size=(60, 2))
#: Two features, a label of two that they predict badly, and a number that they predict well.
TABLE: Any = pd.DataFrame({"a": _X[:, 0], "b": _X[:, 1]}).assign(
    label=(_X[:, 0] + _DRAW.normal(size=60) > 0).astype(int), size=_X @ [1.0, 2.0]
)


def two_labels() -> LogisticRegression:
    """Fit a classifier on the table."""
    return LogisticRegression().fit(TABLE[["a", "b"]], TABLE["label"])


def answers(labels: int = 2, *, sure: bool = True) -> Answers:
    """Give thirty answers of a model that is right two times of three."""
    truth = np.arange(30) % labels
    said = np.where(np.arange(30) % 3 == 0, (truth + 1) % labels, truth)
    chances = np.full((30, labels), 0.2 / max(1, labels - 1))
    chances[np.arange(30), said] = 0.8
    return Answers(
        truth=truth, said=said, labels=find_labels(truth, said, {}), probabilities=chances if sure else None
    )


def constant(value: Any) -> Callable[[Any], Any]:
    """Return a model that always says `value`."""
    return lambda rows: [value] * len(rows)
