"""Getting artifacts back by their addresses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlflowflow.artifacts import download_artifacts, list_artifacts, load_dict, load_text
from mlflowflow.errors import InvalidInput, InvalidUri, NotFound
from mlflowflow.tracking.active import start_run
from mlflowflow.tracking.artifact_logs import log_dict, log_text
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


@pytest.mark.parametrize("uri", ["s3://bucket/x", "runs:/", "runs:x"])
def test_other_addresses_are_refused(uri: str) -> None:
    """Only addresses of runs are understood."""
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
