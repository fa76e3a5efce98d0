"""The one resolver: no path and no address leads out of the files of a run or logged model."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.server.places import refused_location, safe_path
from mlflowflow.tracking.artifacts.path import clean_path
from tests.server.asking import API, Asking, desk_in

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SECRET: Final = "a secret outside of the store"
_TEMPLATES: Final = (
    "../{0}",
    "../../../../../../../../..{0}",
    "{0}",
    "/{0}",
    "a/../../../../../../../..{0}",
    "..\\..\\{0}",
    "file://{0}",
    "file:{0}",
    "#/../..{0}",
    "a#/../../{0}",
    "a?/../..{0}",
    "..;/..{0}",
    "\x00{0}",
    "a\n/../{0}",
    "C:{0}",
    "//host{0}",
    "....//{0}",
    "simplecache::file://{0}",
)
#: Fields that bear paths, by route: verb, address, the body or query with the path at "@".
_FIELDS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("GET", "/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/@", None),
    ("GET", "/api/2.0/mlflow-artifacts/artifacts/@", None),
    ("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/@", None),
    ("PUT", "/ajax-api/2.0/mlflow-artifacts/artifacts/@", None),
    ("DELETE", "/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/@", None),
    ("GET", "/api/2.0/mlflow-artifacts/artifacts", {"path": "0/{run}/artifacts/@"}),
    ("GET", "/api/2.0/mlflow-artifacts/artifacts", {"path": "@"}),
    ("GET", "/api/2.0/mlflow-artifacts/presigned/@", None),
    ("POST", "/api/2.0/mlflow-artifacts/mpu/create/@", {"path": "@", "num_parts": 1}),
    (
        "POST",
        "/api/2.0/mlflow-artifacts/mpu/complete/@",
        {"path": "f", "upload_id": "0" * 16, "parts": []},
    ),
    ("POST", "/api/2.0/mlflow-artifacts/mpu/abort/@", {"path": "f", "upload_id": "0" * 16}),
    ("PUT", "/api/2.0/mlflow-artifacts/mpu/part/@?upload_id=0000000000000000&part_number=1", None),
    (
        "PUT",
        "/api/2.0/mlflow-artifacts/mpu/part/0/{run}/artifacts/f?upload_id=@&part_number=1",
        None,
    ),
    ("GET", f"{API}/artifacts/list", {"run_id": "{run}", "path": "@"}),
    ("GET", f"{API}/artifacts/list", {"run_id": "@", "path": ""}),
    ("GET", "/get-artifact", {"run_id": "{run}", "path": "@"}),
    ("GET", "/get-artifact", {"run_id": "@", "path": "a"}),
    ("GET", "/model-versions/get-artifact", {"name": "m", "version": "1", "path": "@"}),
    ("GET", "/model-versions/get-artifact", {"name": "@", "version": "1", "path": "a"}),
    ("POST", "/ajax-api/2.0/mlflow/upload-artifact?run_id={run}&path=@", {"x": 1}),
    ("GET", f"{API}/logged-models/{{model}}/artifacts/directories", {"artifact_directory_path": "@"}),
    ("GET", f"{API}/logged-models/{{model}}/artifacts/files", {"artifact_file_path": "@"}),
    ("GET", f"{API}/logged-models/@", {}),
    ("GET", f"{API}/experiments/get", {"experiment_id": "@"}),
    ("GET", f"{API}/runs/get", {"run_id": "@"}),
    ("POST", f"{API}/experiments/create", {"name": "n", "artifact_location": "@"}),
    ("POST", f"{API}/model-versions/create", {"name": "m", "source": "@", "run_id": "{run}"}),
    (
        "POST",
        f"{API}/model-versions/create",
        {"name": "m", "source": "mlflow-artifacts:/0/{run}/artifacts/@", "run_id": "{run}"},
    ),
    ("POST", f"{API}/model-versions/create", {"name": "m", "source": "runs:/{run}/@", "run_id": "{run}"}),
    ("POST", f"{API}/model-versions/create", {"name": "m", "source": "models:/@", "run_id": "{run}"}),
)


class _Watch:
    """Which files were opened, while somebody looks."""

    def __init__(self) -> None:
        """Look at nothing yet."""
        self.paths: list[str] | None = None
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.paths is not None and event in {"open", "os.listdir", "os.scandir", "os.remove", "os.rename"}:
            self.paths += [os.fspath(each) for each in arguments[:1] if isinstance(each, str | os.PathLike)]


_WATCH: Final = _Watch()


@contextmanager
def opened_files() -> Generator[list[str]]:
    """Give the list of what is opened meanwhile."""
    _WATCH.paths = []
    try:
        yield _WATCH.paths
    finally:
        _WATCH.paths = None


def _encoded(path: str) -> list[str]:
    once = quote(path, safe="")
    return [path, once, quote(once, safe=""), quote(quote(once, safe=""), safe="")]


def _asked(ask: Asking, field: tuple[str, str, Any], path: str, *, run: str, model: str) -> int:
    verb, address, said = field
    fill = {"{run}": run, "{model}": model}

    def filled(text: str, put: str) -> str:
        for name, value in fill.items():
            text = text.replace(name, value)
        return text.replace("@", put)

    url = filled(address, quote(path, safe=""))
    values = (
        None if said is None else {k: filled(v, path) if isinstance(v, str) else v for k, v in said.items()}
    )
    if verb == "GET":
        return ask.client.request("GET", url, params=values).status_code
    if verb in {"PUT", "DELETE"}:
        return ask.client.request(verb, url, content=b"x" if verb == "PUT" else None).status_code
    headers = {"Content-Type": "application/json"}
    return ask.client.request(verb, url, content=json.dumps(values), headers=headers).status_code


@pytest.mark.parametrize("field", _FIELDS, ids=lambda each: f"{each[0]} {each[1]} {each[2]}")
def test_no_path_leads_out(ask: Asking, tmp_path: Path, field: tuple[str, str, Any]) -> None:
    """However it is written and encoded: nothing outside is opened, read, made or removed."""
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    root = str(tmp_path / "store")
    run, model = ask.run(), ask.model()
    ask.done("registered-models/create", {"name": "m"})
    ask.done("model-versions/create", {"name": "m", "source": f"runs:/{run}/a", "run_id": run})
    statuses: dict[str, int] = {}
    with opened_files() as opened:
        for template in _TEMPLATES:
            for path in _encoded(template.format(secret)):
                statuses[path] = _asked(ask, field, path, run=run, model=model)
    outside = [each for each in opened if each.startswith(str(tmp_path)) and not each.startswith(root)]
    assert outside == []
    assert secret.read_text() == SECRET
    assert sorted(each.name for each in tmp_path.iterdir()) == ["secret.txt", "store"]
    plain = ("....", "\n")  # odd names, which lead nowhere
    climbing = {
        path: status
        for path, status in statuses.items()
        if ".." in path and not any(each in path for each in plain)
    }
    assert set(climbing.values()) <= {400, 404}, climbing
    assert all(status < 500 or status == 501 for status in statuses.values()), statuses


def test_the_watch_sees_what_is_opened(tmp_path: Path) -> None:
    """The check above can fail."""
    with opened_files() as opened:
        (tmp_path / "f").write_text("x")
    assert str(tmp_path / "f") in opened


@pytest.mark.parametrize(
    "source",
    [
        "/etc",
        "file:///etc",
        "http://host/x",
        "ftp://host/x",
        "memory://x",
        "s3://b/../x",
        "s3://b/%2e%2e/x",
        "s3://b/x#y",
        "s3://b/x?y",
        "simplecache::s3://b/x",
        "mlflow-artifacts://other-host/0/r/artifacts",
        "mlflow-artifacts:/0/OTHER/artifacts/x",
        "runs:/OTHER/x",
        "models:/m-00000000000000000000000000000000",
        "relative/path",
        "",
    ],
)
def test_a_version_comes_from_its_own_run_and_from_nowhere_else(tmp_path: Path, source: str) -> None:
    """A caller cannot register, and then read, what is somebody else's."""
    with desk_in(tmp_path) as desk:
        run_id = desk.tracker.create_run("0").info.run_id
        other = desk.tracker.create_run("0").info.run_id
        with pytest.raises((InvalidInput, NotFound)):
            desk.places.source(source.replace("OTHER", other), run_id=run_id, model_id=None)


def test_sources_are_kept_as_the_library_writes_them_and_shown_as_clients_read_them(tmp_path: Path) -> None:
    """Both ways, for runs and logged models; a bucket elsewhere is left as it is."""
    with desk_in(tmp_path) as desk:
        run_id = desk.tracker.create_run("0").info.run_id
        model_id = desk.tracker.logged_models.create("0", name="m").model_id
        for source in (
            f"mlflow-artifacts:/0/{run_id}/artifacts/model",
            f"mlflow-artifacts:/0/models/{model_id}/artifacts",
            f"runs:/{run_id}/model",
            f"models:/{model_id}",
            "s3://bucket/model",
        ):
            kept = desk.places.source(source, run_id=run_id, model_id=model_id)
            assert desk.places.shown(kept) == source
        assert desk.places.of_source(f"runs:/{run_id}/a").path == "a"
        with pytest.raises(InvalidInput, match="opens no other"):
            desk.places.of_source("s3://bucket/model")


def test_a_file_is_found_in_its_own_experiment_only(tmp_path: Path) -> None:
    """An address that mixes two is none."""
    with desk_in(tmp_path) as desk:
        other = desk.tracker.create_experiment("other")
        run_id = desk.tracker.create_run("0").info.run_id
        model_id = desk.tracker.logged_models.create("0", name="m").model_id
        assert desk.places.found(f"/0/{run_id}/artifacts/a".lstrip("/")).path == "a"
        for wrong in (
            f"{other}/{run_id}/artifacts/a",
            f"{other}/models/{model_id}/artifacts/a",
            f"0/{run_id}/a",
            f"0/{run_id}",
            "0",
            "",
        ):
            with pytest.raises(NotFound):
                desk.places.found(wrong)


def test_a_version_that_refers_to_a_run_or_a_model_has_that_ones_files(tmp_path: Path) -> None:
    """Its client is told where they are for it; an address elsewhere stays as it is."""
    with desk_in(tmp_path) as desk:
        run_id = desk.tracker.create_run("0").info.run_id
        model_id = desk.tracker.logged_models.create("0", name="m").model_id
        told = {
            f"runs:/{run_id}/a/b": f"mlflow-artifacts:/0/{run_id}/artifacts/a/b",
            f"models:/{model_id}": f"mlflow-artifacts:/0/models/{model_id}/artifacts",
            desk.tracker.artifacts(run_id).uri("a"): f"mlflow-artifacts:/0/{run_id}/artifacts/a",
            "s3://bucket/model": "s3://bucket/model",
        }
        assert {source: desk.places.of_files(source) for source in told} == told


@pytest.mark.parametrize("location", ["s3://bucket/x", "/etc", "file:///etc", "http://169.254.169.254/"])
def test_no_request_chooses_where_files_lie(location: str) -> None:
    """The server would have to open it on the client's behalf."""
    with pytest.raises(InvalidInput, match="cannot be chosen"):
        refused_location(location)
    refused_location(None)
    refused_location("mlflow-artifacts:/")


@given(st.text(max_size=30), st.integers(0, 5))
def test_a_safe_path_stays_where_it_is_however_often_it_is_decoded(path: str, times: int) -> None:
    """What is accepted climbs nowhere in any of its readings."""
    for _ in range(times):
        path = quote(path, safe="")
    try:
        found = safe_path(path)
    except InvalidInput:
        return
    assert clean_path(found) == found
    assert not found.startswith("/")
    assert ".." not in found.split("/")
