"""PyTorch modules in folders."""

from __future__ import annotations

import json
import logging
import pickle
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import torch

from mlflowflow.errors import CorruptData, InvalidInput, NotFound, UnsafeModel
from mlflowflow.models.flavors.pytorch import FLAVOR
from mlflowflow.models.package import Description, Origin, write_package
from mlflowflow.models.signature import infer_signature

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

X = np.arange(8, dtype=np.float32).reshape(4, 2)
SIGNATURE = infer_signature(X, X[:, :1])
ORIGIN = Origin(model_uuid="u", created_us=0)
TRACED: dict[str, Any] = {"example": X, "signature": SIGNATURE}


class Net(torch.nn.Module):  # type: ignore[misc]  # PyTorch is not installed where types are checked
    """Two layers and a shape that depends on the input's."""

    def __init__(self) -> None:
        """Make the layers, with weights that are always the same."""
        super().__init__()
        torch.manual_seed(1)
        self.hidden = torch.nn.Linear(2, 3)
        self.out = torch.nn.Linear(3, 1)

    def forward(self, x: Any) -> Any:
        """Compute one number for each row."""
        return self.out(torch.relu(self.hidden(x))).reshape(x.shape[0], -1)


def _write(model: Any, folder: Path, **options: Any) -> Manifest:
    return write_package(FLAVOR, model, folder, description=Description(options=options), origin=ORIGIN)


def _expected(data: np.ndarray = X) -> np.ndarray:
    with torch.no_grad():
        return np.asarray(Net()(torch.from_numpy(data)).numpy())


@pytest.mark.parametrize("options", [{"serialization_format": "pickle"}, TRACED])
def test_a_module_predicts_the_same_after_the_round_trip(tmp_path: Path, options: dict[str, Any]) -> None:
    """Both formats give back the numbers, for any count of rows, as array or table like the data."""
    loaded = FLAVOR.read(tmp_path, _write(Net(), tmp_path, **options), allow_code=True)
    more = np.concatenate([X, X, X])
    np.testing.assert_allclose(loaded.predict(more, {}), _expected(more), rtol=1e-6)
    table = loaded.predict(pd.DataFrame(X, index=list("wxyz")), {})
    assert list(table.index) == list("wxyz")
    np.testing.assert_allclose(table.to_numpy(), _expected(), rtol=1e-6)


def test_a_traced_module_needs_no_permission_and_a_pickle_does(tmp_path: Path) -> None:
    """A program of PyTorch's own operators is restricted; a pickle is code."""
    traced = _write(Net(), tmp_path / "t", **TRACED)
    np.testing.assert_allclose(
        FLAVOR.read(tmp_path / "t", traced, allow_code=False).predict(X, {}), _expected()
    )
    pickled = _write(Net(), tmp_path / "p", serialization_format="pickle")
    with pytest.raises(UnsafeModel, match=r"data/model\.pth"):
        FLAVOR.read(tmp_path / "p", pickled, allow_code=False)


def _record(folder: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Write the program again with `change` applied to each record."""
    path = folder / "data" / "model.pt2"
    with zipfile.ZipFile(path) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in records.items():
            archive.writestr(name, change(name, content))


def _json(edit: Callable[[dict[str, Any]], None]) -> Callable[[str, bytes], bytes]:
    def change(name: str, content: bytes) -> bytes:
        if not name.endswith("models/model.json"):
            return content
        tree = json.loads(content)
        edit(tree)
        return json.dumps(tree).encode()

    return change


def _evil_target(tree: dict[str, Any]) -> None:
    tree["graph_module"]["graph"]["nodes"][0]["target"] = "torch.hub.load"


def _evil_size(tree: dict[str, Any]) -> None:
    sizes = tree["graph_module"]["graph"]["tensor_values"]["x"]["sizes"]
    sizes[0]["as_expr"]["expr_str"] = "__import__('os').getpid()"


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("this must not be printed",))


def _evil_sample(name: str, content: bytes) -> bytes:
    return pickle.dumps(_Evil()) if "sample_inputs" in name else content


@pytest.mark.parametrize(
    "change",
    [_json(_evil_target), _json(_evil_size), _evil_sample],
    ids=["operator", "expression", "pickled record"],
)
def test_a_program_that_could_run_code_is_refused(
    tmp_path: Path, change: Callable[[str, bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """The three ways by which a program reaches past its operators are seen in its bytes."""
    manifest = _write(Net(), tmp_path, **TRACED)
    _record(tmp_path, lambda _, content: content)
    FLAVOR.read(tmp_path, manifest, allow_code=False)  # writing it again alone changes nothing
    _record(tmp_path, change)
    with pytest.raises(UnsafeModel, match=r"data/model\.pt2"):
        FLAVOR.read(tmp_path, manifest, allow_code=False)
    assert capsys.readouterr().out == ""


def test_a_module_without_an_example_is_pickled_and_a_warning_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Scripts that give no example go on working."""
    with caplog.at_level(logging.WARNING):
        _write(Net(), tmp_path)
    assert (tmp_path / "data" / "model.pth").exists()
    assert "needs an input_example" in caplog.text


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        ("no module", {}, "'str' is not a PyTorch model"),
        (Net(), {"serialization_format": "onnx"}, "'onnx'"),
        (Net(), {"serialization_format": "pt2"}, "needs an input_example"),
        (Net(), {"serialization_format": "pt2", "example": X, "signature": False}, "inputs are tensors"),
        (Net(), {**TRACED, "example": [X, X]}, "1 tensors and the input example 2"),
        (Net(), {**TRACED, "example": X[:, :1]}, "cannot be exported"),
    ],
)
def test_what_cannot_be_written_is_refused(
    tmp_path: Path, model: Any, options: dict[str, Any], said: str
) -> None:
    """The error names what was given and what is expected."""
    with pytest.raises(InvalidInput, match=said):
        _write(model, tmp_path, **options)


@pytest.mark.parametrize(
    ("file", "options"), [("model.pth", {"serialization_format": "pickle"}), ("model.pt2", TRACED)]
)
def test_damage_is_named(tmp_path: Path, file: str, options: dict[str, Any]) -> None:
    """The error names the file."""
    manifest = _write(Net(), tmp_path, **options)
    path = tmp_path / "data" / file
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CorruptData, match=file):
        FLAVOR.read(tmp_path, manifest, allow_code=True)


def test_the_module_that_unpickles_must_be_there(tmp_path: Path) -> None:
    """A model that was pickled with another package names it."""
    manifest = _write(Net(), tmp_path, serialization_format="pickle")
    (tmp_path / "data" / "pickle_module_info.txt").write_text("no_such_pickler")
    with pytest.raises(NotFound, match="no_such_pickler"):
        FLAVOR.read(tmp_path, manifest, allow_code=True)


def test_data_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Only tables and arrays become tensors, and the answer must be one."""
    loaded = FLAVOR.read(tmp_path, _write(Net(), tmp_path, **TRACED), allow_code=False)
    with pytest.raises(InvalidInput, match="not a 'list'"):
        loaded.predict([[1.0, 2.0]], {})


def test_the_requirements_can_be_installed(tmp_path: Path) -> None:
    """The local part of a version, how it was built, is in no index."""
    _write(Net(), tmp_path, **TRACED)
    lines = (tmp_path / "requirements.txt").read_text().splitlines()
    assert f"torch=={torch.__version__.partition('+')[0]}" in lines
