"""Every framework's model through the public functions: saved, logged, registered and loaded both ways."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
import torch
import xgboost as xgb
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression

from mlflowflow import models, pytorch
from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from pathlib import Path

X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = X.sum(axis=1)


@dataclass(frozen=True)
class Case:
    """A model, and what it answers about `X` when it is asked itself."""

    flavor: str
    model: Any
    answer: np.ndarray
    asked: Any


def _ask(net: Any) -> Any:
    return net(torch.from_numpy(X)).detach().numpy()


def _case(flavor: str) -> Case:
    match flavor:
        case "xgboost":
            booster = xgb.train({"max_depth": 2}, xgb.DMatrix(X, Y), num_boost_round=2)
            return Case(flavor, booster, booster.predict(xgb.DMatrix(X)), lambda m: m.predict(xgb.DMatrix(X)))
        case "pytorch":
            net = torch.nn.Linear(2, 1)
            return Case(flavor, net, _ask(net), _ask)
        case "keras":
            net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
            return Case(flavor, net, net.predict(X, verbose=0), lambda m: m.predict(X, verbose=0))
        case _:
            fitted = LinearRegression().fit(X, Y)
            graph = to_onnx(fitted, X[:1])
            return Case(flavor, graph, fitted.predict(X).reshape(-1, 1), lambda _: None)


@pytest.mark.parametrize("flavor", ["keras", "onnx", "pytorch", "xgboost"])
def test_a_logged_model_is_loaded_back_both_ways(tmp_path: Path, flavor: str) -> None:
    """As the library's own object and as what predicts, by every address, without permission for code."""
    case = _case(flavor)
    module = importlib.import_module(f"mlflowflow.{flavor}")
    with session_at(str(tmp_path / "store"), tmp_path / "spool"), start_run() as run:
        info = module.log_model(case.model, name="net", input_example=X, registered_model_name="net")
        assert info.run_id == run.run_id
        assert info.signature is not None
        for uri in (info.model_uri, "models:/net/1"):
            found = models.load_model(uri, allow_code=False).predict(X)
            values = found["variable"] if flavor == "onnx" else found
            np.testing.assert_allclose(values, case.answer, rtol=1e-5)
            native = module.load_model(uri, allow_code=False)
            if flavor == "onnx":
                assert native == case.model
            else:
                np.testing.assert_allclose(case.asked(native), case.answer, rtol=1e-5)
        assert module.load_model(info.model_uri, tmp_path / "kept") is not None
        assert list((tmp_path / "kept").rglob("MLmodel"))


def test_a_tensor_is_an_example_too(tmp_path: Path) -> None:
    """It is kept as an array, and the program takes any number of rows."""
    pytorch.save_model(torch.nn.Linear(2, 1), tmp_path / "m", input_example=torch.from_numpy(X))
    assert (tmp_path / "m" / "data" / "model.pt2").exists()
    loaded = models.load_model(tmp_path / "m", allow_code=False)
    assert loaded.predict(np.concatenate([X, X])).shape == (12, 1)


def test_a_script_without_example_gets_a_pickle(tmp_path: Path) -> None:
    """Keywords of loading reach PyTorch."""
    pytorch.save_model(torch.nn.Linear(2, 1), tmp_path / "m")
    loaded = pytorch.load_model(tmp_path / "m", map_location="cpu")
    assert isinstance(loaded, torch.nn.Linear)
    with pytest.raises(InvalidInput, match="serialization_format only"):
        pytorch.save_model(loaded, tmp_path / "n", export_model=True, serialization_format="pickle")


def test_a_state_dict_comes_back(tmp_path: Path) -> None:
    """From a folder and from a run; a module is not taken for its numbers."""
    state = torch.nn.Linear(2, 1).state_dict()
    pytorch.save_state_dict(state, tmp_path / "s")
    assert torch.equal(pytorch.load_state_dict(str(tmp_path / "s"))["weight"], state["weight"])
    with pytest.raises(InvalidInput, match="'Linear' is not a state_dict"):
        pytorch.save_state_dict(torch.nn.Linear(2, 1), tmp_path / "t")
    with session_at(str(tmp_path / "store"), tmp_path / "spool"), start_run() as run:
        pytorch.log_state_dict(state, "checkpoint")
        found = pytorch.load_state_dict(f"runs:/{run.run_id}/checkpoint")
    assert torch.equal(found["bias"], state["bias"])
    (tmp_path / "s" / "state_dict.pth").write_bytes(b"\x80\x02cos\nsystem\n.")
    with pytest.raises(CorruptData, match=r"state_dict\.pth"):
        pytorch.load_state_dict(str(tmp_path / "s"))
