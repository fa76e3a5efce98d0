"""Compute everything an evaluation says: numbers, curves, what came of each row. Nothing is logged here."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.digest_utils import pandas
from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation import classifier, intervals, outcomes, regressor
from mlflowflow.evaluation.classifier import Answers, find_labels
from mlflowflow.evaluation.extra import Material, compute
from mlflowflow.evaluation.metric import MetricValue
from mlflowflow.evaluation.settings import CLASSIFIER, REGRESSOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.data.evaluation_dataset import EvaluationDataset
    from mlflowflow.evaluation.intervals import Interval
    from mlflowflow.evaluation.settings import Settings
    from mlflowflow.evaluation.subject import Subject

_LOG: Final = logging.getLogger(__name__)
_TABLE_AXES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found: `values` by metric, `said` row by row, and the parts that pictures are made of."""

    values: Mapping[str, MetricValue]
    said: Any
    outputs: Any = None
    answers: Answers | None = None
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    columns: Mapping[str, Any] | None = None


def examine(
    subject: Subject, data: EvaluationDataset, settings: Settings, *, output: str | None = None
) -> Findings:
    """Ask for predictions and compute what `settings` want.

    `output` names the predictions among several outputs of a model. Raises `InvalidInput` for
    predictions that do not fit the data.
    """
    weights = _weights(settings.config.get("sample_weights"), len(data))
    said, outputs = _said(subject, data, output)
    if settings.kind == CLASSIFIER:
        found = _classifier(subject, data, settings, said, weights)
    elif settings.kind == REGRESSOR:
        found = _regressor(subject, data, settings, said, weights)
    else:
        found = Findings(values={}, said=said)
    material = Material(
        table=truth_and_said(said, data),
        features=data.frame().reset_index(drop=True),  # rows belong together by place
        outputs=None if outputs is None else outputs.reset_index(drop=True),
        config=settings.config,
        targets_name=data.targets_name,
        predictions_name=output or data.predictions_name,
    )
    values = compute(settings.extra_metrics, material, found.values)
    _check_rows(values, len(data))
    columns = (
        found.columns if weights is None or found.columns is None else {**found.columns, "weight": weights}
    )
    return Findings(
        values=values,
        said=said,
        outputs=outputs,
        answers=found.answers,
        intervals=found.intervals,
        columns=columns,
    )


def _classifier(
    subject: Subject, data: EvaluationDataset, settings: Settings, said: Any, weights: Any
) -> Findings:
    import numpy as np

    chances = None if subject.probabilities is None else np.asarray(subject.probabilities(data))
    truth = np.asarray(data.labels_data)
    width = None if chances is None else chances.shape[1]
    labels = find_labels(truth, said, settings.config, classes=subject.classes, width=width)
    answers = Answers(truth=truth, said=said, labels=labels, probabilities=chances, weights=weights)
    average = settings.config.get("average")
    found = {**_score(subject, data, weights), **classifier.metrics_of(answers, average=average)}
    return Findings(
        values=_values(found),
        said=said,
        answers=answers,
        intervals=_classifier_intervals(answers, average or "weighted", _level(settings)),
        columns=outcomes.classifier_columns(truth, said, sorted(labels.every), chances),
    )


def _regressor(
    subject: Subject, data: EvaluationDataset, settings: Settings, said: Any, weights: Any
) -> Findings:
    import numpy as np

    truth = np.asarray(data.labels_data)
    found = {**regressor.metrics_of(truth, said, weights), **_score(subject, data, weights)}
    columns = outcomes.regressor_columns(truth, said)
    return Findings(
        values=_values(found),
        said=said,
        intervals=_regressor_intervals(truth, columns["error"], weights, _level(settings)),
        columns=columns,
    )


def _classifier_intervals(answers: Answers, average: str, level: float) -> dict[str, Interval]:
    import numpy as np

    right = answers.truth == answers.said
    found: dict[str, Interval] = {}
    if answers.probabilities is not None:
        costs = outcomes.classifier_columns(
            answers.truth, answers.said, sorted(answers.labels.every), answers.probabilities
        )
        found |= _of_weighted_mean("log_loss", costs["loss"], answers.weights, level)
    if answers.weights is not None:
        return {**_of_weighted_mean("accuracy_score", right.astype(float), answers.weights, level), **found}
    found["accuracy_score"] = intervals.wilson(int(right.sum()), len(right), level=level)
    every = list(answers.labels.every)
    place = {label: number for number, label in enumerate(every)}
    matrix = np.zeros((len(every), len(every)))
    for true, said in zip(answers.truth.tolist(), answers.said.tolist(), strict=True):
        if true in place and said in place:
            matrix[place[true], place[said]] += 1
    if not answers.labels.is_binary:
        return (
            found | intervals.of_confusion(matrix, intervals.of_averages(average), level=level)
            if average
            in {
                "macro",
                "weighted",
            }
            else found
        )
    of_f1 = {"f1_score": intervals.of_averages("binary")["f1_score"]}
    found |= intervals.of_confusion(matrix, of_f1, level=level)
    hits = int(matrix[1, 1])
    for name, rows in (("precision_score", matrix[:, 1].sum()), ("recall_score", matrix[1].sum())):
        if rows:
            found[name] = intervals.wilson(hits, int(rows), level=level)
    if answers.probabilities is not None:
        chance = answers.probabilities[:, answers.labels.column]
        area = intervals.delong(answers.truth == answers.labels.positive, chance, level=level)
        found |= {} if area is None else {"roc_auc": area}
    return found


def _regressor_intervals(truth: Any, error: Any, weights: Any, level: float) -> dict[str, Interval]:
    import numpy as np

    weight = np.ones(len(error)) if weights is None else np.asarray(weights, dtype=float)
    truth = np.asarray(truth, dtype=float)
    middle = truth - truth.mean()  # less is lost in the square of a small number
    parts = [np.abs(error), error**2, middle, middle**2, np.ones(len(error))]
    columns = np.column_stack([weight * part for part in parts])

    def spread(means: Any) -> Any:
        return means[:, 3] / means[:, 4] - (means[:, 2] / means[:, 4]) ** 2

    wanted = {
        "mean_absolute_error": lambda means: means[:, 0] / means[:, 4],
        "mean_squared_error": lambda means: means[:, 1] / means[:, 4],
        "root_mean_squared_error": lambda means: np.sqrt(means[:, 1] / means[:, 4]),
    }
    if len(error) > _TABLE_AXES and middle.any():
        # a draw of one row again and again has no variance; its share explained is left out
        wanted["r2_score"] = lambda means: _finite(1 - _ratio(means[:, 1] / means[:, 4], spread(means)))
    return intervals.of_means(columns, wanted, level=level)


def _of_weighted_mean(name: str, column: Any, weights: Any, level: float) -> dict[str, Interval]:
    import numpy as np

    weight = np.ones(len(column)) if weights is None else np.asarray(weights, dtype=float)
    columns = np.column_stack([weight * column, weight])
    return intervals.of_means(
        columns, {name: lambda means: _finite(_ratio(means[:, 0], means[:, 1]))}, level=level
    )


def _ratio(part: Any, whole: Any) -> Any:
    import numpy as np

    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _finite(values: Any) -> Any:
    import numpy as np

    return values[np.isfinite(values)]


def _score(subject: Subject, data: EvaluationDataset, weights: Any) -> dict[str, float]:
    if subject.score is None:
        return {}
    try:
        return {"score": subject.score(data, weights)}
    except Exception as problem:  # noqa: BLE001 - a model's own code; all other metrics can be computed
        _LOG.warning("The model's own score cannot be computed: %s: %s", type(problem).__name__, problem)
        return {}


def _said(subject: Subject, data: EvaluationDataset, output: str | None) -> tuple[Any, Any]:
    """Return the predictions as an array with one axis, and what else the model returned."""
    import numpy as np

    if subject.predict is None:
        if data.predictions_data is None:
            raise InvalidInput(
                "There is neither a model nor predictions; give a model, or name the column of the predictions."
            )
        found, outputs = data.predictions_data, None
    else:
        found, outputs = _parted(subject.predict(data), output)
    said = np.asarray(found)
    if said.ndim == _TABLE_AXES and said.shape[1] == 1:
        said = said[:, 0]
    if said.ndim != 1 or len(said) != len(data):
        raise InvalidInput(
            f"Of {len(data)} rows, the predictions have the shape {said.shape}; expected one for each row."
        )
    return said, outputs


def _check_rows(values: Mapping[str, MetricValue], rows: int) -> None:
    for name, value in values.items():
        for column in (value.scores, value.justifications):
            if column is not None and len(column) != rows:
                raise InvalidInput(
                    f"There are {rows} rows, and the metric '{name}' gives {len(column)} of them a score."
                )


def _parted(found: Any, output: str | None) -> tuple[Any, Any]:
    """Part a model's outputs, by name, into its predictions and the rest."""
    pd = pandas("An evaluation")
    records = isinstance(found, list) and found and all(isinstance(one, dict) for one in found)
    if not (records or isinstance(found, dict | pd.DataFrame)):
        return found, None
    table = pd.DataFrame(found)
    names = list(table.columns)
    if output not in names and len(names) > 1:
        raise InvalidInput(
            f"The model returns several outputs: {', '.join(map(str, names))}; name the predictions among them by "
            f"`predictions`, which is {output!r}."
        )
    chosen = output if output in names else names[0]
    return table[chosen], table.drop(columns=[chosen]) if len(names) > 1 else None


def truth_and_said(said: Any, data: EvaluationDataset) -> Any:
    """Return a table of the predictions and, if there are labels, of the targets."""
    table = pandas("An evaluation").DataFrame({"prediction": said})
    if data.labels_data is not None:
        table["target"] = data.labels_data
    return table


def _weights(found: Any, rows: int) -> Any:
    import numpy as np

    if found is None:
        return None
    weights = np.asarray(found, dtype=float)
    if weights.shape != (rows,):
        raise InvalidInput(f"There are {rows} rows, and the sample_weights have the shape {weights.shape}.")
    return weights


def _level(settings: Settings) -> float:
    return intervals.demand_level(settings.config.get("confidence_level", intervals.LEVEL))


def _values(found: Mapping[str, float]) -> dict[str, MetricValue]:
    return {name: MetricValue(aggregate_results={name: value}) for name, value in found.items()}
