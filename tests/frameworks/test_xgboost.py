"""XGBoost models in folders."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.models.flavors.xgboost import FLAVOR
from mlflowflow.models.package import Description, Origin, read_manifest, write_package

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

X = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0)[::-1]})
Y = np.array([0, 1] * 10)
ORIGIN = Origin(model_uuid="u", created_us=0)


@pytest.fixture(scope="module")
def booster() -> Any:
    """Provide a small trained booster."""
    return xgb.train({"objective": "binary:logistic", "max_depth": 2}, xgb.DMatrix(X, Y), num_boost_round=3)


@pytest.fixture(scope="module")
def classifier() -> Any:
    """Provide a small fitted estimator."""
    return xgb.XGBClassifier(n_estimators=3, max_depth=2).fit(X, Y)


def _write(model: Any, folder: Path, **options: Any) -> Manifest:
    return write_package(FLAVOR, model, folder, description=Description(options=options), origin=ORIGIN)


@pytest.mark.parametrize("form", ["ubj", "json"])
def test_a_booster_predicts_the_same_after_the_round_trip(tmp_path: Path, booster: Any, form: str) -> None:
    """Both formats load without permission to run code, and give back the same numbers."""
    manifest = _write(booster, tmp_path, model_format=form)
    assert manifest.flavors["xgboost"]["data"] == f"model.{form}"
    loaded = FLAVOR.read(tmp_path, manifest, allow_code=False)
    np.testing.assert_array_equal(loaded.predict(X, {}), booster.predict(xgb.DMatrix(X)))


def test_an_estimator_comes_back_as_its_class(tmp_path: Path, classifier: Any) -> None:
    """A classifier answers with classes again, not with a booster's numbers."""
    loaded = FLAVOR.read(tmp_path, _write(classifier, tmp_path), allow_code=False)
    assert isinstance(loaded.native, xgb.XGBClassifier)
    np.testing.assert_array_equal(loaded.predict(X, {}), classifier.predict(X))


def test_parameters_reach_the_model(tmp_path: Path, booster: Any) -> None:
    """What `predict` takes by name is handed on."""
    loaded = FLAVOR.read(tmp_path, _write(booster, tmp_path), allow_code=False)
    expected = booster.predict(xgb.DMatrix(X), output_margin=True)
    np.testing.assert_array_equal(loaded.predict(X, {"output_margin": True, "unknown": 1}), expected)


@pytest.mark.parametrize("dotted", ["subprocess.Popen", "xgboost.DMatrix", "xgboost.core.Missing", "Booster"])
def test_only_model_classes_of_xgboost_are_made(tmp_path: Path, booster: Any, dotted: str) -> None:
    """The manifest cannot name a class of somebody else's."""
    _write(booster, tmp_path)
    text = (tmp_path / "MLmodel").read_text().replace("xgboost.core.Booster", dotted)
    (tmp_path / "MLmodel").write_text(text)
    with pytest.raises(CorruptData, match="class of an XGBoost model"):
        FLAVOR.read(tmp_path, read_manifest(tmp_path), allow_code=True)


@pytest.mark.parametrize("data", [b"", b"{", json.dumps({"learner": 1}).encode(), b"\x80\x05N."])
def test_damage_is_named(tmp_path: Path, booster: Any, data: bytes) -> None:
    """The error names the file; a pickle is damage here, and is not loaded."""
    manifest = _write(booster, tmp_path, model_format="json")
    (tmp_path / "model.json").write_bytes(data)
    with pytest.raises(CorruptData, match=r"model\.json"):
        FLAVOR.read(tmp_path, manifest, allow_code=True)


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        ("no model", {}, "'str' is not an XGBoost model"),
        (xgb.XGBRegressor(), {"model_format": "txt"}, "'txt'"),
        (xgb.XGBRegressor(), {}, "could not save"),
    ],
)
def test_what_cannot_be_written_is_refused(
    tmp_path: Path, model: Any, options: dict[str, str], said: str
) -> None:
    """The error names what was given and what is expected."""
    with pytest.raises(InvalidInput, match=said):
        _write(model, tmp_path, **options)


def test_the_requirements_name_the_package_that_is_installed(tmp_path: Path, classifier: Any) -> None:
    """The same module comes in packages of several names."""
    _write(classifier, tmp_path)
    lines = (tmp_path / "requirements.txt").read_text().splitlines()
    assert f"xgboost-cpu=={xgb.__version__}" in lines
    assert any(line.startswith("scikit-learn==") for line in lines)
