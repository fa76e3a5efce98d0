"""What datasets of rows and columns share."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mlflowflow.data.code_dataset_source import CodeDatasetSource
from mlflowflow.data.tabular_dataset import TabularDataset
from mlflowflow.errors import InvalidInput


class _Table(TabularDataset):
    """Two columns, one of them a role's."""

    def __init__(self, **roles: Any) -> None:
        given = {"targets": None, "predictions": None, "name": "two", "digest": "d1", **roles}
        super().__init__(CodeDatasetSource(), columns=["x", "y"], **given)

    def _frame(self) -> Any:
        return pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})


def test_the_roles_part_the_rows() -> None:
    """The evaluation gets the features and the targets, under the same digest."""
    found = _Table(targets="y").to_evaluation_dataset()
    assert list(found.labels_data) == [0, 1]
    assert (found.name, found.feature_names) == ("two", ["x"])


@pytest.mark.parametrize("role", ["targets", "predictions"])
def test_a_role_needs_a_column(role: str) -> None:
    """The error names the role and the columns there are."""
    with pytest.raises(InvalidInput, match=f"no column 'z' to take the {role} from; it has 'x', 'y'"):
        _Table(**{role: "z"})


def test_a_table_that_does_not_say_its_rows_is_not_evaluated() -> None:
    """Its class is named."""
    bare = TabularDataset(
        CodeDatasetSource(), columns=["x"], targets=None, predictions=None, name=None, digest="d"
    )
    with pytest.raises(NotImplementedError, match="TabularDataset"):
        bare.to_evaluation_dataset()
