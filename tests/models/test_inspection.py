"""What the bytes of a file can do."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import FunctionTransformer

from mlflowflow.models.inspection import class_of_file, classes_of, section_of
from mlflowflow.models.manifest import Manifest
from mlflowflow.models.safety import FormatClass

if TYPE_CHECKING:
    from pathlib import Path

DATA, RESTRICTED, CODE = FormatClass.DATA, FormatClass.RESTRICTED, FormatClass.CODE


def _saved(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def _zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return buffer.getvalue()


SAFETENSORS = (2).to_bytes(8, "little") + b"{}"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a": 1}', DATA),
        (b"tree\nversion=v4\n", DATA),
        (b"count,price\n1,2\n", DATA),
        (SAFETENSORS, DATA),
        (b"\x08\x0a\x12\x05torch", DATA),
        (b"PAR1....", DATA),
        (_saved(np.arange(3)), DATA),
        (_saved(np.array([object()])), CODE),
        (pickle.dumps([1]), CODE),
        (pickle.dumps(LinearRegression(), protocol=0), CODE),
        (b"cos\nsystem\n(S'x'\ntR.", CODE),
        (b"\x1f\x8b\x08compressed", CODE),
        (b"\x00\x01\x02\x03", CODE),
        (_zipped(data_pkl="x"), CODE),
        (b"PK\x03\x04broken", CODE),
        (bytes(skops.io.dumps(LinearRegression())), DATA),
        (bytes(skops.io.dumps(FunctionTransformer(func=json.dumps))), RESTRICTED),
    ],
)
def test_the_bytes_decide(tmp_path: Path, data: bytes, expected: FormatClass) -> None:
    """What is known to be data is data; everything else is code."""
    (tmp_path / "model.json").write_bytes(data)
    assert class_of_file(tmp_path / "model.json") is expected


@given(st.recursive(st.integers() | st.text(), st.lists), st.integers(0, 5))
def test_no_pickle_is_taken_for_data(value: Any, protocol: int) -> None:
    """Pickles of every protocol are code, whatever is in them."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model")
        path.write_bytes(pickle.dumps(value, protocol=protocol))
        assert class_of_file(path) is CODE


def test_pythons_own_files_are_code(tmp_path: Path) -> None:
    """A module is code even if it is empty."""
    (tmp_path / "m.py").write_text("")
    assert class_of_file(tmp_path / "m.py") is CODE


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"loader_module": "mlflow.sklearn"}, DATA),
        ({"loader_module": "mlflow.pyfunc.model"}, CODE),
        ({"loader_module": "mine"}, CODE),
        ({"model_code_path": "x.txt"}, CODE),
        ({}, DATA),
    ],
)
def test_a_manifest_only_makes_it_worse(
    tmp_path: Path, section: dict[str, Any], expected: FormatClass
) -> None:
    """A loader that is run is code; what the file says of its own safety is not read."""
    (tmp_path / "a.json").write_text("{}")
    manifest = Manifest(
        flavors={"python_function": section}, mlflowflow_safety={"format_class": "data", "files": {}}
    )
    found = classes_of({"a.json": tmp_path / "a.json", "MLmodel": tmp_path / "absent"}, manifest)
    assert found.format_class is expected
    assert found.runs_code is (expected is CODE)
    assert section_of(found)["files"]["a.json"] == "data"
