"""The points of a classifier's curves, apart from how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.optional import optional

if TYPE_CHECKING:
    from mlflowflow.evaluation.classifier import Answers

BINS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line: its points, what it is called and, if that means something, the area under it."""

    xs: Any
    ys: Any
    label: str
    area: float | None = None


def roc(answers: Answers) -> list[Curve]:
    """Return false against true positive rates: of the positive label, or of each against the rest."""
    metrics = _metrics()

    def curve(truth: Any, chance: Any, name: str) -> Curve:
        xs, ys, _ = metrics.roc_curve(truth, chance, sample_weight=answers.weights)
        area = float(metrics.roc_auc_score(truth, chance, sample_weight=answers.weights))
        return Curve(xs=xs, ys=ys, label=f"{name}AUC={area:.3f}", area=area)

    return [curve(*one) for one in _against_the_rest(answers)]


def precision_recall(answers: Answers) -> list[Curve]:
    """Return recall against precision: of the positive label, or of each against the rest."""
    metrics = _metrics()

    def curve(truth: Any, chance: Any, name: str) -> Curve:
        ys, xs, _ = metrics.precision_recall_curve(truth, chance, sample_weight=answers.weights)
        area = float(metrics.average_precision_score(truth, chance, sample_weight=answers.weights))
        return Curve(xs=xs, ys=ys, label=f"{name}AP={area:.3f}", area=area)

    return [curve(*one) for one in _against_the_rest(answers)]


def calibration(answers: Answers, *, bins: int = BINS) -> list[Curve]:
    """Return predicted against observed shares, in `bins` of equal width."""
    curves: list[Curve] = []
    points = optional("sklearn.calibration", extra="evaluate", purpose="An evaluation").calibration_curve
    for truth, chance, name in _against_the_rest(answers):
        ys, xs = points(truth, chance, n_bins=bins)
        curves.append(Curve(xs=xs, ys=ys, label=name.rstrip(", ") or "model"))
    return curves


def lift(answers: Answers) -> list[Curve]:
    """Return, for both labels, how much denser they are among the surest rows than among all."""
    import numpy as np

    curves: list[Curve] = []
    for column, label in enumerate(sorted(answers.labels.every)):
        order = np.argsort(answers.probabilities[:, column], kind="stable")[::-1]
        hits = (answers.truth == label)[order]
        share = np.arange(1, len(hits) + 1) / len(hits)
        sign = " (positive)" if label == answers.labels.positive else ""
        ys = np.cumsum(hits) / hits.sum() / share
        curves.append(Curve(xs=share, ys=ys, label=f"Class {label}{sign}"))
    return curves


def _against_the_rest(answers: Answers) -> list[tuple[Any, Any, str]]:
    """Return, for each curve, where its label is true, how probable it was, and what it is called."""
    labels = answers.labels
    if labels.is_binary:
        chance = answers.probabilities[:, labels.column]
        return [(answers.truth == labels.positive, chance, "")]
    return [
        (answers.truth == label, answers.probabilities[:, column], f"label={label}, ")
        for column, label in enumerate(labels.every)
    ]


def _metrics() -> Any:
    return optional("sklearn.metrics", extra="evaluate", purpose="An evaluation")
