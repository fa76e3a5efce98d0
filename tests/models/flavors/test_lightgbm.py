"""LightGBM models in folders."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, InvalidInput, UnsafeModel
from mlflowflow.models.flavors.lightgbm import FLAVOR
from mlflowflow.models.package import Description, Origin, read_manifest, write_package

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

X = np.arange(120, dtype=float).reshape(60, 2)
Y = np.array([0, 1, 1] * 20)
QUIET: dict[str, Any] = {"verbosity": -1, "min_data_in_leaf": 2, "num_threads": 1}
ORIGIN = Origin(model_uuid="u", created_us=0)


@pytest.fixture(scope="module")
def booster() -> Any:
    """Provide a small trained booster."""
    return lgb.train({"objective": "regression", **QUIET}, lgb.Dataset(X, Y), num_boost_round=3)


@pytest.fixture(scope="module")
def classifier() -> Any:
    """Provide a small fitted estimator."""
    return lgb.LGBMClassifier(n_estimators=3, verbosity=-1, min_child_samples=2, n_jobs=1).fit(X, Y)


def _write(model: Any, folder: Path, **options: Any) -> Manifest:
    return write_package(FLAVOR, model, folder, description=Description(options=options), origin=ORIGIN)


def test_a_booster_is_text_and_loads_without_code(tmp_path: Path, booster: Any) -> None:
    """Nobody's permission is needed for numbers."""
    manifest = _write(booster, tmp_path)
    assert (tmp_path / "model.lgb").read_bytes().startswith(b"tree")
    loaded = FLAVOR.read(tmp_path, manifest, allow_code=False)
    np.testing.assert_array_equal(loaded.predict(X, {}), booster.predict(X))


@pytest.mark.parametrize("form", ["cloudpickle", "pickle", "skops"])
def test_an_estimator_predicts_the_same_after_the_round_trip(
    tmp_path: Path, classifier: Any, form: str
) -> None:
    """Every format gives back an estimator that computes the same."""
    loaded = FLAVOR.read(tmp_path, _write(classifier, tmp_path, serialization_format=form), allow_code=True)
    np.testing.assert_array_equal(loaded.predict(X, {}), classifier.predict(X))
    assert isinstance(loaded.native, lgb.LGBMClassifier)


def test_an_archive_needs_no_permission_and_a_pickle_does(tmp_path: Path, classifier: Any) -> None:
    """The default format of an estimator is the one that runs nothing."""
    archive = _write(classifier, tmp_path / "a")
    assert isinstance(FLAVOR.read(tmp_path / "a", archive, allow_code=False).native, lgb.LGBMClassifier)
    pickled = _write(classifier, tmp_path / "p", serialization_format="pickle")
    with pytest.raises(UnsafeModel, match="is a pickle"):
        FLAVOR.read(tmp_path / "p", pickled, allow_code=False)


def test_a_pickle_is_refused_whatever_the_manifest_says(tmp_path: Path, booster: Any) -> None:
    """A pickle that is called a booster's text is still a pickle."""
    _write(booster, tmp_path)
    (tmp_path / "model.lgb").write_bytes(pickle.dumps({"tree": 1}))
    with pytest.raises(UnsafeModel, match="is a pickle"):
        FLAVOR.read(tmp_path, read_manifest(tmp_path), allow_code=False)


def test_what_is_no_lightgbm_model_is_not_handed_out(tmp_path: Path, booster: Any) -> None:
    """The manifest's word is not enough for what a pickle holds."""
    _write(booster, tmp_path)
    (tmp_path / "model.lgb").write_bytes(pickle.dumps({"tree": 1}))
    with pytest.raises(CorruptData, match="holds a 'dict'"):
        FLAVOR.read(tmp_path, read_manifest(tmp_path), allow_code=True)


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        ("no model", {}, "'str' is not a LightGBM model"),
        (lgb.LGBMRegressor(), {"serialization_format": "joblib"}, "'joblib'"),
    ],
)
def test_what_cannot_be_written_is_refused(
    tmp_path: Path, model: Any, options: dict[str, str], said: str
) -> None:
    """The error names what was given and what is expected."""
    with pytest.raises(InvalidInput, match=said):
        _write(model, tmp_path, **options)


def test_damaged_text_is_named(tmp_path: Path, booster: Any) -> None:
    """The error names the file."""
    manifest = _write(booster, tmp_path)
    (tmp_path / "model.lgb").write_bytes(b"tree\nversion=v4\nnum_class=x\n")
    with pytest.raises(CorruptData, match=r"model\.lgb"):
        FLAVOR.read(tmp_path, manifest, allow_code=True)


@given(rounds=st.integers(1, 4), leaves=st.integers(2, 6))
def test_any_booster_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rounds: int, leaves: int
) -> None:
    """What a booster says of itself survives, to the last digit."""
    folder = tmp_path_factory.mktemp("booster")
    booster = lgb.train(
        {"objective": "binary", "num_leaves": leaves, **QUIET}, lgb.Dataset(X, Y), num_boost_round=rounds
    )
    loaded = FLAVOR.read(folder, _write(booster, folder), allow_code=False)
    np.testing.assert_array_equal(loaded.native.predict(X), booster.predict(X))
