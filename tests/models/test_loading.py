"""Loading models of any flavor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlflowflow import sklearn
from mlflowflow.errors import CorruptData, InvalidInput, NotFound, UnsafeModel
from mlflowflow.models import get_model_info, load_model

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]})

# As MLflow 3.17 saved a LinearRegression, without the sections that are not about loading.
MLFLOW = """\
flavors:
  python_function:
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.9.1
    skops_trusted_types: null
mlflow_version: 3.17.2
model_uuid: 61a09166f56340e199ac3f47d140f69f
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Provide a saved model with a signature."""
    model = LinearRegression().fit(TABLE, [1.0, 2.0, 3.0])
    sklearn.save_model(model, tmp_path / "m", serialization_format="cloudpickle", input_example=TABLE)
    return tmp_path / "m"


@pytest.mark.parametrize(
    "data",
    [
        TABLE,
        TABLE[["b", "a"]],
        TABLE.assign(more="x"),
        TABLE.to_numpy(),
        TABLE.to_dict("records"),
        TABLE.to_dict("list"),
        TABLE.astype("int64"),
    ],
)
def test_data_in_any_form_gives_the_same_answer(folder: Path, data: Any) -> None:
    """The signature brings columns into order and numbers to their type."""
    np.testing.assert_allclose(load_model(folder).predict(data), [1.0, 2.0, 3.0])


def test_data_that_does_not_fit_is_refused(folder: Path) -> None:
    """The error names the column, and nothing reaches the model."""
    with pytest.raises(InvalidInput, match="lacks 'b'"):
        load_model(folder).predict(TABLE[["a"]])


def test_params_that_the_model_does_not_know_are_refused(folder: Path) -> None:
    """A parameter is not silently ignored."""
    with pytest.raises(InvalidInput, match="'beam'"):
        load_model(folder).predict(TABLE, params={"beam": 1})


def test_the_model_itself_can_be_had(folder: Path) -> None:
    """`unwrap` gives the library's own object."""
    assert isinstance(load_model(folder).unwrap(), LinearRegression)


def test_a_loaded_model_travels_to_a_worker(folder: Path) -> None:
    """A model survives Dask's way of sending things, signature and all."""
    model = cloudpickle.loads(cloudpickle.dumps(load_model(folder)))
    np.testing.assert_allclose(model.predict(TABLE[["b", "a"]]), [1.0, 2.0, 3.0])


def test_the_metadata_is_the_manifest(folder: Path) -> None:
    """A loaded model knows its signature and flavors."""
    model = load_model(folder)
    assert model.metadata.signature == get_model_info(folder).signature
    assert repr(model) == "mlflow.pyfunc.loaded_model:\n  flavor: mlflow.sklearn\n"


def test_a_folder_of_mlflow_is_loaded(folder: Path, tmp_path: Path) -> None:
    """A foreign MLmodel file beside the same bytes gives the same model."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "MLmodel").write_text(MLFLOW)
    (foreign / "model.pkl").write_bytes((folder / "model.pkl").read_bytes())
    np.testing.assert_allclose(load_model(foreign).predict(TABLE), [1.0, 2.0, 3.0])
    assert get_model_info(foreign).manifest.mlflow_version == "3.17.2"


@pytest.mark.parametrize("name", ["model.pkl", "MLmodel", "requirements.txt"])
def test_a_damaged_file_is_named(folder: Path, name: str) -> None:
    """No byte of a damaged model is loaded."""
    with (folder / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(CorruptData) as caught:
        load_model(folder)
    assert caught.value.key == name


def test_code_is_refused_on_request(folder: Path) -> None:
    """A server loads nothing that can run code; reading about the model is always allowed."""
    with pytest.raises(UnsafeModel):
        load_model(folder, allow_code=False)
    assert get_model_info(folder).flavors["sklearn"]["pickled_model"] == "model.pkl"


def test_an_unknown_flavor_is_named(tmp_path: Path) -> None:
    """A model of a library that is not known here says so."""
    (tmp_path / "MLmodel").write_text("flavors: {python_function: {}, prophet: {}}\n")
    with pytest.raises(NotFound, match="prophet"):
        load_model(tmp_path)
