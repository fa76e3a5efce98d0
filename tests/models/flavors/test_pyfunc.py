"""Models written in Python, in folders."""

from __future__ import annotations

import gc
import gzip
import sys
from pathlib import Path
from typing import Any

import pytest

from mlflowflow import pyfunc
from mlflowflow.errors import CorruptData, InvalidInput, NotFound, UnsafeModel
from mlflowflow.models import ModelConfig, inspect_safety, load_model
from mlflowflow.models.flavors.pyfunc import FLAVOR
from mlflowflow.models.manifest import Manifest
from mlflowflow.models.package import read_manifest, seal
from mlflowflow.models.safety import FormatClass
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

CODE = """
import mlflow
from mlflow.models import ModelConfig

config = ModelConfig(development_config={"factor": 2})

class Scaled(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [config.get("factor") * one for one in model_input]

mlflow.models.set_model(Scaled())
"""
LOADER = """
class Loaded:
    def __init__(self, text):
        self.text = text
    def predict(self, data):
        return [self.text] * len(data)

def _load_pyfunc(path):
    return Loaded(open(path).read() if False else __import__("pathlib").Path(path).read_text())
"""


class Reader(pyfunc.PythonModel):
    """Answers with its artifact, read when it is asked."""

    def load_context(self, context: Any) -> None:
        """Keep the path."""
        self.path = context.artifacts["text"]

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        """Read the file now."""
        return [Path(self.path).read_text(), (params or {}).get("k"), context.model_config]


def test_artifacts_live_as_long_as_the_model(tmp_path: Path) -> None:
    """A model may read its files when it is asked; they are its own copy."""
    (tmp_path / "a.txt").write_text("hello")
    folder = tmp_path / "m"
    pyfunc.save_model(
        folder,
        python_model=Reader(),
        artifacts={"text": str(tmp_path / "a.txt")},
        model_config={"z": 1},
        input_example=([1], {"k": 3}),
    )
    (tmp_path / "a.txt").unlink()
    model = load_model(folder, model_config={"y": 2})
    assert model.predict([1]) == ["hello", 3, {"z": 1, "y": 2}]
    assert model.predict([1], params={"k": 4})[1] == 4
    assert isinstance(model.unwrap_python_model(), Reader)
    assert model.model_config == {"z": 1, "y": 2}
    assert model.input_example == [1]


def test_a_file_of_code_is_a_model(tmp_path: Path) -> None:
    """It is kept as it is, run when it is loaded, and leaves nothing behind in the process."""
    (tmp_path / "model.py").write_text(CODE)
    pyfunc.save_model(tmp_path / "m", python_model=str(tmp_path / "model.py"), model_config={"factor": 3})
    assert (tmp_path / "m" / "model.py").read_text() == CODE
    before = set(sys.modules)
    assert load_model(tmp_path / "m").predict([1, 2]) == [3, 6]
    assert load_model(tmp_path / "m", model_config={"factor": 5}).predict([1]) == [5]
    assert not {name for name in set(sys.modules) - before if name.startswith(("mlflow.", "__mlff"))}
    assert ModelConfig(development_config={"factor": 2}).get("factor") == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "names no model"),
        ("1 / 0", "ZeroDivisionError"),
        ("import no_such_module", "no_such_module"),
    ],
)
def test_a_file_that_makes_no_model_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """When it is saved."""
    (tmp_path / "model.py").write_text(text)
    with pytest.raises((InvalidInput, NotFound), match=said):
        pyfunc.save_model(tmp_path / "m", python_model=tmp_path / "model.py")


def test_a_loader_brings_its_own_code(tmp_path: Path) -> None:
    """The module is found in the model's folder and nowhere else."""
    (tmp_path / "the_loader_of_a_test.py").write_text(LOADER)
    (tmp_path / "data.txt").write_text("x")
    pyfunc.save_model(
        tmp_path / "m",
        loader_module="the_loader_of_a_test",
        data_path=tmp_path / "data.txt",
        code_paths=[tmp_path / "the_loader_of_a_test.py"],
    )
    assert load_model(tmp_path / "m").predict([1, 2]) == ["x", "x"]
    assert "the_loader_of_a_test" not in sys.modules


def test_every_kind_is_refused_to_who_allows_no_code(tmp_path: Path) -> None:
    """Pickles, code and loaders all run code; the inspection says so too."""
    (tmp_path / "model.py").write_text(CODE)
    pyfunc.save_model(tmp_path / "object", python_model=lambda model_input: model_input)
    pyfunc.save_model(tmp_path / "code", python_model=tmp_path / "model.py")
    for name in ("object", "code"):
        assert inspect_safety(tmp_path / name).format_class is FormatClass.CODE
        with pytest.raises(UnsafeModel):
            load_model(tmp_path / name, allow_code=False)


def test_type_hints_are_the_signature(tmp_path: Path) -> None:
    """A function that says what it takes needs no example, and refuses anything else."""

    def upper(model_input: list[str]) -> list[str]:
        return [one.upper() for one in model_input]

    pyfunc.save_model(tmp_path / "m", python_model=upper)
    model = load_model(tmp_path / "m")
    assert model.metadata.signature is not None
    assert model.metadata.signature.to_dict()["inputs"] == '[{"type": "string", "required": true}]'
    assert model.predict(["a"]) == ["A"]
    with pytest.raises(InvalidInput, match=r"\[0\]"):
        model.predict([1])


def test_a_compressed_pickle_is_read(tmp_path: Path) -> None:
    """MLflow may have written one."""
    pyfunc.save_model(tmp_path, python_model=lambda model_input: len(model_input))
    path = tmp_path / "python_model.pkl"
    path.write_bytes(gzip.compress(path.read_bytes()))
    manifest = read_manifest(tmp_path)
    for how, error in (("gzip", None), ("lzma", CorruptData), ("zstd", CorruptData)):
        section = {**manifest.flavors["python_function"], "python_model_compression": how}
        told = Manifest(flavors={"python_function": section})
        if error is None:
            assert FLAVOR.read(tmp_path, told, allow_code=True).predict([1, 2], {}) == 2
        else:
            with pytest.raises(error):
                FLAVOR.read(tmp_path, told, allow_code=True)


def test_a_model_of_an_unknown_framework_is_not_loaded(tmp_path: Path) -> None:
    """MLflow itself is never imported to load one."""
    (tmp_path / "MLmodel").write_text(
        "flavors: {catboost: {}, python_function: {loader_module: mlflow.catboost}}\n"
    )
    with pytest.raises(NotFound, match=r"mlflow\.catboost"):
        load_model(tmp_path)


def test_a_path_of_an_artifact_stays_inside(tmp_path: Path) -> None:
    """A manifest does not make a model read other files."""
    pyfunc.save_model(tmp_path, python_model=lambda model_input: 1)
    text = (tmp_path / "MLmodel").read_text()
    place = "  python_function:\n    artifacts: {x: {path: ../../etc/passwd, uri: x}}\n"
    (tmp_path / "MLmodel").write_text(text.replace("  python_function:\n", place))
    seal(tmp_path)
    with pytest.raises(CorruptData, match="leads out"):
        load_model(tmp_path)


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    """The flavor writes what `mlflowflow.pyfunc` hands it and nothing else."""
    with pytest.raises(InvalidInput, match="'int'"):
        FLAVOR.write(3, tmp_path, {})


def test_a_copy_lives_as_long_as_the_model_that_reads_it(tmp_path: Path) -> None:
    """Of a model in a store that is no folder, the files are copied, kept, and removed with the model."""
    (tmp_path / "a.txt").write_text("hello")
    with session_at("memory://lives-as-long", tmp_path / "spool"), start_run():
        info = pyfunc.log_model(name="m", python_model=Reader(), artifacts={"text": str(tmp_path / "a.txt")})
        model = load_model(info.model_uri)
    path = Path(model.unwrap_python_model().path)
    assert model.predict([1])[0] == "hello"
    del model
    gc.collect()
    assert not path.exists()
