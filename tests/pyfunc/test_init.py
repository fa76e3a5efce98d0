"""The functions of `mlflow.pyfunc`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlflowflow import pyfunc, sklearn
from mlflowflow.errors import InvalidInput, InvalidState, MissingExtra, NotFound
from mlflowflow.models import Model
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at


class Streaming(pyfunc.PythonModel):
    """Answers piece by piece."""

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        """Return all at once."""
        return list(model_input)

    def predict_stream(self, context: Any, model_input: Any, params: Any = None) -> Any:
        """Return one after the other."""
        yield from model_input


def test_a_model_of_any_flavor_predicts(tmp_path: Path) -> None:
    """A loaded model answers under MLflow's names."""
    table = pd.DataFrame({"a": [0.0, 1.0]})
    sklearn.save_model(LinearRegression().fit(table, [0.0, 2.0]), tmp_path / "m")
    model = pyfunc.load_model(tmp_path / "m")
    assert isinstance(model, pyfunc.PyFuncModel)
    assert list(model.predict(table).round(6)) == [0.0, 2.0]
    assert isinstance(model.get_raw_model(), LinearRegression)
    with pytest.raises(InvalidState, match="no PythonModel"):
        model.unwrap_python_model()
    with pytest.raises(InvalidState, match="piece by piece"):
        model.predict_stream(table)


def test_a_model_answers_piece_by_piece(tmp_path: Path) -> None:
    """The file says that it can."""
    pyfunc.save_model(tmp_path / "m", python_model=Streaming())
    model = pyfunc.load_pyfunc(tmp_path / "m")
    assert list(model.predict_stream([1, 2])) == [1, 2]
    assert model.metadata.flavors["python_function"]["streamable"] is True


def test_artifacts_come_from_any_address(tmp_path: Path) -> None:
    """What a run or a model keeps can be part of another model."""
    (tmp_path / "a.txt").write_text("hello")
    with session_at(str(tmp_path / "store"), tmp_path / "spool") as session, start_run() as run:
        session.tracker().artifacts(run.run_id).put_file(tmp_path / "a.txt", "in")
        inner = pyfunc.log_model(name="inner", python_model=lambda model_input: 1)
        info = pyfunc.log_model(
            name="outer",
            python_model=Streaming(),
            artifacts={"text": f"runs:/{run.run_id}/in/a.txt", "model": inner.model_uri},
        )
        with pytest.raises(NotFound):
            pyfunc.log_model(name="x", python_model=Streaming(), artifacts={"a": str(tmp_path / "gone")})
        found = info.flavors["python_function"]["artifacts"]
        assert found["text"]["uri"] == f"runs:/{run.run_id}/in/a.txt"
        folder = pyfunc.load_model(info.model_uri, dst_path=tmp_path / "kept")
        assert folder.predict([1]) == [1]
        assert (tmp_path / "kept" / found["text"]["path"]).read_text() == "hello"
        assert (tmp_path / "kept" / found["model"]["path"] / "MLmodel").is_file()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"python_model": Streaming(), "loader_module": "x"},
        {"python_model": Streaming(), "data_path": "x"},
        {"loader_module": "x", "artifacts": {"a": "."}},
        {"python_model": Streaming(), "infer_code_paths": True},
        {"python_model": Streaming(), "artifacts": {"a": 3}},
    ],
)
def test_what_is_no_one_model_is_refused(tmp_path: Path, given: dict[str, Any]) -> None:
    """Nothing is written then."""
    with pytest.raises(InvalidInput):
        pyfunc.save_model(tmp_path / "m", **given)
    assert not (tmp_path / "m").exists()


def test_the_dependencies_are_a_file(tmp_path: Path) -> None:
    """Ready to be installed from, after the model's folder is gone."""
    pyfunc.save_model(tmp_path / "m", python_model=Streaming(), pip_requirements=["numpy==2.0"])
    assert Path(pyfunc.get_model_dependencies(tmp_path / "m")).read_text() == "numpy==2.0\n"
    assert "numpy==2.0" in Path(pyfunc.get_model_dependencies(tmp_path / "m", "conda")).read_text()
    with pytest.raises(InvalidInput, match="'uv'"):
        pyfunc.get_model_dependencies(tmp_path / "m", "uv")


def test_a_model_of_ones_own_says_how_it_is_loaded() -> None:
    """What is not given is not said."""
    section = pyfunc.add_to_model(Model(), "mine", data="d").flavors["python_function"]
    assert section == {
        "loader_module": "mine",
        "data": "d",
        "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
    }


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is not None, reason="pyspark is installed")
def test_spark_is_named_as_missing() -> None:
    """Models are not run inside Spark."""
    with pytest.raises(MissingExtra, match="pyspark"):
        pyfunc.spark_udf(None, "models:/x/1")
