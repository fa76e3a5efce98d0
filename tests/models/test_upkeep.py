"""Changing what is said about a model that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow import pyfunc
from mlflowflow.errors import AlreadyExists, CorruptData, InvalidInput, InvalidState
from mlflowflow.models import get_model_info, load_model, set_signature, unpack, update_model_requirements
from mlflowflow.models.signature import infer_signature
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SIGNATURE = infer_signature([1.0])


@pytest.fixture
def info(tmp_path: Path) -> Generator[Any]:
    """Provide a logged and registered model in a store of its own."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool"), start_run():
        yield pyfunc.log_model(
            name="m",
            python_model=lambda model_input: len(model_input),
            pip_requirements=["numpy==1", "b"],
            registered_model_name="registered",
        )


def test_a_signature_is_given_afterwards(info: Any, tmp_path: Path) -> None:
    """To a logged model, by either address, and to a folder; the files still prove themselves."""
    for uri in (info.model_uri, f"runs:/{info.run_id}/m"):
        set_signature(uri, SIGNATURE)
        assert load_model(uri).metadata.signature == SIGNATURE
    pyfunc.save_model(tmp_path / "folder", python_model=lambda model_input: 1)
    set_signature(str(tmp_path / "folder"), SIGNATURE)
    assert get_model_info(tmp_path / "folder").signature == SIGNATURE
    with pytest.raises(InvalidInput, match="'str'"):
        set_signature(info.model_uri, "x")  # type: ignore[arg-type]


def test_packages_are_added_and_removed(info: Any) -> None:
    """A line about the same package is replaced, in all files."""
    update_model_requirements(info.model_uri, "add", ["NumPy>=2", "c"])
    path = pyfunc.get_model_dependencies(info.model_uri)
    from pathlib import Path as LocalPath

    assert LocalPath(path).read_text() == "b\nNumPy>=2\nc\n"
    update_model_requirements(info.model_uri, "remove", ["numpy"])
    assert LocalPath(pyfunc.get_model_dependencies(info.model_uri)).read_text() == "b\nc\n"
    assert "NumPy" not in LocalPath(pyfunc.get_model_dependencies(info.model_uri, "conda")).read_text()
    with pytest.raises(InvalidInput, match="'replace'"):
        update_model_requirements(info.model_uri, "replace", [])  # type: ignore[arg-type]


def test_a_registered_version_stays_what_was_registered(info: Any) -> None:
    """It is not changed, and a change behind its back is found out."""
    with pytest.raises(InvalidState, match="registered version"):
        set_signature("models:/registered/1", SIGNATURE)
    load_model("models:/registered/1")
    set_signature(info.model_uri, SIGNATURE)
    with pytest.raises(CorruptData, match="was registered"):
        load_model("models:/registered/1")


def test_a_model_is_unpacked_in_one_call(info: Any, tmp_path: Path) -> None:
    """Every file is there and was reported; a folder in use is left alone."""
    seen: list[tuple[str, int, int]] = []
    folder = unpack(info.model_uri, tmp_path / "out", progress=lambda *each: seen.append(each))
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {name for name, _, _ in seen} == names
    assert [done for _, done, _ in seen] == list(range(1, len(names) + 1))
    assert load_model(folder).predict([1, 2]) == 2
    with pytest.raises(AlreadyExists):
        unpack(info.model_uri, folder)


def test_a_tampered_model_is_not_unpacked(tmp_path: Path) -> None:
    """A failure leaves no files behind."""
    pyfunc.save_model(tmp_path / "m", python_model=lambda model_input: 1)
    (tmp_path / "m" / "python_model.pkl").write_bytes(b"N.")
    with pytest.raises(CorruptData, match="python_model"):
        unpack(tmp_path / "m", tmp_path / "out")
    assert not (tmp_path / "out").exists()
