"""The functions of `mlflow.lightgbm`, as users call them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from mlflowflow import lightgbm, models
from mlflowflow.errors import AlreadyExists, InvalidInput, UnsafeModel
from mlflowflow.models.signature import infer_signature
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0)[::-1]})
LABELS = [0, 1] * 20

SAVE = (
    "lgb_model path conda_env code_paths mlflow_model signature input_example pip_requirements "
    "extra_pip_requirements metadata serialization_format skops_trusted_types extra_files kwargs"
)
LOG = (
    "lgb_model artifact_path conda_env code_paths registered_model_name signature input_example "
    "await_registration_for pip_requirements extra_pip_requirements metadata extra_files name params tags "
    "model_type step model_id serialization_format skops_trusted_types kwargs"
)


@pytest.fixture(scope="module")
def booster() -> Any:
    """Provide a small trained booster."""
    return lgb.train({"verbosity": -1, "min_data_in_leaf": 2}, lgb.Dataset(TABLE, LABELS), num_boost_round=2)


@pytest.mark.parametrize(("function", "expected"), [(lightgbm.save_model, SAVE), (lightgbm.log_model, LOG)])
def test_the_arguments_are_mlflows(function: Any, expected: str) -> None:
    """Names and positions, so that scripts run as they are."""
    assert list(inspect.signature(function).parameters) == expected.split()


def test_a_saved_model_is_loaded_as_itself(tmp_path: Path, booster: Any) -> None:
    """`load_model` gives the booster, without permission for code; `pyfunc` gives what predicts."""
    lightgbm.save_model(booster, tmp_path / "m", input_example=TABLE.head(2))
    loaded = lightgbm.load_model(tmp_path / "m", allow_code=False)
    assert isinstance(loaded, lgb.Booster)
    np.testing.assert_array_equal(loaded.predict(TABLE), booster.predict(TABLE))
    generic = models.load_model(tmp_path / "m", allow_code=False)
    np.testing.assert_array_equal(generic.predict(TABLE), booster.predict(TABLE))
    assert generic.metadata.signature == infer_signature(TABLE, pd.Series(booster.predict(TABLE)))


def test_a_pickled_estimator_is_refused_on_request(tmp_path: Path) -> None:
    """The format is the caller's choice, and so is whether code may run."""
    model = lgb.LGBMClassifier(n_estimators=2, verbosity=-1).fit(TABLE, LABELS)
    lightgbm.save_model(model, tmp_path / "m", serialization_format="cloudpickle")
    with pytest.raises(UnsafeModel):
        lightgbm.load_model(tmp_path / "m", allow_code=False)
    assert isinstance(lightgbm.load_model(tmp_path / "m"), lgb.LGBMClassifier)


def test_logging_goes_to_the_active_run(tmp_path: Path, booster: Any) -> None:
    """The model is found again by its address, and as the version it became."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool"), start_run() as run:
        info = lightgbm.log_model(booster, name="trees", registered_model_name="price")
        assert info.run_id == run.run_id
        for uri in (info.model_uri, "models:/price/1"):
            np.testing.assert_array_equal(lightgbm.load_model(uri).predict(TABLE), booster.predict(TABLE))


def test_bad_input_writes_nothing(tmp_path: Path, booster: Any) -> None:
    """What is no model and a folder that is taken are refused."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "mine").touch()
    with pytest.raises(AlreadyExists):
        lightgbm.save_model(booster, tmp_path / "m")
    with pytest.raises(InvalidInput, match="not a LightGBM model"):
        lightgbm.save_model(TABLE, tmp_path / "n")
    assert [path.name for path in (tmp_path / "m").iterdir()] == ["mine"]
