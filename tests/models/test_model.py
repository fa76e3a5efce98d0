"""A loaded model behind one call."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import mlflowflow.sklearn
from mlflowflow.errors import InvalidInput
from mlflowflow.models import PyFuncModel, get_model_info, infer_signature, load_model
from mlflowflow.models.flavors import Loaded
from mlflowflow.models.manifest import Manifest
from mlflowflow.models.model import ModelInfo
from mlflowflow.models.schema import ColumnSchema, DataType, ParamSpec
from mlflowflow.models.signature import ModelSignature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROWS = pd.DataFrame({"x": [0.0, 1.0, 2.0], "y": [1.0, 0.0, 1.0]})
SIGNATURE = ModelSignature(
    inputs=ColumnSchema(()), params=(ParamSpec(name="beam", type=DataType.LONG, default_json="4"),)
)
MANIFEST = Manifest(
    flavors=MappingProxyType({"python_function": {}}),
    signature=SIGNATURE,
    model_uuid="u",
    run_id="r",
    artifact_path="model",
    utc_time_created="2025-01-01 00:00:00",
    saved_input_example_info=MappingProxyType({"type": "dataframe"}),
    metadata=MappingProxyType({"team": "a"}),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save x + 10 y with its signature."""
    model = LinearRegression().fit(ROWS, ROWS.x + 10 * ROWS.y)
    path: Path = tmp_path_factory.mktemp("model") / "saved"
    mlflowflow.sklearn.save_model(model, path, signature=infer_signature(ROWS, model.predict(ROWS)))
    return path


@pytest.fixture(scope="module")
def model(folder: Path) -> PyFuncModel:
    """Load it."""
    return load_model(folder)


def test_columns_are_taken_by_name_whatever_their_order(model: PyFuncModel) -> None:
    """A frame with its columns turned round means the same."""
    turned = ROWS[["y", "x"]].assign(unused=0.0)
    np.testing.assert_allclose(model.predict(turned), model.predict(ROWS))


def test_a_missing_column_is_refused_by_name(model: PyFuncModel) -> None:
    """The model is not asked about what it never saw."""
    with pytest.raises(InvalidInput, match="'y'"):
        model.predict(ROWS[["x"]])


def test_unwrapping_gives_the_librarys_own_object(model: PyFuncModel) -> None:
    """Whoever needs coefficients gets the estimator."""
    assert isinstance(model.unwrap(), LinearRegression)


def test_a_model_shows_its_flavors(model: PyFuncModel) -> None:
    """In a notebook one sees what one holds."""
    assert repr(model) == "mlflow.pyfunc.loaded_model:\n  flavor: mlflow.sklearn\n"


def test_what_is_known_of_a_model_needs_no_loading(folder: Path, model: PyFuncModel) -> None:
    """The info says what the loaded model's own file says."""
    info = get_model_info(folder)
    assert (info.signature, info.model_uuid) == (model.metadata.signature, model.metadata.model_uuid)


@pytest.mark.parametrize(("params", "beam"), [(None, 4), ({"beam": 7}, 7)])
def test_the_model_is_given_its_params(params: Mapping[str, Any] | None, beam: int) -> None:
    """What the caller leaves out has the signature's default."""

    def predict(data: Any, known: Mapping[str, Any]) -> Any:
        del data
        return known["beam"]

    model = PyFuncModel(metadata=MANIFEST, loaded=Loaded(native=None, predict=predict))
    assert model.predict(pd.DataFrame(index=[0]), params) == beam


def test_a_logged_model_shows_its_run() -> None:
    """One sees where it comes from."""
    model = PyFuncModel(metadata=MANIFEST, loaded=Loaded(native=None, predict=lambda data, _: data))
    assert repr(model) == "mlflow.pyfunc.loaded_model:\n  artifact_path: model\n  run_id: r\n"


@pytest.mark.parametrize(
    "name",
    [
        "run_id",
        "artifact_path",
        "model_uuid",
        "flavors",
        "signature",
        "saved_input_example_info",
        "metadata",
        "utc_time_created",
    ],
)
def test_the_info_repeats_the_file(name: str) -> None:
    """Under MLflow's name stands what the MLmodel file says, never something else or nothing."""
    info = ModelInfo(model_uri="models:/m/1", manifest=MANIFEST)
    assert getattr(info, name) == getattr(MANIFEST, name) is not None
