"""NumPy arrays as datasets."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from mlflowflow.data import from_numpy
from mlflowflow.errors import InvalidInput


def test_what_a_run_keeps_of_arrays() -> None:
    """Shapes, sizes and bytes in the profile, tensors in the schema, as MLflow writes them."""
    found = from_numpy(np.zeros((2, 3)), targets=np.array([0, 1])).to_dict()
    assert json.loads(found["profile"]) == {
        "features_shape": [2, 3],
        "features_size": 6,
        "features_nbytes": 48,
        "targets_shape": [2],
        "targets_size": 2,
        "targets_nbytes": 16,
    }
    tensors = json.loads(found["schema"])["mlflow_tensorspec"]
    assert json.loads(tensors["targets"])[0]["tensor-spec"] == {"dtype": "int64", "shape": [-1]}


def test_arrays_by_name() -> None:
    """Each array tells its own shape."""
    profile = from_numpy({"a": np.zeros(2), "b": np.zeros((2, 2))}).profile
    assert profile["features_shape"] == {"a": (2,), "b": (2, 2)}
    assert "targets_shape" not in profile


def test_an_evaluation_gets_named_features() -> None:
    """Features are numbered as MLflow numbers them, with as many digits as they need."""
    dataset = from_numpy(np.zeros((2, 11)), targets=np.array([0, 1]))
    names = dataset.to_evaluation_dataset().feature_names
    assert (names[0], names[-1]) == ("feature_01", "feature_11")
    assert dataset.features is not None
    assert dataset.targets is not None


@pytest.mark.parametrize(
    ("features", "targets"),
    [([1, 2], None), ({}, None), ({"a": [1]}, None), (np.zeros(2), [1, 2]), (None, None)],
)
def test_other_things_are_refused(features: Any, targets: Any) -> None:
    """Lists are not arrays: which type they would have is a guess."""
    with pytest.raises(InvalidInput, match="must be an array or arrays by name"):
        from_numpy(features, targets=targets)
