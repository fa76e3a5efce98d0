"""pandas tables as datasets."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from mlflowflow.data import from_pandas
from mlflowflow.errors import InvalidInput

TABLE = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"], "y": [0, 1], "p": [1, 1]})


def test_what_a_run_keeps_of_a_table() -> None:
    """Name, digest, source, schema and profile, as MLflow writes them."""
    found = from_pandas(TABLE, "s3://bucket/t.csv", targets="y", name="t", predictions="p").to_dict()
    assert {key: found[key] for key in ("name", "digest", "source", "source_type")} == {
        "name": "t",
        "digest": "a7f0e0ef",
        "source": '{"uri": "s3://bucket/t.csv"}',
        "source_type": "s3",
    }
    assert json.loads(found["profile"]) == {"num_rows": 2, "num_elements": 8}
    columns = json.loads(found["schema"])["mlflow_colspec"]
    assert [(one["name"], one["type"]) for one in columns] == [
        ("a", "double"),
        ("b", "string"),
        ("y", "long"),
        ("p", "long"),
    ]


def test_the_table_is_kept_as_it_is() -> None:
    """The object gives back what it was given."""
    dataset = from_pandas(TABLE, targets="y", predictions="p")
    assert (dataset.df is TABLE, dataset.targets, dataset.predictions) == (True, "y", "p")


def test_an_evaluation_gets_the_parts() -> None:
    """Features are what is neither target nor prediction."""
    parts = from_pandas(TABLE, targets="y", predictions="p", name="t").to_evaluation_dataset()
    assert parts.feature_names == ["a", "b"]
    assert (parts.labels_data.tolist(), parts.predictions_data.tolist()) == ([0, 1], [1, 1])
    assert (parts.name, parts.digest) == ("t", from_pandas(TABLE).digest)


@pytest.mark.parametrize(
    ("data", "arguments"),
    [(TABLE, {"targets": "z"}), (TABLE, {"predictions": "z"}), (TABLE.to_numpy(), {}), ([1], {})],
)
def test_what_does_not_fit_is_refused(data: Any, arguments: dict[str, str]) -> None:
    """A column that is not there and data that is no table make no dataset."""
    with pytest.raises(InvalidInput):
        from_pandas(data, **arguments)


def test_a_table_without_a_schema_is_a_dataset_all_the_same() -> None:
    """Values of unknown types cost the schema only."""
    assert from_pandas(pd.DataFrame({"a": [object()]})).to_dict()["schema"] is None
