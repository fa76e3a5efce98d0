"""Files and folders as sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlflowflow.data.filesystem_dataset_source import (
    KINDS,
    LocalArtifactDatasetSource,
    RunsArtifactDatasetSource,
    S3ArtifactDatasetSource,
)
from mlflowflow.errors import InvalidInput, InvalidUri, NotFound
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.artifacts.logs import log_text
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_local_file_stays_where_it_is(tmp_path: Path) -> None:
    """Nothing is copied that this machine has already."""
    (file := tmp_path / "a.csv").write_text("x")
    assert LocalArtifactDatasetSource(str(file)).load() == str(file)
    assert LocalArtifactDatasetSource(f"file://{file}").load() == str(file)


def test_a_local_file_or_folder_is_copied_on_demand(tmp_path: Path) -> None:
    """A destination gets what the address names, under its own name."""
    (folder := tmp_path / "data").mkdir()
    (folder / "a.csv").write_text("x")
    one = Path(LocalArtifactDatasetSource(str(folder / "a.csv")).load(tmp_path / "to"))
    all_of_it = Path(LocalArtifactDatasetSource(str(folder)).load(tmp_path / "to"))
    assert (one, one.read_text()) == (tmp_path / "to" / "a.csv", "x")
    assert (all_of_it / "a.csv").read_text() == "x"


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path is told when it is loaded, not when it is logged."""
    with pytest.raises(NotFound, match="nothing"):
        LocalArtifactDatasetSource(str(tmp_path / "nothing")).load()


@pytest.mark.s3
def test_objects_of_a_bucket_are_copied(s3_url: str, tmp_path: Path) -> None:
    """One object, or all below an address, but no neighbour whose name begins alike."""
    store = open_store(s3_url)
    for key in ("d/a.csv", "d/deep/b.csv", "d2/c.csv"):
        store.put(key, key.encode())
    one = S3ArtifactDatasetSource(f"{s3_url}/d/a.csv").load(tmp_path / "one")
    many = S3ArtifactDatasetSource(f"{s3_url}/d").load(tmp_path / "many")
    assert Path(one).read_text() == "d/a.csv"
    assert sorted(path.name for path in Path(many).rglob("*.csv")) == ["a.csv", "b.csv"]
    assert not (tmp_path / "many" / "d2").exists()
    with pytest.raises(NotFound):
        S3ArtifactDatasetSource(f"{s3_url}/none").load(tmp_path)


def test_an_artifact_of_a_run_is_a_source(tmp_path: Path) -> None:
    """What one run logged can be another run's data."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool"):
        with start_run() as run:
            log_text("x", "data/a.csv")
        found = RunsArtifactDatasetSource(f"runs:/{run.run_id}/data/a.csv").load(tmp_path / "to")
        assert Path(found).read_text() == "x"
        with pytest.raises(InvalidUri):
            RunsArtifactDatasetSource("runs:/abc").load()


@pytest.mark.parametrize("uri", ["hdfs://host/a", "ftp://host/a"])
def test_places_that_cannot_be_opened_are_refused_when_loaded(uri: str) -> None:
    """A run that names such a place can be read all the same."""
    (kind,) = [one for one in KINDS if one._can_resolve(uri)]
    source = kind._resolve(uri)
    assert source.to_dict() == {"uri": uri}
    with pytest.raises(InvalidUri):
        source.load()


def test_each_scheme_has_one_kind() -> None:
    """The order of the table decides nothing between them."""
    schemes = [scheme for kind in KINDS for scheme in kind.schemes]
    assert len(schemes) == len(set(schemes))


@pytest.mark.parametrize("raw", [3, None, b"x"])
def test_other_things_are_no_addresses(raw: object) -> None:
    """Only text, and paths of this machine, name a place."""
    assert not any(kind._can_resolve(raw) for kind in KINDS)


def test_a_source_without_its_address_is_refused() -> None:
    """A damaged record is named."""
    refused: Callable[[], object] = lambda: S3ArtifactDatasetSource.from_dict({})  # noqa: E731
    with pytest.raises(InvalidInput, match="'s3' needs a text 'uri'"):
        refused()
