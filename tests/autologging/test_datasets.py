"""What a training was given, as datasets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_matrix

from mlflowflow.autologging.datasets import dataset_of, used_for


@pytest.mark.parametrize(
    "data", [np.eye(3), csr_matrix(np.eye(3)), pd.DataFrame({"a": [1.0]}), pl.DataFrame({"a": [1.0]})]
)
def test_tables_and_arrays_are_described(data: object) -> None:
    """Each has a digest, and the program as its source."""
    found = dataset_of(data)
    assert found is not None
    assert (found.name, found.source_type) == ("dataset", "code")
    assert found.digest


def test_labels_count() -> None:
    """Other labels are another dataset, also when they come as a series."""
    data = np.eye(3)
    digests = {getattr(dataset_of(data, labels), "digest", "") for labels in (None, np.ones(3), np.zeros(3))}
    assert len(digests) == 3
    assert dataset_of(data, pd.Series(np.ones(3))) == dataset_of(data, np.ones(3))


def test_other_data_is_not_described() -> None:
    """A list of texts is none of these."""
    assert dataset_of(["a", "b"]) is None


def test_the_use_is_a_tag() -> None:
    """As in MLflow."""
    found = dataset_of(np.eye(2))
    assert found is not None
    assert [(tag.key, tag.value) for tag in used_for(found, "eval").tags] == [("mlflow.data.context", "eval")]
