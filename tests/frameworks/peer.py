"""A program for MLflow's own environment: load models that were made here, and make some to be loaded here.

It is given the folder of these frameworks' packages, which that environment does not have, and a working
folder: ``ours/<flavor>`` are models to be asked, ``theirs/<flavor>`` is where it saves its own.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = X.sum(axis=1)


def models() -> dict[str, tuple[Any, dict[str, Any]]]:
    """Return a model of each flavor and how MLflow is to save it."""
    import keras
    import lightgbm as lgb
    import torch
    import xgboost as xgb
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression

    quiet = {"verbosity": -1, "min_data_in_leaf": 1}
    net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    forest = lgb.LGBMRegressor(n_estimators=2, verbosity=-1, min_child_samples=1).fit(X, Y)
    return {
        "xgboost": (xgb.train({}, xgb.DMatrix(X, Y), num_boost_round=2), {"input_example": X}),
        "lightgbm": (lgb.train(quiet, lgb.Dataset(X, Y), num_boost_round=2), {}),
        "lightgbm-estimator": (forest, {}),
        "pytorch": (torch.nn.Linear(2, 1), {"input_example": X}),
        "pytorch-pickle": (torch.nn.Linear(2, 1), {"serialization_format": "pickle"}),
        "keras": (net, {}),
        "onnx": (to_onnx(LinearRegression().fit(X, Y), X[:1]), {}),
    }


def values(answer: Any) -> Any:
    """Return the numbers of an answer as one row."""
    return np.asarray(answer["variable"] if isinstance(answer, dict) else answer).ravel()


def main(packages: str, folder: Path) -> None:
    """Ask ours and save theirs, each with its answers beside it."""
    sys.path.append(packages)
    import importlib

    import mlflow  # pyright: ignore[reportMissingImports]

    for place in sorted((folder / "ours").iterdir()):
        np.save(folder / f"ours-{place.name}.npy", values(mlflow.pyfunc.load_model(str(place)).predict(X)))
    for name, (model, options) in models().items():
        place = folder / "theirs" / name
        module = importlib.import_module(f"mlflow.{name.partition('-')[0]}")
        module.save_model(model, str(place), pip_requirements=[], **options)
        np.save(folder / f"theirs-{name}.npy", values(mlflow.pyfunc.load_model(str(place)).predict(X)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
