"""The metrics of classifiers, with MLflow's names and values, computed by scikit-learn."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.optional import optional
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG: Final = logging.getLogger(__name__)
_BINARY: Final = 2
#: Averages for which scikit-learn has an area under the curve of many classes.
_WITH_AREA: Final = frozenset({"macro", "weighted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels there are, the positive one last if there are two, and its column in the probabilities."""

    every: tuple[Any, ...]
    positive: Any = None
    column: int = 1

    @property
    def is_binary(self) -> bool:
        """Whether there are two."""
        return len(self.every) == _BINARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was true and what was said, row by row; `probabilities` has one column for each label, sorted."""

    truth: Any
    said: Any
    labels: Labels
    probabilities: Any = None
    weights: Any = None


def find_labels(
    truth: Any,
    said: Any,
    config: Mapping[str, Any],
    *,
    classes: tuple[Any, ...] | None = None,
    width: int | None = None,
) -> Labels:
    """Return the labels that are configured, or else occur; the model's own if its probabilities have more.

    Raises `InvalidInput` for fewer than two, for a positive label that is not among them and for a
    number of labels that the probabilities (`width` columns) do not have.

    >>> import numpy as np
    >>> find_labels(np.array([0, 1]), np.array([1, 1]), {"pos_label": 0})
    Labels(every=(1, 0), positive=0, column=0)
    """
    import numpy as np

    positive, given = config.get("pos_label"), config.get("label_list")
    found = _occurring(truth, said) if given is None else np.array(given)
    if given is None and width is not None and classes is not None and len(found) != width == len(classes):
        found = np.array(classes)
    every = np.sort(found).tolist()
    if len(every) < _BINARY:
        raise InvalidInput(
            f"A classifier is evaluated with at least two labels; found {every}. Name all there are in "
            "evaluator_config['label_list']."
        )
    if positive is not None and given is not None and positive not in every:
        raise InvalidInput(f"The pos_label {positive!r} is not in the label_list {every}.")
    if width is not None and width != len(every):
        raise InvalidInput(
            f"The model gives {width} probabilities for each row, and there are {len(every)} labels: {every[:20]}. "
            "Name all there are in evaluator_config['label_list']."
        )
    if len(every) != _BINARY:
        return Labels(every=tuple(every), positive=positive)
    positive = every[-1] if positive is None else positive
    column = every.index(positive) if positive in every else 1
    others = [label for label in every if label != positive]
    return Labels(every=(*others, positive), positive=positive, column=column)


def metrics_of(answers: Answers, *, average: str | None = None) -> dict[str, float]:
    """Return the metrics of a classifier by MLflow's names.

    Of two labels, precision, recall and F1 are the positive one's; of more they are averaged as
    `average` says (``weighted`` by default).
    """
    if answers.labels.is_binary:
        return {**_counts(answers), **_common(answers, average="binary"), **_areas_of_two(answers)}
    average = average or "weighted"
    return {**_common(answers, average=average), **_area_of_many(answers, average)}


def per_class(answers: Answers) -> list[dict[str, Any]]:
    """Return, for each label, the metrics of telling it from all others."""
    import numpy as np

    rows: list[dict[str, Any]] = []
    for label in answers.labels.every:
        one = Answers(
            truth=np.where(answers.truth == label, 1, 0),
            said=np.where(answers.said == label, 1, 0),
            labels=Labels(every=(0, 1), positive=1),
            weights=answers.weights,
        )
        rows.append({"positive_class": label, **_counts(one), **_common(one, average="binary")})
    return rows


def _occurring(truth: Any, said: Any) -> Any:
    import numpy as np

    try:
        return np.unique(np.concatenate([truth, said]))
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"Labels and predictions cannot be put in one order ({error}); give both as numbers or both as text."
        ) from error


def _metrics() -> Any:
    return optional("sklearn.metrics", extra="evaluate", purpose="An evaluation")


def _counts(answers: Answers) -> dict[str, int]:
    table = _metrics().confusion_matrix(answers.truth, answers.said, labels=list(answers.labels.every))
    names = ("true_negatives", "false_positives", "false_negatives", "true_positives")
    return dict(zip(names, map(int, table.ravel()), strict=True))


def _common(answers: Answers, *, average: str) -> dict[str, float]:
    metrics, weights = _metrics(), answers.weights
    # zero_division is what scikit-learn does anyway, without a warning for each label that never occurs
    options: dict[str, Any] = {"average": average, "sample_weight": weights, "zero_division": 0}
    if average == "binary":
        options["pos_label"] = answers.labels.positive
    found = {
        "example_count": len(answers.truth),
        "accuracy_score": float(metrics.accuracy_score(answers.truth, answers.said, sample_weight=weights)),
    }
    for name in ("recall_score", "precision_score", "f1_score"):
        found[name] = float(getattr(metrics, name)(answers.truth, answers.said, **options))
    if answers.probabilities is not None:
        labels = sorted(answers.labels.every)
        loss = metrics.log_loss(answers.truth, answers.probabilities, labels=labels, sample_weight=weights)
        found["log_loss"] = float(loss)
    return found


def _areas_of_two(answers: Answers) -> dict[str, float]:
    if answers.probabilities is None:
        return {}
    positive = answers.truth == answers.labels.positive
    if positive.all() or not positive.any():
        _LOG.warning("Only one label occurs, so there is no area under the curve.")
        return {}
    metrics, chance = _metrics(), answers.probabilities[:, answers.labels.column]
    options = {"sample_weight": answers.weights}
    return {
        "roc_auc": float(metrics.roc_auc_score(positive, chance, **options)),
        "precision_recall_auc": float(metrics.average_precision_score(positive, chance, **options)),
    }


def _area_of_many(answers: Answers, average: str) -> dict[str, float]:
    if answers.probabilities is None or average not in _WITH_AREA:
        return {}
    absent = [label for label in answers.labels.every if not (answers.truth == label).any()]
    if absent:
        _LOG.warning("No row has the label %r, so there is no area under the curve.", absent[0])
        return {}
    area = _metrics().roc_auc_score(
        answers.truth,
        answers.probabilities,
        sample_weight=answers.weights,
        average=average,
        multi_class="ovr",
    )
    return {"roc_auc": float(area)}
