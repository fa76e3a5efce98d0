"""Compute users' metrics: give each function what its parameters name, in an order that makes it possible."""

from __future__ import annotations

import copy
import inspect
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, MlflowflowError
from mlflowflow.evaluation.metric import MetricValue, is_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.evaluation.metric import EvaluationMetric

_LOG: Final = logging.getLogger(__name__)
_TABLE_AND_METRICS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What metric functions can ask for.

    `table` has the column ``prediction`` and, if there are labels, ``target``; `features` are the
    model's input, `outputs` what it returned beside the predictions. The names are those of the data's
    own columns, which mean the same as ``targets`` and ``predictions``.
    """

    table: Any
    features: Any
    outputs: Any = None
    config: Mapping[str, Any] = field(default_factory=dict)
    targets_name: str | None = None
    predictions_name: str | None = None


def compute(
    metrics: Sequence[EvaluationMetric], material: Material, known: Mapping[str, MetricValue]
) -> dict[str, MetricValue]:
    """Return `known` and the values of `metrics`, which may need one another.

    A function that returns nothing, or nothing that is a metric, is logged and left out.

    Raises `InvalidInput` for a metric whose parameters name nothing there is, and for one that fails.
    """
    values, waiting = dict(known), list(metrics)
    while waiting:
        absent: dict[str, list[str]] = {}
        later: list[EvaluationMetric] = []
        for metric in waiting:
            arguments = _arguments(metric, material, values, waiting)
            if isinstance(arguments, list):
                absent[metric.name] = arguments
                later.append(metric)
                continue
            found = _checked(metric, _called(metric, arguments))
            if found is not None:
                values[metric.key] = found
        if len(later) == len(waiting):
            raise InvalidInput(_what_is_missing(absent, material))
        waiting = later
    return values


def aggregates(values: Mapping[str, MetricValue]) -> dict[str, float]:
    """Return the numbers over all rows by the names they are logged under.

    >>> aggregates({"wer/v1": MetricValue(aggregate_results={"wer": 0.5, "p90": 0.9})})
    {'wer/v1': 0.5, 'wer/v1/p90': 0.9}
    """
    return {
        name if part == name.partition("/")[0] else f"{name}/{part}": number
        for name, value in values.items()
        for part, number in _numbers(value).items()
    }


def _numbers(value: MetricValue) -> dict[str, float]:
    found: Mapping[str, Any] = value.aggregate_results or {}
    return {part: number for part, number in found.items() if number is not None}


def _arguments(
    metric: EvaluationMetric,
    material: Material,
    values: Mapping[str, MetricValue],
    waiting: Sequence[EvaluationMetric],
) -> dict[str, Any] | list[str]:
    """Return the arguments by parameter, or the parameters for which there is nothing yet."""
    parameters = inspect.signature(metric.eval_fn).parameters
    names = list(parameters)
    if len(names) == _TABLE_AND_METRICS and names[0] != "predictions" and names[1] != "targets":
        return {names[0]: material.table.copy(), names[1]: aggregates(values)}
    found: dict[str, Any] = {}
    absent: list[str] = []
    to_come = {one.name for one in waiting if one is not metric}
    mapping = material.config.get("col_mapping") or {}
    for name, parameter in parameters.items():
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            continue
        wanted = mapping.get(name, name)
        given, value = _look_up(wanted, material, values)
        if given:
            found[name] = value
        elif parameter.default is parameter.empty or wanted in to_come:
            absent.append(name)
    return absent or found


def _look_up(wanted: Any, material: Material, values: Mapping[str, MetricValue]) -> tuple[bool, Any]:
    if not isinstance(wanted, str):
        return True, wanted  # the mapping holds a whole column
    for find in (_special, _column, _configured, _metric):
        found = find(wanted, material, values)
        if found is not None:
            return True, found
    return False, None


def _special(wanted: str, material: Material, values: Mapping[str, MetricValue]) -> Any:
    if wanted in {"predictions", material.predictions_name}:
        return material.table["prediction"].copy()
    if wanted in {"targets", material.targets_name}:
        return material.table.get("target")
    return copy.deepcopy(dict(values)) if wanted == "metrics" else None


def _column(wanted: str, material: Material, values: Mapping[str, MetricValue]) -> Any:
    del values
    tables = [table for table in (material.features, material.outputs) if table is not None]
    return next((table[wanted] for table in tables if wanted in table.columns), None)


def _configured(wanted: str, material: Material, values: Mapping[str, MetricValue]) -> Any:
    del values
    return material.config.get(wanted)


def _metric(wanted: str, material: Material, values: Mapping[str, MetricValue]) -> Any:
    del material
    return next((value for name, value in values.items() if name.partition("/")[0] == wanted), None)


def _called(metric: EvaluationMetric, arguments: Mapping[str, Any]) -> Any:
    try:
        bound = inspect.BoundArguments(inspect.signature(metric.eval_fn), OrderedDict(arguments))
        return metric.eval_fn(*bound.args, **bound.kwargs)
    except MlflowflowError:
        raise
    except Exception as error:
        raise InvalidInput(f"The metric '{metric.name}' failed: {type(error).__name__}: {error}") from error


def _checked(metric: EvaluationMetric, found: Any) -> MetricValue | None:
    if is_number(found):
        return MetricValue(aggregate_results={metric.name: float(found)})
    problem = _problem(found)
    if problem is None:
        return found  # type: ignore[no-any-return]
    _LOG.warning("The metric '%s' is left out: its function returned %s.", metric.name, problem)
    return None


def _problem(found: Any) -> str | None:
    if not isinstance(found, MetricValue):
        return "nothing" if found is None else f"a {type(found).__name__}, no number and no MetricValue"
    if found.scores is not None and not _is_list(
        found.scores, lambda one: is_number(one) or isinstance(one, str)
    ):
        return "scores that are no list of numbers or texts"
    if found.justifications is not None and not _is_list(
        found.justifications, lambda one: isinstance(one, str)
    ):
        return "justifications that are no list of texts"
    numbers: Any = found.aggregate_results
    if numbers is not None and not all(
        isinstance(key, str) and (one is None or is_number(one)) for key, one in numbers.items()
    ):
        return "aggregate_results that are no numbers by name"
    return None


def _is_list(found: Any, fits: Any) -> bool:
    return isinstance(found, list) and all(one is None or fits(one) for one in found)


def _what_is_missing(absent: Mapping[str, list[str]], material: Material) -> str:
    needs = "; ".join(f"'{name}' needs {', '.join(parameters)}" for name, parameters in absent.items())
    inputs = ", ".join(map(str, material.features.columns))
    outputs = "" if material.outputs is None else ", ".join(map(str, material.outputs.columns))
    return (
        f"Metrics ask for what there is not: {needs}. The data has the columns {inputs or '(none)'}"
        f"{', the predictions ' + outputs if outputs else ''}. Rename a parameter, or map it to a column in "
        "evaluator_config['col_mapping']."
    )
