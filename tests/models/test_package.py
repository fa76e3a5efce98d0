"""Model folders and the proof of their bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import AlreadyExists, CorruptData, NotFound
from mlflowflow.models.environment import Environment
from mlflowflow.models.flavors import Loaded, Written
from mlflowflow.models.package import (
    DIGESTS,
    Description,
    Origin,
    read_inside,
    read_manifest,
    verify,
    write_package,
)
from mlflowflow.models.signature import infer_signature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflowflow.models.manifest import Manifest

FILES = {
    "MLmodel",
    "conda.yaml",
    "digests.json",
    "input_example.json",
    "parts/text.txt",
    "python_env.yaml",
    "requirements.txt",
    "serving_input_example.json",
}


class TextFlavor:
    """A flavor whose models are texts, kept in a sub-folder."""

    name = "text"

    def write(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
        """Write the text."""
        (folder / "parts").mkdir()
        (folder / "parts" / "text.txt").write_text(str(model))
        return Written(
            configuration={"file": "parts/text.txt", **options},
            pyfunc={"loader_module": "text"},
            distributions=("numpy",),
        )

    def read(self, folder: Path, manifest: Manifest, *, allow_code: bool) -> Loaded:
        """Read the text."""
        assert allow_code
        text = read_inside(folder, manifest.flavors["text"]["file"]).decode()
        return Loaded(native=text, predict=lambda data, _: text + str(data))


def _write(folder: Path, **said: Any) -> Manifest:
    description = Description(input_example=["x"], signature=infer_signature(["x"]), **said)
    origin = Origin(model_uuid="u" * 32, created_us=0, run_id="r", artifact_path="model")
    return write_package(TextFlavor(), "hello", folder, description=description, origin=origin)


def test_the_folder_holds_what_belongs_to_a_model(tmp_path: Path) -> None:
    """Model, manifest, environment, example and digests are there, and nothing else."""
    _write(tmp_path / "m")
    found = {p.relative_to(tmp_path / "m").as_posix() for p in (tmp_path / "m").rglob("*") if p.is_file()}
    assert found == FILES


def test_the_manifest_is_what_was_said(tmp_path: Path) -> None:
    """The MLmodel file read again is the manifest that was returned."""
    manifest = _write(tmp_path, metadata={"owner": "me"}, options={"how": 1})
    assert read_manifest(tmp_path) == manifest
    assert manifest.utc_time_created == "1970-01-01 00:00:00"
    assert manifest.flavors["text"] == {"file": "parts/text.txt", "how": 1, "code": None}
    assert manifest.flavors["python_function"]["env"]["conda"] == "conda.yaml"
    assert (manifest.run_id, manifest.artifact_path) == ("r", "model")


def test_requirements_are_found_replaced_or_extended(tmp_path: Path) -> None:
    """The flavor's packages are pinned unless the caller lists his own; extra ones are added."""
    _write(tmp_path / "found", environment=Environment(extra=("x==1",)))
    _write(tmp_path / "given", environment=Environment(requirements=("y==2",), extra=("x==1",)))
    found = (tmp_path / "found" / "requirements.txt").read_text().splitlines()
    assert [line.partition("==")[0] for line in found] == ["numpy", "pandas", "x"]
    assert (tmp_path / "given" / "requirements.txt").read_text() == "y==2\nx==1\n"


def test_a_folder_in_use_is_not_written_into(tmp_path: Path) -> None:
    """Saving never mixes with files that are there."""
    (tmp_path / "mine").write_text("x")
    with pytest.raises(AlreadyExists):
        _write(tmp_path)
    with pytest.raises(AlreadyExists):
        _write(tmp_path / "mine")


def test_what_was_written_verifies(tmp_path: Path) -> None:
    """An untouched folder is proved; files added later are no part of the model."""
    _write(tmp_path)
    (tmp_path / ".DS_Store").write_text("x")
    verify(tmp_path)


@pytest.mark.parametrize("name", sorted(FILES - {DIGESTS}))
def test_any_changed_file_is_named(tmp_path: Path, name: str) -> None:
    """One changed byte in any file is found, and the file named."""
    _write(tmp_path)
    damaged = bytearray((tmp_path / name).read_bytes())
    damaged[-1] ^= 1
    (tmp_path / name).write_bytes(damaged)
    with pytest.raises(CorruptData, match=r"SHA-256") as caught:
        verify(tmp_path)
    assert caught.value.key == name


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is gone is found, and named."""
    _write(tmp_path)
    (tmp_path / "parts" / "text.txt").unlink()
    with pytest.raises(CorruptData, match="missing") as caught:
        verify(tmp_path)
    assert caught.value.key == "parts/text.txt"


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"algorithm": "md5", "files": {}}', '{"algorithm": "sha256", "files": {"a": 1}}']
)
def test_damaged_digests_are_named(tmp_path: Path, text: str) -> None:
    """Digests that cannot be read prove nothing."""
    _write(tmp_path)
    (tmp_path / DIGESTS).write_text(text)
    with pytest.raises(CorruptData, match=r"'digests\.json'"):
        verify(tmp_path)


def test_digests_cannot_point_outside(tmp_path: Path) -> None:
    """A digest list is foreign data: it does not make the loader look at other files."""
    _write(tmp_path / "m")
    digests = {"algorithm": "sha256", "files": {"../secret": "0"}}
    (tmp_path / "m" / DIGESTS).write_text(json.dumps(digests))
    with pytest.raises(CorruptData, match="leads out"):
        verify(tmp_path / "m")


def test_a_folder_of_mlflow_has_no_digests(tmp_path: Path) -> None:
    """Foreign folders load without proof."""
    (tmp_path / "MLmodel").write_text("flavors: {}")
    verify(tmp_path)


def test_a_file_a_manifest_names_must_be_there(tmp_path: Path) -> None:
    """A manifest that points at nothing is corrupt."""
    with pytest.raises(CorruptData, match="'gone'"):
        read_inside(tmp_path, "gone")


def test_a_folder_without_manifest_is_no_model(tmp_path: Path) -> None:
    """The error says what a model is."""
    with pytest.raises(NotFound, match="MLmodel"):
        read_manifest(tmp_path)
