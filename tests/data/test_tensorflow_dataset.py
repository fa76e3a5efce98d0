"""Datasets of TensorFlow, with objects that stand in for TensorFlow's."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlflowflow.data import from_numpy, from_tensorflow
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Tensor:
    """A tensor, as far as it is used."""

    def __init__(self, array: Any) -> None:
        self.array = np.asarray(array)

    def numpy(self) -> Any:
        return self.array


class _Stream:
    """A ``tf.data.Dataset``, as far as it is used."""

    def __init__(self, *elements: Any) -> None:
        self.elements = elements

    def as_numpy_iterator(self) -> Iterator[Any]:
        return iter(self.elements)

    def cardinality(self) -> _Tensor:
        return _Tensor(len(self.elements))


@pytest.fixture(autouse=True)
def _package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", ModuleType("tensorflow"))


def test_tensors_are_described_as_arrays_are() -> None:
    """Digest and schema are those of the same arrays."""
    features, targets = np.zeros((2, 3)), np.array([0, 1])
    found = from_tensorflow(_Tensor(features), targets=_Tensor(targets))
    same = from_numpy(features, targets=targets).to_dict()
    assert (found.digest, found.to_dict()["schema"]) == (same["digest"], same["schema"])
    assert found.profile == {"features_cardinality": 6, "targets_cardinality": 2}
    assert found.to_evaluation_dataset().labels_data.tolist() == [0, 1]


def test_a_stream_is_described_by_its_elements() -> None:
    """Nested elements count by key, and the first one gives the schema."""
    one = from_tensorflow(_Stream({"b": np.ones(2), "a": np.zeros(2)}))
    same = from_tensorflow(_Stream({"a": np.zeros(2), "b": np.ones(2)}))
    other = from_tensorflow(_Stream({"a": np.ones(2), "b": np.zeros(2)}))
    assert one.digest == same.digest != other.digest
    assert one.profile == {"features_cardinality": 1}
    pair = from_tensorflow(_Stream((np.zeros(2), np.ones(1)))).to_dict()["schema"]
    assert len(json.loads(json.loads(pair)["mlflow_tensorspec"]["features"])) == 2


def test_a_stream_cannot_be_evaluated() -> None:
    """Its rows have no places."""
    with pytest.raises(InvalidInput, match="tensors or arrays"):
        from_tensorflow(_Stream(np.zeros(1))).to_evaluation_dataset()


@pytest.mark.parametrize(
    ("features", "targets"),
    [(np.zeros(2), None), (_Tensor([1]), _Stream(np.zeros(1))), (_Stream(np.zeros(1)), 3)],
)
def test_what_does_not_fit_is_refused(features: Any, targets: Any) -> None:
    """Neither a tensor nor a stream, or one of each, makes no dataset."""
    with pytest.raises(InvalidInput, match="for features and targets alike"):
        from_tensorflow(features, targets=targets)
