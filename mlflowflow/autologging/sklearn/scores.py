"""How well a fitted estimator does on the data it was fitted on, under MLflow's names.

Numbers and names are MLflow's: averages are weighted by the size of the classes unless a positive
label is named, and ROC AUC compares classes pairwise.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.sklearn.arguments import takes_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.sklearn.arguments import Fitted

PREFIX: Final = "training_"


def training_scores(estimator: Any, fitted: Fitted, care: Care, *, pos_label: Any = None) -> dict[str, float]:
    """Return the metrics of a classifier or regressor; those that cannot be computed are told and left out."""
    from sklearn.base import is_classifier, is_regressor

    if fitted.labels is None:
        return {}
    found: dict[str, float] = {}
    if is_classifier(estimator):
        with care.attempt("predict on the training data"):
            found |= _computed(_classifier_scores(estimator, fitted, pos_label), care)
    elif is_regressor(estimator):
        with care.attempt("predict on the training data"):
            found |= _regressor_scores(estimator, fitted, care)
    return found


def training_score(estimator: Any, fitted: Fitted, care: Care) -> dict[str, float]:
    """Return what the estimator's own ``score`` says, nothing if it has none or there are no labels."""
    if not hasattr(estimator, "score") or fitted.labels is None:
        return {}
    with care.attempt("compute the training score"):
        more = (fitted.weights,) if takes_weights(estimator.score) else ()
        return {f"{PREFIX}score": estimator.score(fitted.data, fitted.labels, *more)}
    return {}


def is_number(value: Any) -> bool:
    """Answer whether a result is one number; a bool is none.

    >>> is_number(0.5), is_number(True)
    (True, False)
    """
    return not isinstance(value, bool) and isinstance(value, Real)


def _classifier_scores(
    estimator: Any, fitted: Fitted, pos_label: Any
) -> Iterator[tuple[str, Callable[[], float]]]:
    from sklearn import metrics

    labels, weights = fitted.labels, fitted.weights
    predicted = estimator.predict(fitted.data)
    shared: Mapping[str, Any] = {
        "pos_label": pos_label,
        "average": "weighted" if pos_label is None else "binary",
        "sample_weight": weights,
    }
    for name in ("precision_score", "recall_score", "f1_score"):
        yield name, _bound(getattr(metrics, name), labels, predicted, **shared)
    yield "accuracy_score", _bound(metrics.accuracy_score, labels, predicted, sample_weight=weights)
    if hasattr(estimator, "predict_proba"):
        chances = estimator.predict_proba(fitted.data)
        yield "log_loss", _bound(metrics.log_loss, labels, chances, sample_weight=weights)
        # with two classes, what is asked for is the score of the greater label
        scores = chances[:, 1] if len(chances[0]) == 2 else chances  # noqa: PLR2004 - two classes
        ways = {"average": "weighted", "sample_weight": weights, "multi_class": "ovo"}
        yield "roc_auc", _bound(metrics.roc_auc_score, labels, scores, **ways)


def _regressor_scores(estimator: Any, fitted: Fitted, care: Care) -> dict[str, float]:
    from sklearn import metrics

    predicted = estimator.predict(fitted.data)
    functions = (metrics.mean_squared_error, metrics.mean_absolute_error, metrics.r2_score)
    found = _computed(
        (
            (one.__name__, _bound(one, fitted.labels, predicted, sample_weight=fitted.weights))
            for one in functions
        ),
        care,
    )
    square = found.get(f"{PREFIX}mean_squared_error")
    return found if square is None else {**found, f"{PREFIX}root_mean_squared_error": math.sqrt(square)}


def _bound(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[[], float]:
    return lambda: float(function(*args, **kwargs))


def _computed(scores: Any, care: Care) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, compute in scores:
        with care.attempt(f"compute the metric '{PREFIX}{name}'"):
            found[f"{PREFIX}{name}"] = compute()
    return found
