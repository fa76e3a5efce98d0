"""scikit-learn models in folders."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mlflowflow.errors import CorruptData, InvalidInput, InvalidState, NotFound, UnsafeModel
from mlflowflow.models.flavors.sklearn import FLAVOR
from mlflowflow.models.manifest import Manifest
from mlflowflow.models.package import Description, Origin, read_manifest, write_package

if TYPE_CHECKING:
    from pathlib import Path

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]])
Y = np.array([0, 0, 1, 1])
ORIGIN = Origin(model_uuid="u", created_us=0)


def _write(model: Any, folder: Path, **options: Any) -> Manifest:
    chosen = {"serialization_format": "cloudpickle", **options}
    return write_package(FLAVOR, model, folder, description=Description(options=chosen), origin=ORIGIN)


@pytest.mark.parametrize("form", ["cloudpickle", "pickle", "skops"])
def test_a_model_predicts_the_same_after_the_round_trip(tmp_path: Path, form: str) -> None:
    """Every format gives back a model that computes the same."""
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    manifest = _write(model, tmp_path, serialization_format=form)
    loaded = FLAVOR.read(tmp_path, manifest, allow_code=True)
    np.testing.assert_array_equal(loaded.predict(X, {}), model.predict(X))
    assert type(loaded.native) is type(model)


def test_a_skops_archive_loads_without_code(tmp_path: Path) -> None:
    """An archive of known types needs no permission."""
    manifest = _write(LinearRegression().fit(X, Y), tmp_path, serialization_format="skops")
    assert isinstance(FLAVOR.read(tmp_path, manifest, allow_code=False).native, LinearRegression)


def test_a_skops_archive_of_unknown_types_needs_permission(tmp_path: Path) -> None:
    """The types are judged here; the refusal names them."""
    model = FunctionTransformer(func=_double)
    manifest = _write(model, tmp_path, serialization_format="skops")
    with pytest.raises(UnsafeModel, match="_double"):
        FLAVOR.read(tmp_path, manifest, allow_code=False)
    assert FLAVOR.read(tmp_path, manifest, allow_code=True).native.transform(2) == 4


def test_a_pickle_is_refused_whatever_the_manifest_says(tmp_path: Path) -> None:
    """Calling a pickle skops does not make it harmless."""
    _write(LinearRegression().fit(X, Y), tmp_path)
    text = (tmp_path / "MLmodel").read_text()
    (tmp_path / "MLmodel").write_text(text.replace("format: cloudpickle", "format: skops"))
    manifest = read_manifest(tmp_path)
    assert manifest.flavors["sklearn"]["serialization_format"] == "skops"
    with pytest.raises(UnsafeModel, match="is a pickle"):
        FLAVOR.read(tmp_path, manifest, allow_code=False)


def test_a_function_of_the_script_travels_inside(tmp_path: Path) -> None:
    """The default format keeps lambdas."""
    manifest = _write(FunctionTransformer(func=lambda x: x + 1), tmp_path)
    assert FLAVOR.read(tmp_path, manifest, allow_code=True).native.transform(1) == 2


def test_requirements_are_what_the_model_needs(tmp_path: Path) -> None:
    """The packages that decide what a model computes are pinned, and no others."""
    _write(LogisticRegression().fit(X, Y), tmp_path)
    lines = (tmp_path / "requirements.txt").read_text().splitlines()
    assert [line.partition("==")[0] for line in lines] == ["cloudpickle", "numpy", "scikit-learn", "scipy"]


def test_another_function_may_predict(tmp_path: Path) -> None:
    """A classifier can be saved to answer with probabilities."""
    model = LogisticRegression().fit(X, Y)
    manifest = _write(model, tmp_path, predict_fn="predict_proba")
    found = FLAVOR.read(tmp_path, manifest, allow_code=True).predict(X, {})
    np.testing.assert_array_equal(found, model.predict_proba(X))


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        (LinearRegression(), {"serialization_format": "joblib"}, "'joblib'"),
        (LinearRegression(), {"predict_fn": "__class__"}, "'__class__'"),
        (LinearRegression(), {"predict_fn": "predict_proba"}, "has no 'predict_proba'"),
        ("text", {}, "'str' is not a scikit-learn estimator"),
    ],
)
def test_what_cannot_be_saved_is_refused(
    tmp_path: Path, model: Any, options: dict[str, Any], said: str
) -> None:
    """The error names what was given."""
    with pytest.raises(InvalidInput, match=said):
        _write(model, tmp_path, **options)


def test_a_manifest_cannot_name_any_attribute_as_predict(tmp_path: Path) -> None:
    """Foreign metadata chooses among known functions only."""
    _write(LinearRegression().fit(X, Y), tmp_path)
    text = (tmp_path / "MLmodel").read_text().replace("predict_fn: predict", "predict_fn: __reduce__")
    with pytest.raises(CorruptData, match="__reduce__"):
        FLAVOR.read(tmp_path, Manifest.from_yaml(text), allow_code=True)


def test_a_model_that_cannot_predict_is_kept_all_the_same(tmp_path: Path) -> None:
    """A transformer loads; it has no python_function flavor, and asking it to predict says what to do."""
    manifest = _write(StandardScaler().fit(X), tmp_path)
    loaded = FLAVOR.read(tmp_path, manifest, allow_code=True)
    assert list(manifest.flavors) == ["sklearn"]
    with pytest.raises(InvalidState, match="'StandardScaler' has no 'predict'; unwrap"):
        loaded.predict(X, {})


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    """A model that needs what is not installed says which module."""
    manifest = _write(LinearRegression(), tmp_path)
    (tmp_path / "model.pkl").write_bytes(b"cno_such_module\nthing\n.")
    with pytest.raises(NotFound, match="'no_such_module'"):
        FLAVOR.read(tmp_path, manifest, allow_code=True)


@pytest.mark.parametrize("data", [b"", b"\xff", pickle.dumps([1])[:-1]])
def test_a_damaged_model_is_named(tmp_path: Path, data: bytes) -> None:
    """Bytes that are no pickle are corrupt data under the file's name."""
    manifest = _write(LinearRegression(), tmp_path)
    (tmp_path / "model.pkl").write_bytes(data)
    with pytest.raises(CorruptData, match=r"'model\.pkl'"):
        FLAVOR.read(tmp_path, manifest, allow_code=True)


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    """Bytes that begin like an archive and are none are corrupt data too."""
    manifest = _write(LinearRegression(), tmp_path, serialization_format="skops")
    (tmp_path / "model.skops").write_bytes((tmp_path / "model.skops").read_bytes()[:100])
    with pytest.raises(CorruptData, match=r"'model\.skops'"):
        FLAVOR.read(tmp_path, manifest, allow_code=False)


def _double(x: Any) -> Any:
    return 2 * x
