"""Keras models in folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd
import pytest

from mlflowflow.errors import CorruptData, InvalidInput, UnsafeModel
from mlflowflow.models.flavors.keras import FLAVOR
from mlflowflow.models.package import Description, Origin, read_manifest, write_package

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

X = np.arange(8, dtype=np.float32).reshape(4, 2)
ORIGIN = Origin(model_uuid="u", created_us=0)


def _model(*layers: Any) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def _write(model: Any, folder: Path, **options: Any) -> Manifest:
    return write_package(FLAVOR, model, folder, description=Description(options=options), origin=ORIGIN)


def test_a_model_predicts_the_same_after_the_round_trip(tmp_path: Path) -> None:
    """Layers of Keras's own load without permission for code, and answer as array or table like the data."""
    model = _model(keras.layers.Dense(3, activation="relu"))
    loaded = FLAVOR.read(tmp_path, _write(model, tmp_path), allow_code=False)
    expected = model.predict(X, verbose=0)
    np.testing.assert_array_equal(loaded.predict(X, {}), expected)
    table = loaded.predict(pd.DataFrame(X, index=list("wxyz")), {})
    assert list(table.index) == list("wxyz")
    np.testing.assert_array_equal(table.to_numpy(), expected)
    with pytest.raises(InvalidInput, match="not a 'int'"):
        loaded.predict(7, {})


def test_a_lambda_layer_needs_permission(tmp_path: Path) -> None:
    """It carries bytecode; with permission it works."""
    model = _model(keras.layers.Lambda(lambda x: x * 2))
    manifest = _write(model, tmp_path)
    with pytest.raises(UnsafeModel, match="Lambda"):
        FLAVOR.read(tmp_path, manifest, allow_code=False)
    loaded = FLAVOR.read(tmp_path, manifest, allow_code=True)
    np.testing.assert_array_equal(loaded.predict(X, {}), model.predict(X, verbose=0))


def test_damage_is_named(tmp_path: Path) -> None:
    """The error names the file."""
    manifest = _write(_model(), tmp_path)
    path = tmp_path / "data" / "model.keras"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CorruptData, match=r"model\.keras"):
        FLAVOR.read(tmp_path, manifest, allow_code=True)
    path.unlink()
    with pytest.raises(CorruptData, match="missing"):
        FLAVOR.read(tmp_path, manifest, allow_code=True)


def test_what_cannot_be_written_or_read_is_refused(tmp_path: Path) -> None:
    """The error names what was given; TensorFlow's own format is not among what is known."""
    with pytest.raises(InvalidInput, match="'str' is not a Keras model"):
        _write("no model", tmp_path / "a")
    with pytest.raises(InvalidInput, match="save_exported_model"):
        _write(_model(), tmp_path / "b", save_exported_model=True)
    _write(_model(), tmp_path / "c")
    text = (
        (tmp_path / "c" / "MLmodel")
        .read_text()
        .replace("save_exported_model: false", "save_exported_model: true")
    )
    (tmp_path / "c" / "MLmodel").write_text(text)
    with pytest.raises(InvalidInput, match="exported for TensorFlow"):
        FLAVOR.read(tmp_path / "c", read_manifest(tmp_path / "c"), allow_code=True)
