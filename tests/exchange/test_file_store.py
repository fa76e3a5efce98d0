"""Reading MLflow's file store."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.exchange.file_store import FileStoreSource
from mlflowflow.tracking.run import Metric
from tests.exchange.stores import MODEL, OTHER, RUN, small_files, write
from tests.exchange.test_sqlite import check_small

if TYPE_CHECKING:
    from pathlib import Path


def test_everything_is_read(tmp_path: Path) -> None:
    """The same is in the folder as in the database of the other test."""
    source = FileStoreSource(write(tmp_path, small_files()))
    check_small(source)
    assert source.problems == []
    assert source.where == str(tmp_path)


def test_the_trash_is_read(tmp_path: Path) -> None:
    """A deleted experiment lies in another folder, and so do its runs."""
    files = {f".trash/{name}": text for name, text in small_files().items() if name.startswith("3/")}
    meta = files[".trash/3/meta.yaml"].replace("active", "deleted")
    source = FileStoreSource(write(tmp_path, {**files, ".trash/3/meta.yaml": meta}))
    (experiment,) = source.experiments()
    assert experiment.lifecycle_stage == "deleted"
    (run,) = source.runs("3")
    assert [point.key for point in source.points(run)] == ["loss", "loss", "top"]


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    """Nothing would come of it."""
    with pytest.raises(NotFound, match=r"meta\.yaml"):
        FileStoreSource(tmp_path)


def test_keys_with_slashes_and_lines_with_datasets_are_read(tmp_path: Path) -> None:
    """A key with slashes is a path; a point may name the dataset it was computed on."""
    extra = {f"3/{RUN}/metrics/val/loss": "5 1.5\n6 2.5 3 d 1\n"}
    source = FileStoreSource(write(tmp_path, {**small_files(), **extra}))
    (run,) = source.runs("3")
    assert [point for point in source.points(run) if point.key == "val/loss"] == [
        Metric("val/loss", 1.5, 5, 0),
        Metric("val/loss", 2.5, 6, 3, None, "d", "1"),
    ]


def test_damaged_lines_are_named_and_hide_nothing_else(tmp_path: Path) -> None:
    """Of a metric that was cut off in the middle of a line, the other lines come over."""
    extra = {f"3/{RUN}/metrics/loss": "8 0.5 1\n9 x 2\n10 0.25 3\n11"}
    source = FileStoreSource(write(tmp_path, {**small_files(), **extra}))
    (run,) = source.runs("3")
    assert [point.timestamp for point in source.points(run) if point.key == "loss"] == [8, 10]
    assert [text.split(" of ")[0] for text in source.problems] == ["Line 2", "Line 4"]


@pytest.mark.parametrize(
    "name", ["3/meta.yaml", f"3/{OTHER}/meta.yaml", f"3/models/{MODEL}/meta.yaml", "models/wine/meta.yaml"]
)
@pytest.mark.parametrize("text", ["{", "status: 3\n"])
def test_damaged_descriptions_are_named_and_hide_nothing_else(name: str, text: str, tmp_path: Path) -> None:
    """One damaged thing does not end the import."""
    extra = {"4/meta.yaml": "experiment_id: '4'\nname: other\n", name: text}
    source = FileStoreSource(write(tmp_path, {**small_files(), **extra}))
    names = [each.name for each in source.experiments()]
    assert names == (["other"] if name == "3/meta.yaml" else ["wine", "other"])
    runs = [run.info.run_id for run in source.runs("3")]
    models = [model.model_id for model in source.logged_models("3")]
    registered = [model.name for model in source.registered_models()]
    assert runs == [RUN]
    assert models == ([] if MODEL in name else [MODEL])
    assert registered == ([] if name.startswith("models/") else ["wine"])
    assert any(name.rpartition("/")[0] in problem for problem in source.problems)


def test_points_of_deleted_models_belong_to_none(tmp_path: Path) -> None:
    """A model that is deleted does not come over, and its points come over without it."""
    files = small_files()
    meta = f"3/models/{MODEL}/meta.yaml"
    files[meta] = files[meta].replace("active", "deleted")
    source = FileStoreSource(write(tmp_path, files))
    assert list(source.logged_models("3")) == []
    (run,) = source.runs("3")
    assert {point.model_id for point in source.points(run)} == {None}
    assert sum(math.isnan(point.value) for point in source.points(run)) == 1


def test_files_of_a_store_that_was_moved_are_found(tmp_path: Path) -> None:
    """MLflow notes absolute addresses, and people copy folders."""
    folder = write(tmp_path, {**small_files(), f"3/{RUN}/artifacts/a.txt": "hello"})
    files = FileStoreSource(folder).files(f"file:///gone/mlruns/3/{RUN}/artifacts")
    assert files is not None
    assert list(files.list()) == [("a.txt", 5)]


def test_folders_that_are_gone_have_no_files(tmp_path: Path) -> None:
    """MLflow makes the folder when the first file comes."""
    files = FileStoreSource(write(tmp_path, small_files())).files("file:///gone/elsewhere/x/y/artifacts")
    assert files is not None
    assert list(files.list()) == []


def test_links_among_params_are_not_followed(tmp_path: Path) -> None:
    """A link could bring anything of this machine over."""
    secret = tmp_path / "secret"
    secret.write_text("x")
    folder = write(tmp_path / "mlruns", small_files())
    (folder / "3" / RUN / "params" / "stolen").symlink_to(secret)
    (run,) = FileStoreSource(folder).runs("3")
    assert dict(run.data.params) == {"C": "0.5"}
