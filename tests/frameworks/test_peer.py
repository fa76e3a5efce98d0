"""MLflow loads the models of frameworks that are made here, and they are loaded here when MLflow made them."""

from __future__ import annotations

import importlib
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from mlflowflow import models
from tests.frameworks import peer

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = ROOT / "build" / "peers" / "mlflow" / "bin" / "python"
NAMES: Final = ("keras", "lightgbm", "lightgbm-estimator", "onnx", "pytorch", "pytorch-pickle", "xgboost")

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="MLflow is not installed; 'make test-mlflow' does it"
)


@pytest.fixture(scope="module")
def exchanged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a model of each flavor here, and let MLflow ask these and save its own."""
    folder = tmp_path_factory.mktemp("exchange")
    (folder / "ours").mkdir()
    for name, (model, options) in peer.models().items():
        module = importlib.import_module(f"mlflowflow.{name.partition('-')[0]}")
        module.save_model(model, folder / "ours" / name, **options)
    done = subprocess.run(
        [PYTHON, ROOT / "tests" / "frameworks" / "peer.py", sysconfig.get_path("purelib"), folder],
        env={**os.environ, "KERAS_BACKEND": "torch"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_mlflow_answers_as_we_do_from_our_folder(exchanged: Path, name: str) -> None:
    """The folder is MLflow's, so its readers need not know who wrote it."""
    mine = peer.values(models.load_model(exchanged / "ours" / name).predict(peer.X))
    np.testing.assert_allclose(np.load(exchanged / f"ours-{name}.npy"), mine, rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_we_answer_as_mlflow_does_from_its_folder(exchanged: Path, name: str) -> None:
    """What MLflow saved is loaded, and without permission for code if it is no pickle."""
    pickled = name == "pytorch-pickle"
    loaded = models.load_model(exchanged / "theirs" / name, allow_code=pickled)
    np.testing.assert_allclose(
        peer.values(loaded.predict(peer.X)), np.load(exchanged / f"theirs-{name}.npy"), rtol=1e-5
    )
