"""Answers in the shape that a GraphQL query wants: our JSON under other names, cut to the fields asked for.

Names are in camel case, whole numbers are texts (a browser's numbers are too short for them), and a number
that JSON has not is null. A field that is not known here is null: all of MLflow's may be, and the pages of a
newer release ask for newer ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlflowflow.server.graphql import Field

#: The fields of each of MLflow's types that have fields themselves, and their types; in brackets those of lists.
TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "MlflowGetExperimentResponse": {"experiment": "MlflowExperiment", "apiError": "ApiError"},
    "MlflowGetRunResponse": {"run": "MlflowRunExtension", "apiError": "ApiError"},
    "MlflowSearchRunsResponse": {"runs": "[MlflowRunExtension]", "apiError": "ApiError"},
    "MlflowGetMetricHistoryBulkIntervalResponse": {
        "metrics": "[MlflowMetricWithRunId]",
        "apiError": "ApiError",
    },
    "MlflowExperiment": {"tags": "[MlflowExperimentTag]"},
    "MlflowRunExtension": {
        "info": "MlflowRunInfo",
        "data": "MlflowRunData",
        "inputs": "MlflowRunInputs",
        "outputs": "MlflowRunOutputs",
        "experiment": "MlflowExperiment",
        "modelVersions": "[MlflowModelVersion]",
    },
    "MlflowRunData": {
        "metrics": "[MlflowMetricExtension]",
        "params": "[MlflowParam]",
        "tags": "[MlflowRunTag]",
    },
    "MlflowRunInputs": {"datasetInputs": "[MlflowDatasetInput]", "modelInputs": "[MlflowModelInput]"},
    "MlflowDatasetInput": {"dataset": "MlflowDataset", "tags": "[MlflowInputTag]"},
    "MlflowRunOutputs": {"modelOutputs": "[MlflowModelOutput]"},
    "MlflowModelVersion": {"tags": "[MlflowModelVersionTag]"},
}
_TYPE: Final = "__typename"
_WORDS: Final = frozenset({"NaN", "Infinity", "-Infinity"})
_METRICS: Final = frozenset({"MlflowMetricExtension", "MlflowMetricWithRunId"})
_CAPITAL: Final = re.compile("[A-Z]")


def shaped(found: Mapping[str, Any], fields: Iterable[Field], kind: str) -> dict[str, Any]:
    """Return the `fields` of an object of the type `kind`.

    >>> from mlflowflow.server.graphql import read
    >>> shaped({"end_time": 3, "x": 1}, read("{ endTime userId __typename }"), "MlflowRunInfo")
    {'endTime': '3', 'userId': None, '__typename': 'MlflowRunInfo'}
    """
    return {field.alias: _value(found, field, kind) for field in fields}


def _value(found: Mapping[str, Any], field: Field, kind: str) -> Any:
    if field.name == _TYPE:
        return kind
    value = found.get(_snake(field.name))
    inner = TYPES.get(kind, {}).get(field.name)
    if inner is None:
        return None if field.fields else _scalar(value, is_number=kind in _METRICS and field.name == "value")
    if inner.startswith("["):
        return [shaped(each, field.fields, inner.strip("[]")) for each in value or ()]
    return None if value is None else shaped(value, field.fields, inner)


def _scalar(value: Any, *, is_number: bool) -> Any:
    if is_number:
        return None if value in _WORDS else value
    return str(value) if type(value) is int else value


def _snake(name: str) -> str:
    return _CAPITAL.sub(lambda found: f"_{found[0].lower()}", name)
