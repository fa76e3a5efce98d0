"""Getting artifacts back by their addresses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlflowflow.artifacts import (
    delete_artifacts,
    download_artifacts,
    list_artifacts,
    load_dict,
    load_image,
    load_text,
)
from mlflowflow.client import MlflowClient
from mlflowflow.config import Settings
from mlflowflow.errors import InvalidInput, InvalidUri, NotFound
from mlflowflow.registry.current import catalog_at
from mlflowflow.tracking.artifacts.logs import log_dict, log_table, log_text
from mlflowflow.tracking.fluent.active import start_run
from mlflowflow.tracking.fluent.session import current_tracker
from mlflowflow.tracking.run import LoggedModelOutput
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def run_id() -> Iterator[str]:
    """Log two artifacts."""
    with private_session():
        with start_run() as run:
            log_text("hi", "in/note.txt")
            log_dict({"a": 1}, "in/a.json")
        yield run.run_id


def test_files_are_read(run_id: str) -> None:
    """Text and JSON come back as they were."""
    assert load_text(f"runs:/{run_id}/in/note.txt") == "hi"
    assert load_dict(f"runs:/{run_id}/in/a.json") == {"a": 1}


def test_folders_are_listed(run_id: str) -> None:
    """By address, or by run and path."""
    paths = ["in/a.json", "in/note.txt"]
    assert sorted(found.path for found in list_artifacts(f"runs:/{run_id}/in")) == paths
    assert sorted(found.path for found in list_artifacts(run_id=run_id, artifact_path="in")) == paths
    assert [found.path for found in list_artifacts(f"runs:/{run_id}")] == ["in"]


def test_files_are_copied(run_id: str, tmp_path: Path) -> None:
    """To a given folder or a new one."""
    given = Path(download_artifacts(f"runs:/{run_id}/in/note.txt", dst_path=tmp_path))
    fresh = Path(download_artifacts(run_id=run_id, artifact_path="in/note.txt"))
    assert given.is_relative_to(tmp_path)
    assert (given.read_text(), fresh.read_text()) == ("hi", "hi")


def test_what_is_not_there_is_named(run_id: str) -> None:
    """A wrong path is an error."""
    with pytest.raises(NotFound):
        load_text(f"runs:/{run_id}/in/none.txt")


def test_what_is_no_json_is_refused(run_id: str) -> None:
    """The address is in the sentence."""
    with pytest.raises(InvalidInput, match=r"note\.txt' is not JSON"):
        load_dict(f"runs:/{run_id}/in/note.txt")


@pytest.mark.parametrize("uri", ["runs:/", "runs:x", "models:/", "models:/name", "models:name"])
def test_other_addresses_are_refused(uri: str) -> None:
    """An address that begins as one of a run or model and is none is not taken for a path."""
    with pytest.raises(InvalidUri, match="runs:/<run id>/<path>"):
        list_artifacts(uri)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"artifact_path": "a"},
        {"artifact_uri": "runs:/r/a", "run_id": "r"},
        {"artifact_uri": "runs:/r/a", "artifact_path": "b"},
    ],
)
def test_an_address_is_given_once(arguments: dict[str, str]) -> None:
    """Neither nothing nor two addresses."""
    with pytest.raises(InvalidInput, match="either artifact_uri"):
        list_artifacts(**arguments)


def test_paths_begin_where_the_address_says(run_id: str) -> None:
    """As in MLflow: at the run if it is named by its id, at the folder itself if it has an address."""
    log_text("deep", "a/b/c.txt", run_id=run_id)
    assert [found.path for found in list_artifacts(run_id=run_id, artifact_path="a/b")] == ["a/b/c.txt"]
    assert [found.path for found in list_artifacts(f"runs:/{run_id}/a/b")] == ["b/c.txt"]
    place = current_tracker().artifacts(run_id).uri("a/b")
    assert [found.path for found in list_artifacts(place)] == ["b/c.txt"]
    assert list_artifacts(f"runs:/{run_id}/none") == []


def test_the_address_in_the_store_is_understood(run_id: str, tmp_path: Path) -> None:
    """What `run.info.artifact_uri` says, with a path behind, is an address of the run's files."""
    root = current_tracker().get_run(run_id).info.artifact_uri
    assert load_text(f"{root}/in/note.txt") == "hi"
    assert Path(download_artifacts(f"{root}/in", dst_path=tmp_path)) == tmp_path / "in"
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == ["a.json", "note.txt"]


def test_paths_on_this_machine_are_understood(run_id: str, tmp_path: Path) -> None:
    """They stay where they are, or are copied if a folder is given; what is not there is named."""
    del run_id  # a session
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("a")
    file = str(tmp_path / "in" / "a.txt")
    assert download_artifacts(file) == file
    assert load_text(f"file://{file}") == "a"
    assert Path(download_artifacts(file, dst_path=tmp_path / "new")).read_text() == "a"
    copied = Path(download_artifacts(str(tmp_path / "in"), dst_path=tmp_path / "new"))
    assert (copied.name, (copied / "a.txt").read_text()) == ("in", "a")
    assert [found.path for found in list_artifacts(str(tmp_path / "in"))] == ["in/a.txt"]
    assert list_artifacts(file) == []
    with pytest.raises(NotFound, match="no file or folder"):
        download_artifacts(str(tmp_path / "absent"))


def test_files_of_logged_models_have_addresses(run_id: str, tmp_path: Path) -> None:
    """By the model's id, and by the run that made it; the run's own files of the same path come first."""
    tracker = current_tracker()
    experiment_id = tracker.get_run(run_id).info.experiment_id
    model = tracker.logged_models.create(experiment_id, name="wine", source_run_id=run_id)
    tracker.log_outputs(run_id, [LoggedModelOutput(model.model_id, 0)])
    client = MlflowClient()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "MLmodel").write_text("flavors: {}")
    client.log_model_artifact(model.model_id, tmp_path / "sub" / "MLmodel")
    client.log_model_artifacts(model.model_id, tmp_path / "sub", "copy")
    assert [found.path for found in client.list_logged_model_artifacts(model.model_id)] == ["MLmodel", "copy"]
    assert load_text(f"models:/{model.model_id}/copy/MLmodel") == "flavors: {}"
    assert [found.path for found in client.list_artifacts(run_id, "wine")] == ["wine/MLmodel", "wine/copy"]
    assert load_text(f"runs:/{run_id}/wine/MLmodel") == "flavors: {}"
    whole = Path(download_artifacts(run_id=run_id, artifact_path="wine", dst_path=tmp_path / "out"))
    assert (whole.name, (whole / "copy" / "MLmodel").is_file()) == ("wine", True)
    log_text("own", "wine/MLmodel", run_id=run_id)
    assert load_text(f"runs:/{run_id}/wine/MLmodel") == "own"
    for call in (client.list_logged_model_artifacts, lambda id_: client.log_model_artifacts(id_, tmp_path)):
        with pytest.raises(NotFound, match="logged model"):
            call("m-" + "0" * 32)


def test_files_of_registered_versions_have_addresses(run_id: str, tmp_path: Path) -> None:
    """By number and by alias, with a path inside."""
    log_text("flavors: {}", "m/MLmodel", run_id=run_id)
    version = catalog_at(None).create_version("wine", source=f"runs:/{run_id}/m")
    catalog_at(None).set_alias("wine", "best", version.version)
    assert load_text(f"models:/wine/{version.version}/MLmodel") == "flavors: {}"
    assert load_text("models:/wine@best/MLmodel") == "flavors: {}"
    assert (Path(download_artifacts("models:/wine@best", dst_path=tmp_path)) / "MLmodel").is_file()
    with pytest.raises(InvalidInput, match="does not name artifacts of a run"):
        delete_artifacts("models:/wine@best")


def test_artifacts_are_deleted_by_address(run_id: str) -> None:
    """A file, then all; nothing there is no error."""
    delete_artifacts(f"runs:/{run_id}/in/a.json")
    assert [found.path for found in list_artifacts(run_id=run_id, artifact_path="in")] == ["in/note.txt"]
    delete_artifacts(run_id=run_id)
    delete_artifacts(run_id=run_id)
    assert list_artifacts(run_id=run_id) == []


def test_a_file_in_another_encoding_is_no_text(run_id: str) -> None:
    """The sentence says what to do, and an image that is none is named."""
    current_tracker().artifacts(run_id).put_bytes(b"\xff\xfe", "x.png")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        load_text(f"runs:/{run_id}/x.png")
    with pytest.raises(InvalidInput, match="no image"):
        load_image(f"runs:/{run_id}/x.png")


def test_files_in_a_store_that_is_a_directory_are_copied(tmp_path: Path) -> None:
    """Nobody is given a path inside the store, where a change would be one of the run; nothing hidden is shown."""
    with private_session(Settings(tracking_uri=str(tmp_path / "store"), spool_dir=tmp_path / "spool")):
        with start_run() as run:
            log_text("hi", "in/note.txt")
            log_table({"a": [1]}, "t.json")
        root = current_tracker().get_run(run.run_id).info.artifact_uri
        assert Path(root, "in", "note.txt").is_file()
        copied = Path(download_artifacts(f"{root}/in/note.txt"))
        assert copied.read_text() == "hi"
        assert not copied.is_relative_to(tmp_path / "store")
        assert [found.path for found in list_artifacts(root)] == ["in", "t.json"]
