"""The two families that compete, each with its own parameters.

`kernel` is a logistic regression on an approximated radial basis (C, gamma), `forest` a random
forest (trees, depth). Both fit in well under a second and say how sure they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.ensemble import RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import Pipeline, make_pipeline

if TYPE_CHECKING:
    import argparse

    from matplotlib.figure import Figure
    from rows import Rows

#: Which parameters matter to which family.
PARAMS = {"kernel": ("C", "gamma"), "forest": ("trees", "depth")}


def build(options: argparse.Namespace) -> Pipeline:
    """Return the unfitted classifier that `options` ask for; the same options give the same model."""
    if options.model == "forest":
        forest = RandomForestClassifier(options.trees, max_depth=options.depth, random_state=0)
        return make_pipeline(forest)
    return make_pipeline(
        Nystroem(gamma=options.gamma, n_components=200, random_state=0),
        LogisticRegression(C=options.C, max_iter=1000),
    )


def score(model: Pipeline, rows: Rows) -> dict[str, float]:
    """Return how well `model` reads the validation `rows`, and how sure it was."""
    probability = model.predict_proba(rows.pixels)
    guess = model.classes_[probability.argmax(axis=1)]
    return {
        "val_accuracy": float(accuracy_score(rows.label, guess)),
        "val_log_loss": float(log_loss(rows.label, probability, labels=model.classes_)),
    }


def confusion(model: Pipeline, rows: Rows) -> Figure:
    """Draw which digit is taken for which."""
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay

    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.add_subplot(title="Validation rows")
    ConfusionMatrixDisplay.from_estimator(model, rows.pixels, rows.label, ax=axes, colorbar=False)
    return figure
