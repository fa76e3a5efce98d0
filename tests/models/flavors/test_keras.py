"""What a Keras archive can do, read off its bytes; `tests/frameworks` has Keras itself."""

from __future__ import annotations

import json
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import MissingExtra, UnsafeModel
from mlflowflow.models.flavors.keras import FLAVOR, class_of_archive
from mlflowflow.models.manifest import Manifest
from mlflowflow.models.safety import FormatClass

if TYPE_CHECKING:
    from pathlib import Path

DENSE: dict[str, Any] = {
    "module": "keras.layers",
    "class_name": "Dense",
    "config": {"units": 1, "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {}}},
    "registered_name": None,
}
MANIFEST = Manifest(flavors={"keras": {}})


def _archive(folder: Path, *layers: dict[str, Any]) -> Path:
    path = folder / "data" / "model.keras"
    path.parent.mkdir(exist_ok=True)
    config = {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(config))
    return path


def test_layers_of_keras_are_not_code(tmp_path: Path) -> None:
    """Classes of Keras are on its own list."""
    assert class_of_archive(_archive(tmp_path, DENSE)) is FormatClass.RESTRICTED


@pytest.mark.parametrize(
    "change",
    [
        {"class_name": "Lambda"},
        {"class_name": "TorchModuleWrapper"},
        {"module": "os", "class_name": "system"},
        {"module": "kerasish.layers"},
        {"module": 7},
        {"config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEA"}}}},
        {"config": {"activation": {"module": "subprocess", "class_name": "run", "config": "run"}}},
    ],
)
def test_what_may_run_code_is_code(tmp_path: Path, change: dict[str, Any]) -> None:
    """Lambdas, wrapped modules and anything outside Keras, however deep, need permission."""
    path = _archive(tmp_path, DENSE, {**DENSE, **change})
    assert class_of_archive(path) is FormatClass.CODE
    with pytest.raises(UnsafeModel, match="Lambda"):
        FLAVOR.read(tmp_path, MANIFEST, allow_code=False)


@pytest.mark.parametrize("data", [b"", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"])
def test_what_is_no_archive_is_code(tmp_path: Path, data: bytes) -> None:
    """An HDF5 file of an older release may hold anything."""
    path = _archive(tmp_path)
    path.write_bytes(data)
    assert class_of_archive(path) is FormatClass.CODE


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model can be looked at anywhere, and used where its library is."""
    nothing: Any = None
    monkeypatch.setitem(sys.modules, "keras", nothing)
    _archive(tmp_path, DENSE)
    with pytest.raises(MissingExtra, match=r"mlflowflow\[keras\]"):
        FLAVOR.read(tmp_path, MANIFEST, allow_code=False)
    with pytest.raises(MissingExtra, match=r"mlflowflow\[keras\]"):
        FLAVOR.write(object(), tmp_path, {})
