"""`Model`, as scripts use it."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow import pyfunc
from mlflowflow.errors import NotFound
from mlflowflow.models import Model, get_model_info, infer_signature, load_model
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from pathlib import Path

SIGNATURE = infer_signature([{"a": 1.0}], [1], {"k": 2})


def test_a_model_is_written_and_read_again(tmp_path: Path) -> None:
    """As a file, a tree and a text, with what this library does not know."""
    model = Model(run_id="r", signature=SIGNATURE, metadata={"q": 1}, env_vars=["A"], custom="kept")
    model.add_flavor("mine", data="d").save(tmp_path / "MLmodel")
    for again in (Model.load(tmp_path), Model.load(tmp_path / "MLmodel"), Model.from_dict(model.to_dict())):
        assert again.to_dict() == model.to_dict()
        assert (again.run_id, again.env_vars, again.flavors["mine"]) == ("r", ["A"], {"data": "d"})
        assert again.to_dict()["custom"] == "kept"
    assert json.loads(model.to_json()) == model.to_dict()
    buffer = io.StringIO()
    model.to_yaml(buffer)
    assert buffer.getvalue() == model.to_yaml()


def test_schemas_are_asked_for_by_part() -> None:
    """None where nothing is promised."""
    model = Model(signature=SIGNATURE)
    assert model.get_input_schema() is SIGNATURE.inputs
    assert model.get_output_schema() is SIGNATURE.outputs
    assert model.get_params_schema() is SIGNATURE.params
    assert Model().get_input_schema() is None


def test_each_model_has_an_id_of_its_own() -> None:
    """Unless one is given, as a value or as what makes it."""
    assert Model().model_uuid != Model().model_uuid
    assert (Model(model_uuid="a").model_uuid, Model(model_uuid=lambda: "b").model_uuid) == ("a", "b")


def test_the_example_is_read_from_the_folder(tmp_path: Path) -> None:
    """Data, parameters, and the same as a request."""
    pyfunc.save_model(tmp_path, python_model=lambda x: x, input_example=([1, 2], {"k": 3}))
    model = Model.load(tmp_path)
    assert model.load_input_example(tmp_path) == [1, 2]
    assert model.load_input_example_params(tmp_path) == {"k": 3}
    assert json.loads(str(model.get_serving_input(tmp_path))) == {"inputs": [1, 2], "params": {"k": 3}}
    assert Model().load_input_example(tmp_path) is None
    assert Model().get_serving_input(tmp_path) is None
    with pytest.raises(NotFound):
        model.load_input_example()


def test_a_script_may_complete_a_saved_model(tmp_path: Path) -> None:
    """Its flavors and what it attaches stand beside what was written, and it learns of that."""
    model = Model(metadata={"mine": 1}).add_flavor("custom", data="d")
    pyfunc.save_model(tmp_path, python_model=lambda x: x, mlflow_model=model, metadata={"more": 2})
    info = get_model_info(tmp_path)
    assert set(info.flavors) == set(model.flavors) == {"custom", "python_function"}
    assert info.metadata == model.metadata == {"mine": 1, "more": 2}
    assert info.model_uuid == model.model_uuid
    assert load_model(tmp_path).predict(1) == 1


def test_a_flavor_of_ones_own_is_logged(tmp_path: Path) -> None:
    """A module with `save_model` is all it takes."""

    def save_model(path: str, mlflow_model: Any, text: str) -> None:
        pyfunc.save_model(path, python_model=lambda _: text, mlflow_model=mlflow_model)

    with session_at(str(tmp_path / "store"), tmp_path / "spool"), start_run() as run:
        info = Model.log(
            name="mine",
            flavor=SimpleNamespace(save_model=save_model),
            text="hello",
            artifact_path=None,
            metadata={"a": 1},
            params={"p": 1},
            registered_model_name="mine",
        )
        assert (info.run_id, info.name, info.registered_model_version) == (run.run_id, "mine", 1)
        assert (info.params, info.metadata) == ({"p": "1"}, {"a": 1})
        assert load_model(info.model_uri).predict([1]) == "hello"
        assert Model.load(info.model_uri).get_model_info().model_uri == info.model_uri
        assert set(Model.load(info.model_uri).get_tags_dict()) >= {"run_id", "flavors"}
