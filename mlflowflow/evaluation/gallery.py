"""The pictures and tables of a classifier, under MLflow's names."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.digest_utils import pandas
from mlflowflow.data.optional import optional
from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation import curves, plots
from mlflowflow.evaluation.classifier import per_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflowflow.evaluation.classifier import Answers

_LOG: Final = logging.getLogger(__name__)
_MOST_CLASSES: Final = 10
_DIAGONAL: Final = ((0.0, 1.0), (0.0, 1.0))


def check_gallery(config: Mapping[str, Any]) -> None:
    """Raise `InvalidInput` for settings of pictures that cannot be followed."""
    if not isinstance(config.get("calibration_n_bins", curves.BINS), int):
        raise InvalidInput("calibration_n_bins is a whole number, that of the bins of the calibration curve.")
    if not isinstance(config.get("calibration_classifier_name", ""), str):
        raise InvalidInput("calibration_classifier_name is a text, the title of the calibration curve.")


def pictures(answers: Answers, config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the pictures that the answers allow, each with its name."""
    if answers.probabilities is not None and _has_both_sides(answers):
        if answers.labels.is_binary or len(answers.labels.every) <= _most(config):
            yield "roc_curve_plot", _roc(answers)
            yield "precision_recall_curve_plot", _precision_recall(answers)
        if answers.labels.is_binary:
            yield "lift_curve_plot", _lift(answers)
        yield "calibration_curve_plot", _calibration(answers, config)
    yield "confusion_matrix", _confusion(answers)


def class_table(answers: Answers, config: Mapping[str, Any]) -> Any:
    """Return the metrics of each label against all others as a pandas table."""
    table = pandas("An evaluation").DataFrame(per_class(answers))
    if answers.probabilities is not None and _has_both_sides(answers) and len(table) <= _most(config):
        table["roc_auc"] = [curve.area for curve in curves.roc(answers)]
        table["precision_recall_auc"] = [curve.area for curve in curves.precision_recall(answers)]
    return table


def _roc(answers: Answers) -> Any:
    about = _about(answers)
    return plots.lines(
        curves.roc(answers),
        title="ROC curve",
        x_label=f"False Positive Rate{about}",
        y_label=f"True Positive Rate{about}",
        reference=_DIAGONAL,
        steps=True,
    )


def _precision_recall(answers: Answers) -> Any:
    about = _about(answers)
    return plots.lines(
        curves.precision_recall(answers),
        title="Precision recall curve",
        x_label=f"Recall{about}",
        y_label=f"Precision{about}",
        reference=_guessing(answers),
        steps=True,
    )


def _guessing(answers: Answers) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the precision of a guess, the share of positive rows; with several curves there is no one such line."""
    if not answers.labels.is_binary:
        return None
    share = float((answers.truth == answers.labels.positive).mean())
    return (0.0, 1.0), (share, share)


def _lift(answers: Answers) -> Any:
    return plots.lines(
        curves.lift(answers),
        title="Lift curve",
        x_label="Share of rows, the surest first",
        y_label="Lift",
        reference=((0.0, 1.0), (1.0, 1.0)),
    )


def _calibration(answers: Answers, config: Mapping[str, Any]) -> Any:
    name = config.get("calibration_classifier_name") or "Classifier"
    return plots.lines(
        curves.calibration(answers, bins=config.get("calibration_n_bins", curves.BINS)),
        title=f"{name} calibration",
        x_label="Mean predicted probability",
        y_label="Observed share",
        reference=_DIAGONAL,
        marker="o",
    )


def _confusion(answers: Answers) -> Any:
    labels = list(answers.labels.every)
    metrics = optional("sklearn.metrics", extra="evaluate", purpose="An evaluation")
    shares = metrics.confusion_matrix(
        answers.truth, answers.said, labels=labels, normalize="true", sample_weight=answers.weights
    )
    return plots.confusion(shares, labels)


def _about(answers: Answers) -> str:
    return f" (positive label: {answers.labels.positive})" if answers.labels.is_binary else ""


def _most(config: Mapping[str, Any]) -> int:
    return int(config.get("max_classes_for_multiclass_roc_pr", _MOST_CLASSES))


def _has_both_sides(answers: Answers) -> bool:
    """Answer whether each label is that of some rows and not of all: curves need both."""
    absent = [label for label in answers.labels.every if not (answers.truth == label).any()]
    if absent:
        _LOG.warning("No row has the label %r, so no curves are drawn.", absent[0])
    return not absent
