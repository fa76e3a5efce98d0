"""Tests of registering models from where they are."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from shutil import copytree
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData, InvalidInput, NotFound
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.register import contents_of, files_digest, register_model
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mlflowflow.tracking.run import Run

SIGNATURE = {"inputs": '[{"type": "double", "name": "x"}]', "outputs": None}
MLMODEL = f"flavors: {{}}\nsignature: {json.dumps(SIGNATURE)}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a model in a directory."""
    folder = tmp_path / "model"
    (folder / "code").mkdir(parents=True)
    (folder / "MLmodel").write_text(MLMODEL)
    (folder / "code" / "net.bin").write_bytes(b"\0\1\2")
    return folder


@pytest.fixture
def tracker(tmp_path: Path) -> Generator[Tracker]:
    """Give a tracker over a directory."""
    with Tracker(open_store(tmp_path / "store"), spool_dir=tmp_path / "spool") as tracker:
        yield tracker


@pytest.fixture
def run(tracker: Tracker, folder: Path) -> Run:
    """Give a run that logged the model."""
    run = tracker.create_run(tracker.create_experiment("digits"))
    tracker.artifacts(run.info.run_id).put_folder(folder, "model")
    return run


@pytest.fixture
def catalog() -> Catalog:
    """Give an empty registry."""
    return Catalog(MemoryBlobStore())


def test_a_runs_model_is_registered(tracker: Tracker, catalog: Catalog, run: Run, folder: Path) -> None:
    """The version knows its run, its files' digest and its signature."""
    uri = f"runs:/{run.info.run_id}/model"
    version = register_model(uri, "digits", tracker=tracker, catalog=catalog, tags={"a": "1"})
    assert (version.version, version.source, version.run_id) == (1, uri, run.info.run_id)
    assert version.digest == files_digest(folder)
    assert json.loads(version.signature or "") == SIGNATURE
    assert version.tags == {"a": "1"}


def test_a_repeated_registration_is_the_same_version(tracker: Tracker, catalog: Catalog, run: Run) -> None:
    """A retried step does not register twice."""
    uri = f"runs:/{run.info.run_id}/model"
    made = [
        register_model(uri, "digits", tracker=tracker, catalog=catalog, idem="flow/register").version
        for _ in range(3)
    ]
    assert made == [1, 1, 1]


def test_a_directory_is_registered_by_its_absolute_path(
    tracker: Tracker, catalog: Catalog, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that no run logged has no run, and is found from anywhere."""
    monkeypatch.chdir(folder.parent)
    version = register_model("model", "digits", tracker=tracker, catalog=catalog)
    assert (version.source, version.run_id) == (str(folder), None)
    assert version.digest == files_digest(folder)


def test_a_stores_address_is_registered(tracker: Tracker, catalog: Catalog, folder: Path) -> None:
    """A model may lie in any store, and its digest is that of the same files elsewhere."""
    store = MemoryBlobStore("registered-models")
    store.put("MLmodel", MLMODEL.encode())
    store.put("code/net.bin", b"\0\1\2")
    version = register_model("memory://registered-models", "digits", tracker=tracker, catalog=catalog)
    assert version.digest == files_digest(folder)


def test_a_registered_version_is_registered_under_another_name(
    tracker: Tracker, catalog: Catalog, run: Run
) -> None:
    """The same files, source and run, as version 1 of the other model."""
    first = register_model(f"runs:/{run.info.run_id}/model", "digits", tracker=tracker, catalog=catalog)
    again = register_model("models:/digits/1", "blessed", tracker=tracker, catalog=catalog)
    assert (again.name, again.version) == ("blessed", 1)
    assert (again.source, again.run_id, again.digest, again.signature) == (
        first.source,
        first.run_id,
        first.digest,
        first.signature,
    )


@pytest.mark.parametrize("path", ["nothing", "model/code"])
def test_what_is_no_model_is_not_registered(tracker: Tracker, catalog: Catalog, run: Run, path: str) -> None:
    """A folder without an MLmodel, or none at all, is an error and takes no number."""
    with pytest.raises(NotFound):
        register_model(f"runs:/{run.info.run_id}/{path}", "digits", tracker=tracker, catalog=catalog)
    assert catalog.list_models() == []


def test_a_model_without_a_signature_is_registered_without_one(
    tracker: Tracker, catalog: Catalog, folder: Path
) -> None:
    """A signature is wished for, not demanded."""
    (folder / "MLmodel").write_text("flavors: {}\n")
    assert register_model(str(folder), "digits", tracker=tracker, catalog=catalog).signature is None


@pytest.mark.parametrize("text", ["{", "a: [", "%"])
def test_an_unreadable_mlmodel_is_named(tracker: Tracker, catalog: Catalog, folder: Path, text: str) -> None:
    """A damaged description is not registered."""
    (folder / "MLmodel").write_text(text)
    with pytest.raises(CorruptData, match="MLmodel"):
        register_model(str(folder), "digits", tracker=tracker, catalog=catalog)


def test_a_wrong_address_is_refused(tracker: Tracker, catalog: Catalog) -> None:
    """Addresses are checked before anything is fetched."""
    with pytest.raises(InvalidInput):
        register_model("runs:/", "digits", tracker=tracker, catalog=catalog)


def test_the_digest_does_not_depend_on_times_or_permissions(folder: Path) -> None:
    """Copying a model does not make it another one."""
    before = files_digest(folder)
    os.utime(folder / "MLmodel", (0, 0))
    (folder / "MLmodel").chmod(0o600)
    assert files_digest(folder) == before


def test_the_digest_is_the_documented_one(tmp_path: Path) -> None:
    """Anyone can compute it again: over lines of path and SHA-256, sorted by path."""
    names = sorted(f"{letter}/{number}" for letter in "abc" for number in range(4))
    for name in reversed(names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    lines = (f"{name}\0{sha256(name.encode()).hexdigest()}\n" for name in names)
    assert files_digest(tmp_path) == sha256("".join(lines).encode()).hexdigest()


@pytest.mark.parametrize("change", ["content", "name", "added", "removed", "moved"])
def test_the_digest_shows_any_change(tmp_path: Path, change: str) -> None:
    """Changed, renamed, added, removed and moved files are all seen."""
    folder = tmp_path
    (folder / "a").mkdir()
    (folder / "a" / "b").write_bytes(b"1")
    (folder / "c").write_bytes(b"2")
    before = files_digest(folder)
    match change:
        case "content":
            (folder / "c").write_bytes(b"3")
        case "name":
            (folder / "c").rename(folder / "d")
        case "added":
            (folder / "d").write_bytes(b"")
        case "removed":
            (folder / "c").unlink()
        case _:
            (folder / "c").rename(folder / "a" / "c")
    assert files_digest(folder) != before


def test_what_lies_in_the_store_has_a_digest_and_what_lies_elsewhere_has_none(
    tracker: Tracker, run: Run, folder: Path
) -> None:
    """A server opens no other place for a client, and a folder that is no model proves nothing."""
    run_id = run.info.run_id
    expected = files_digest(folder)
    stored = tracker.artifacts(run_id).uri("model")
    for source in (stored, f"runs:/{run_id}/model"):
        digest, signature = contents_of(source, tracker)
        assert digest == expected
        assert signature is not None
        assert json.loads(signature)["inputs"] == SIGNATURE["inputs"]
    copytree(folder, f"{tracker.uri}-other/model")
    elsewhere = (
        str(folder),
        f"{tracker.uri}-other/model",
        "s3://bucket/model",
        "models:/digits/1",
        "hdfs://host/model",
    )
    for source in (*elsewhere, f"{stored}/code", f"runs:/{run_id}/none", "models:/m-none"):
        assert contents_of(source, tracker) == (None, None)
