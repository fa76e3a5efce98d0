"""Our JSON in the shape of MLflow's GraphQL types."""

from __future__ import annotations

from typing import Any

import pytest

from mlflowflow.server.graphql import read
from mlflowflow.server.graphql_answers import TYPES, shaped


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.5, 0.5), (3.0, 3.0), ("NaN", None), ("Infinity", None), ("-Infinity", None), (None, None)],
)
def test_the_value_of_a_metric_is_a_number_or_null(value: Any, told: float | None) -> None:
    """JSON has no other."""
    metric = {"key": "NaN", "value": value, "step": 2**60}
    found = shaped(metric, read("{key value step}"), "MlflowMetricExtension")
    assert found == {"key": "NaN", "value": told, "step": str(2**60)}


def test_the_value_of_a_param_is_a_text() -> None:
    """Whatever it says."""
    assert shaped({"value": "NaN"}, read("{value}"), "MlflowParam") == {"value": "NaN"}


def test_what_is_absent_is_null_and_a_list_is_empty() -> None:
    """Pages go through lists without looking."""
    fields = read(
        "{info {runName} data {metrics {key}} inputs {datasetInputs {tags {key}}} modelVersions {name}}"
    )
    assert shaped({"data": {}, "inputs": {}}, fields, "MlflowRunExtension") == {
        "info": None,
        "data": {"metrics": []},
        "inputs": {"datasetInputs": []},
        "modelVersions": [],
    }


def test_objects_within_lists_say_their_types() -> None:
    """A page's cache tells them apart by those."""
    found = {"data": {"tags": [{"key": "a", "value": "1"}]}}
    fields = read("{data {tags {key __typename} __typename} __typename}")
    assert shaped(found, fields, "MlflowRunExtension") == {
        "data": {"tags": [{"key": "a", "__typename": "MlflowRunTag"}], "__typename": "MlflowRunData"},
        "__typename": "MlflowRunExtension",
    }


def test_fields_of_a_newer_release_are_null() -> None:
    """Single ones and those with fields."""
    found = shaped(
        {"name": "x", "is_dir": True}, read("{name newer other {field} isDir}"), "MlflowExperiment"
    )
    assert found == {"name": "x", "newer": None, "other": None, "isDir": True}


def test_every_type_that_has_fields_is_named_by_a_type() -> None:
    """But those of the root, which the handler names."""
    named = {kind.strip("[]") for fields in TYPES.values() for kind in fields.values()}
    assert {kind for kind in TYPES if kind not in named} == {
        kind for kind in TYPES if kind.endswith("Response")
    }
