"""The client's artifacts: what is logged is read back, and bad input changes nothing."""

from __future__ import annotations

import io
import re
import threading
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import PIL.Image
import pytest

from mlflowflow.client import MlflowClient
from mlflowflow.errors import InvalidInput, NotFound, StoreError
from mlflowflow.tracking.artifacts.client import IMAGES_TAG
from mlflowflow.tracking.artifacts.uploads import UPLOADS
from tests.tracking.sessions import private_session
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SERIES = re.compile(
    r"images/val~dogs\+step\+3\+timestamp\+(?P<time>\d+)\+[0-9a-f]{16}(\+compressed\.webp|\.png)"
)


@pytest.fixture
def client() -> Iterator[MlflowClient]:
    """Give the client of a fresh store."""
    with private_session():
        yield MlflowClient()


@pytest.fixture
def run_id(client: MlflowClient) -> str:
    """Give a run without artifacts."""
    return client.create_run("0").info.run_id


def _paths(client: MlflowClient, run_id: str, folder: str | None = None) -> list[str]:
    return [found.path for found in client.list_artifacts(run_id, folder)]


@pytest.mark.parametrize("synchronous", [True, False, None])
def test_an_image_of_a_series_is_kept_in_full_and_small(
    client: MlflowClient, run_id: str, synchronous: bool | None
) -> None:
    """Under MLflow's names, with the tag that says that there are such images."""
    client.log_image(run_id, np.zeros((4, 8)), key="val/dogs", step=3, timestamp=17, synchronous=synchronous)
    UPLOADS.flush()
    small, full = sorted(_paths(client, run_id, "images"), key=lambda path: path.endswith(".png"))
    for path in (small, full):
        match = _SERIES.fullmatch(path)
        assert match is not None
        assert match["time"] == "17"
    files = client.tracker.artifacts(run_id)
    assert PIL.Image.open(io.BytesIO(files.read(full))).size == (8, 4)
    assert PIL.Image.open(io.BytesIO(files.read(small))).size == (256, 128)
    assert client.get_run(run_id).data.tags[IMAGES_TAG] == "True"


def test_an_image_that_is_changed_after_the_call_was_logged_as_it_was(
    client: MlflowClient, run_id: str
) -> None:
    """What is uploaded in the background is a copy."""
    gate = threading.Event()
    for _ in range(8):  # more than there are threads, so the image waits behind them
        UPLOADS.add(lambda: gate.wait(30))
    image = PIL.Image.new("L", (4, 4), 9)
    client.log_image(run_id, image, key="k", synchronous=False)
    image.paste(200, (0, 0, 4, 4))
    gate.set()
    UPLOADS.flush()
    (path,) = [each for each in _paths(client, run_id, "images") if each.endswith(".png")]
    content = client.tracker.artifacts(run_id).read(path)
    assert PIL.Image.open(io.BytesIO(content)).getpixel((1, 1)) == 9


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"artifact_file": "a.png", "key": "k"},
        {"artifact_file": "a.png", "step": 0},
        {"step": 1},
        {"key": "a%b"},
        {"key": "k", "step": "x"},
        {"artifact_file": "../a.png"},
        {"artifact_file": "a"},
    ],
)
def test_an_image_that_cannot_be_logged_changes_nothing(
    client: MlflowClient, run_id: str, arguments: dict[str, Any]
) -> None:
    """Neither both nor none of file and key, and no names that cannot be."""
    with pytest.raises(InvalidInput):
        client.log_image(run_id, np.zeros((2, 2)), **arguments)
    assert _paths(client, run_id) == []
    assert IMAGES_TAG not in client.get_run(run_id).data.tags


def test_files_of_all_kinds_are_read_back(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    """Texts, dicts, streams, images, files and folders with their names."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("a")
    client.log_text(run_id, "größe", "t.txt")
    client.log_dict(run_id, {"b": 1}, "d.yaml")
    client.log_stream(run_id, io.BytesIO(b"s"), "s.bin")
    client.log_image(run_id, np.zeros((2, 2)), "i.png")
    client.log_artifact(run_id, tmp_path / "in", "named")
    client.log_artifacts(run_id, tmp_path / "in", "flat")
    files = client.tracker.artifacts(run_id)
    assert [files.read(path) for path in ("t.txt", "d.yaml", "s.bin", "named/in/a.txt", "flat/a.txt")] == [
        "größe".encode(),
        b"b: 1\n",
        b"s",
        b"a",
        b"a",
    ]
    assert files.read("i.png").startswith(b"\x89PNG")


@pytest.mark.parametrize("path", ["../x", "/x", "a\\b", "%2e%2e/x", "a\nb", ".mlff/x.json"])
def test_no_call_writes_outside(client: MlflowClient, run_id: str, tmp_path: Path, path: str) -> None:
    """Whatever is logged, a path that leads out is refused before anything is written."""
    (tmp_path / "a.txt").write_text("a")
    calls = (
        lambda: client.log_text(run_id, "x", path),
        lambda: client.log_dict(run_id, {}, path),
        lambda: client.log_stream(run_id, io.BytesIO(), path),
        lambda: client.log_table(run_id, {"a": [1]}, f"{path}.json"),
        lambda: client.log_image(run_id, np.zeros((2, 2)), f"{path}.png"),
        lambda: client.log_artifact(run_id, tmp_path / "a.txt", path),
        lambda: client.log_artifacts(run_id, tmp_path, path),
        lambda: client.download_artifacts(run_id, path),
        lambda: client.list_artifacts(run_id, path),
    )
    for call in calls:
        with pytest.raises(InvalidInput):
            call()
    assert list(client.tracker.artifacts(run_id).walk()) == []


def test_bad_values_are_refused(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    """What is no text, no JSON, no figure and no run."""
    with pytest.raises(InvalidInput, match="expected a text"):
        client.log_text(run_id, cast("str", b"x"), "x.txt")
    with pytest.raises(InvalidInput, match="cannot be written"):
        client.log_dict(run_id, {(1, 2): 3}, "x.json")
    with pytest.raises(InvalidInput, match="cannot be written"):
        client.log_dict(run_id, {"a": object()}, "x.yaml")
    with pytest.raises(InvalidInput, match="Matplotlib"):
        client.log_figure(run_id, "figure", "x.png")
    with pytest.raises(NotFound):
        client.log_text("absent", "x", "x.txt")
    with pytest.raises(NotFound):
        client.log_artifact(run_id, tmp_path / "absent")
    assert _paths(client, run_id) == []


def test_a_store_that_is_away_is_told_by_the_flush() -> None:
    """An image that could not be uploaded in the background is not silently lost."""
    from mlflowflow.tracking.artifacts.client import _upload_soon
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository

    store = SwitchedStore()
    store.away = True
    _upload_soon(ArtifactRepository(store, "artifacts/0/r/"), {"x.png": PIL.Image.new("L", (1, 1))})
    with pytest.raises(StoreError, match="Log them again"):
        UPLOADS.flush()
