"""Data parted for an evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlflowflow.data.evaluation_dataset import EvaluationDataset
from mlflowflow.errors import InvalidInput

TABLE = pd.DataFrame({"a": [1, 2], "b": [3, 4], "y": [0, 1], "p": [1, 1]})


def test_a_table_is_parted_by_names() -> None:
    """Features are all other columns, or those that are named, in that order."""
    every = EvaluationDataset(TABLE, targets="y", predictions="p")
    chosen = EvaluationDataset(TABLE, targets="y", feature_names=["b", "a"])
    assert (every.feature_names, every.targets_name, every.predictions_name) == (["a", "b"], "y", "p")
    assert list(chosen.features_data) == ["b", "a"]
    assert (every.has_targets, every.has_predictions, chosen.has_predictions) == (True, True, False)


def test_an_array_is_parted_by_place() -> None:
    """Lists of rows are arrays too, and names can be given."""
    parts = EvaluationDataset([[1, 2], [3, 4]], targets=[0, 1], feature_names=["a", "b"])
    assert list(parts.frame()) == ["a", "b"]
    assert parts.labels_data.tolist() == [0, 1]


def test_numbered_columns_get_names() -> None:
    """A model's caller needs names, as with MLflow."""
    parts = EvaluationDataset(pd.DataFrame([[1, 2]]))
    assert parts.feature_names == ["feature_0", "feature_1"]
    assert list(parts.frame()) == ["feature_0", "feature_1"]


def test_the_table_of_features_is_a_copy() -> None:
    """A model that writes into its input changes nobody's data."""
    parts = EvaluationDataset(TABLE, targets="y")
    copy = parts.frame()
    copy.loc[:, "a"] = 0
    assert parts.features_data["a"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("data", "arguments", "word"),
    [
        (TABLE, {"targets": "z"}, "'z'"),
        (TABLE, {"targets": np.array([0, 1])}, "name of a column"),
        (TABLE, {"predictions": "z"}, "'z'"),
        (TABLE, {"feature_names": ["z"]}, "'z'"),
        (TABLE, {"feature_names": ["a", "a"]}, "not all different"),
        (TABLE, {"name": 'a"b'}, "double quote"),
        (TABLE, {"path": 'a"b'}, "double quote"),
        (np.zeros(3), {}, "two axes"),
        ([[1], [1, 2]], {}, "different lengths"),
        (np.zeros((2, 2)), {"targets": [1]}, "2 rows and 1 targets"),
        (np.zeros((2, 2)), {"targets": "y"}, "an array or a list"),
        (np.zeros((2, 2)), {"feature_names": ["a"]}, "2 features and 1 names"),
        (np.zeros((2, 2)), {"predictions": "p"}, "must be a table"),
        ("text", {}, "not a str"),
    ],
)
def test_what_does_not_fit_is_refused(data: Any, arguments: dict[str, Any], word: str) -> None:
    """The sentence says what was found and what was expected."""
    with pytest.raises(InvalidInput, match=word):
        EvaluationDataset(data, **arguments)


def test_the_hash_covers_all_parts() -> None:
    """Another feature, target, prediction or name is another dataset; lists in cells count too."""
    parts = [
        EvaluationDataset(TABLE, targets="y"),
        EvaluationDataset(TABLE, targets="p"),
        EvaluationDataset(TABLE.assign(a=[1, 9]), targets="y"),
        EvaluationDataset(TABLE, targets="y", predictions="p"),
        EvaluationDataset(pd.DataFrame({"a": [[1], [2]]})),
        EvaluationDataset(pd.DataFrame({"a": [[1], [3]]})),
    ]
    assert len({one.hash for one in parts}) == len(parts)
    assert parts[0].name == parts[0].hash == EvaluationDataset(TABLE, targets="y").hash
