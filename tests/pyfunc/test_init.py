"""The functions of `mlflow.pyfunc`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from sklearn.linear_model import LinearRegression

from mlflowflow import pyfunc, sklearn

if TYPE_CHECKING:
    from pathlib import Path


def test_a_model_of_any_flavor_predicts(tmp_path: Path) -> None:
    """A loaded model answers under MLflow's names."""
    table = pd.DataFrame({"a": [0.0, 1.0]})
    sklearn.save_model(LinearRegression().fit(table, [0.0, 2.0]), tmp_path / "m")
    model = pyfunc.load_model(tmp_path / "m")
    assert isinstance(model, pyfunc.PyFuncModel)
    assert list(model.predict(table).round(6)) == [0.0, 2.0]
