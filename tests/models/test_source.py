"""From a model's address to its verified folder."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData, InvalidUri, NotFound
from mlflowflow.models.package import seal
from mlflowflow.models.source import Stores, fetched
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.register import register_model
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore


def _model(folder: Path, text: str = "hello") -> Path:
    (folder / "parts").mkdir(parents=True)
    (folder / "MLmodel").write_text("flavors: {}\n")
    (folder / "parts" / "text.txt").write_text(text)
    seal(folder)
    return folder


@contextmanager
def _stores(store: BlobStore, tmp_path: Path) -> Generator[Stores]:
    with Tracker(store, spool_dir=tmp_path / "spool") as tracker:
        yield Stores(tracker=tracker, catalog=Catalog(store))


def _logged(stores: Stores, folder: Path) -> str:
    tracker = stores.open_tracker()
    run_id = tracker.create_run("0").info.run_id
    tracker.artifacts(run_id).put_folder(folder, "deep/model")
    return run_id


def _text(uri: str | Path, stores: Stores) -> str:
    with fetched(uri, stores) as folder:
        return (folder / "parts" / "text.txt").read_text()


@pytest.fixture(params=["memory", "directory"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Stores]:
    """Provide an empty store of each local kind."""
    store = MemoryBlobStore() if request.param == "memory" else open_store(tmp_path / "store")
    with _stores(store, tmp_path) as opened:
        yield opened


def test_a_run_s_model_is_found(stores: Stores, tmp_path: Path) -> None:
    """The model a run logged is read by the run's id and the path."""
    run_id = _logged(stores, _model(tmp_path / "m"))
    assert _text(f"runs:/{run_id}/deep/model", stores) == "hello"


def test_the_address_of_an_artifact_is_found(stores: Stores, tmp_path: Path) -> None:
    """What `artifact_uri` returns is an address of the model, whatever the store."""
    run_id = _logged(stores, _model(tmp_path / "m"))
    assert _text(stores.open_tracker().artifacts(run_id).uri("deep/model"), stores) == "hello"


@pytest.mark.parametrize("form", ["/1", "/latest", "@champion", "/Production"])
def test_a_registered_version_is_found_in_every_form(stores: Stores, tmp_path: Path, form: str) -> None:
    """Numbers, aliases, stages and latest lead to the same files."""
    run_id = _logged(stores, _model(tmp_path / "m"))
    catalog = stores.open_catalog()
    register_model(f"runs:/{run_id}/deep/model", "greeting", tracker=stores.open_tracker(), catalog=catalog)
    catalog.set_alias("greeting", "champion", 1)
    catalog.transition_stage("greeting", 1, "Production")
    assert _text(f"models:/greeting{form}", stores) == "hello"


def test_an_address_in_the_past_leads_to_what_was_there(stores: Stores, tmp_path: Path) -> None:
    """A time picks the version that the alias pointed to then."""
    catalog = stores.open_catalog()
    for number in (1, 2):
        folder = _model(tmp_path / f"m{number}", text=str(number))
        register_model(str(folder), "greeting", tracker=stores.open_tracker(), catalog=catalog)
        catalog.set_alias("greeting", "champion", number)
    first = next(entry for entry in catalog.history("greeting") if "'champion'" in repr(entry.change))
    assert _text("models:/greeting@champion", stores) == "2"
    assert _text(f"models:/greeting@champion?at={_iso(first.at_us)}", stores) == "1"


def test_a_version_whose_files_changed_is_refused(stores: Stores, tmp_path: Path) -> None:
    """The digest that was registered is outside the folder: sealing it again does not help."""
    folder = _model(tmp_path / "m")
    register_model(str(folder), "greeting", tracker=stores.open_tracker(), catalog=stores.open_catalog())
    (folder / "parts" / "text.txt").write_text("changed")
    seal(folder)
    with pytest.raises(CorruptData, match="registered as version 1 of 'greeting'"):
        _text("models:/greeting/1", stores)
    assert _text(folder, stores) == "changed"


def test_a_version_without_a_digest_is_still_verified(stores: Stores, tmp_path: Path) -> None:
    """The digests in the folder are checked for registered versions too."""
    folder = _model(tmp_path / "m")
    stores.open_catalog().create_version("greeting", source=str(folder))
    (folder / "parts" / "text.txt").write_text("changed")
    with pytest.raises(CorruptData, match=r"parts/text\.txt"):
        _text("models:/greeting/1", stores)


def test_a_damaged_file_is_named(tmp_path: Path, stores: Stores) -> None:
    """Digests in the folder are checked for every address."""
    folder = _model(tmp_path / "m")
    (folder / "parts" / "text.txt").write_text("changed")
    with pytest.raises(CorruptData, match=r"parts/text\.txt"):
        _text(folder, stores)


def test_a_local_folder_is_read_in_place_and_stays(tmp_path: Path, stores: Stores) -> None:
    """Nothing is copied or removed of a folder on this machine."""
    folder = _model(tmp_path / "m")
    with fetched(folder, stores) as found:
        assert found == folder
    assert (folder / "MLmodel").exists()


def test_a_copy_is_private_and_removed(tmp_path: Path) -> None:
    """What is verified cannot be changed by others before it is loaded, and leaves nothing behind."""
    with _stores(MemoryBlobStore(), tmp_path) as stores:
        uri = f"runs:/{_logged(stores, _model(tmp_path / 'm'))}/deep/model"
        with fetched(uri, stores) as folder:
            private = next(one for one in folder.parents if one.name.startswith("mlflowflow-model-"))
            assert private.stat().st_mode & 0o077 == 0
        assert not private.exists()


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("/no/such/folder", NotFound),
        ("memory://empty-store/model", NotFound),
        ("ftp://host/model", InvalidUri),
        ("models:/nobody/1", NotFound),
        ("models:nonsense", InvalidUri),
    ],
)
def test_what_is_not_there_is_said(stores: Stores, uri: str, error: type[Exception]) -> None:
    """An address that leads nowhere or has no known form is refused."""
    with pytest.raises(error):
        _text(uri, stores)


def test_a_version_that_points_at_a_version_is_refused(stores: Stores) -> None:
    """The source of a version is a place, so that no chain of addresses can run in a circle."""
    stores.open_catalog().create_version("loop", source="models:/loop/1")
    with pytest.raises(InvalidUri, match="source"):
        _text("models:/loop/1", stores)


def _iso(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, tz=UTC).isoformat()
