"""Files over HTTP: whole and in parts, and never a path of the client's choice."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import CorruptData
from mlflowflow.server.handlers import files
from mlflowflow.server.ranges import Part
from tests.server.asking import API, Asking, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

PROXY = "/api/2.0/mlflow-artifacts"


def put(ask: Asking, path: str, content: Any) -> httpx.Response:
    """Upload through the proxy."""
    return ask.client.request("PUT", f"{PROXY}/artifacts/{path}", content=content)


def fetch(ask: Asking, path: str, **headers: str) -> httpx.Response:
    """Download through the proxy."""
    return ask.client.request("GET", f"{PROXY}/artifacts/{path}", headers=headers)


def test_a_file_goes_in_and_comes_out_by_every_door(ask: Asking) -> None:
    """The proxy, the run's own route, the lists of both, and deletion."""
    run_id = ask.run()
    root = f"0/{run_id}/artifacts"
    assert put(ask, f"{root}/a b/ä.txt", b"hello").json() == {}
    assert fetch(ask, f"{root}/a b/ä.txt").content == b"hello"
    for door in ("/get-artifact", "/ajax-api/2.0/mlflow/get-artifact"):
        direct = ask.client.request("GET", door, params={"run_uuid": run_id, "path": "a b/ä.txt"})
        assert direct.content == b"hello"
    listed = ask.client.request("GET", f"{PROXY}/artifacts", params={"path": f"{root}/a b"}).json()
    assert listed == {"files": [{"path": "ä.txt", "is_dir": False, "file_size": 5}]}
    assert ask.found("artifacts/list", run_id=run_id) == {
        "root_uri": f"mlflow-artifacts:/{root}",
        "files": [{"path": "a b", "is_dir": True}],
    }
    assert ask.client.request("DELETE", f"{PROXY}/artifacts/{root}/a b").json() == {}
    assert refusal(fetch(ask, f"{root}/a b/ä.txt")) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_browser_does_nothing_with_a_file_but_save_it(ask: Asking) -> None:
    """Whatever its name says that it is."""
    run_id = ask.run()
    put(ask, f"0/{run_id}/artifacts/x.html", b"<script>")
    headers = fetch(ask, f"0/{run_id}/artifacts/x.html").headers
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''x.html"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=0-99", 206, b"0123456789"),
        ("bytes=10-", 416, b""),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
def test_a_part_of_a_file(ask: Asking, asked: str, status: int, content: bytes) -> None:
    """One range at a time; what is no such range means the whole."""
    run_id = ask.run()
    put(ask, f"0/{run_id}/artifacts/f", b"0123456789")
    answer = fetch(ask, f"0/{run_id}/artifacts/f", Range=asked)
    assert (answer.status_code, answer.content) == (status, content)


def test_a_file_that_the_client_has_is_not_sent_again(ask: Asking) -> None:
    """Its mark changes with it, and a range of the old one is not mixed with the new."""
    run_id = ask.run()
    path = f"0/{run_id}/artifacts/f"
    put(ask, path, b"old")
    mark = fetch(ask, path).headers["etag"]
    assert fetch(ask, path, **{"If-None-Match": mark}).status_code == 304
    put(ask, path, b"new one")
    assert fetch(ask, path, **{"If-None-Match": mark}).content == b"new one"
    assert fetch(ask, path, **{"If-Range": mark, "Range": "bytes=1-"}).content == b"new one"


def test_a_file_that_is_replaced_while_it_is_sent_breaks_off(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client never takes two halves of two files for one."""
    monkeypatch.setattr(files, "PIECE", 4)
    run_id = ask.run()
    put(ask, f"0/{run_id}/artifacts/f", b"0123456789")
    found = ask.desk.places.found(f"0/{run_id}/artifacts/f")
    pieces = files._pieces(found, files.blob_of(found), Part(0, 10, is_partial=False))
    assert next(pieces) == b"0123"
    put(ask, f"0/{run_id}/artifacts/f", b"abcdefghijk")
    with pytest.raises(CorruptData, match="replaced"):
        list(pieces)


def test_large_files_do_not_fill_the_memory(ask: Asking) -> None:
    """Up and down, a few MiB of it are held."""
    run_id, piece = ask.run(), b"x" * 65_536

    async def body() -> AsyncIterator[bytes]:
        for _ in range(1024):
            yield piece

    gc.collect()
    tracemalloc.start()
    try:
        assert put(ask, f"0/{run_id}/artifacts/big", body()).status_code == 200
        found = ask.desk.places.found(f"0/{run_id}/artifacts/big")
        size = sum(
            len(each) for each in files._pieces(found, files.blob_of(found), Part(0, 2**26, is_partial=False))
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 2**26
    assert peak < 24 * 2**20


def test_an_upload_that_breaks_off_leaves_nothing(ask: Asking) -> None:
    """Neither a part of the file nor the older file's end."""
    run_id = ask.run()

    async def body() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    assert put(ask, f"0/{run_id}/artifacts/f", body()).status_code == 500
    assert fetch(ask, f"0/{run_id}/artifacts/f").status_code == 404


def test_files_of_models_and_versions(ask: Asking) -> None:
    """Logged models and registered versions have doors of their own."""
    model_id = ask.model()
    put(ask, f"0/models/{model_id}/artifacts/MLmodel", b"flavors")
    path = f"{API}/logged-models/{model_id}/artifacts/files"
    answer = ask.client.request("GET", path, params={"artifact_file_path": "MLmodel"})
    assert (answer.content, answer.headers["content-type"]) == (b"flavors", "text/plain; charset=utf-8")
    ask.done("registered-models/create", {"name": "m"})
    for source in (f"models:/{model_id}", f"mlflow-artifacts:/0/models/{model_id}/artifacts"):
        made = ask.done("model-versions/create", {"name": "m", "source": source, "model_id": model_id})
        asked = {"name": "m", "version": made["model_version"]["version"], "path": "MLmodel"}
        answer = ask.client.request("GET", "/model-versions/get-artifact", params=asked)
        assert answer.content == b"flavors", answer.text


def test_the_web_client_uploads_small_files(ask: Asking) -> None:
    """Larger ones are refused, and nothing of them is kept."""
    run_id = ask.run()
    path = f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run_id}&path=f"
    assert ask.client.request("POST", path, content=b"x").status_code == 200
    assert refusal(ask.client.request("POST", path, content=b"x" * (10 * 2**20 + 1)))[0] == 400
    assert fetch(ask, f"0/{run_id}/artifacts/f").content == b"x"


def test_there_are_no_addresses_within_the_store(ask: Asking) -> None:
    """Clients of buckets ask for them; the status tells them to use the proxy."""
    for way in ("upload", "download"):
        assert refusal(ask.post(f"artifacts/presigned-{way}-url")) == (501, "NOT_IMPLEMENTED")


def test_a_path_that_ends_like_a_folder_names_no_file(ask: Asking) -> None:
    """The caller is told, and nothing is kept."""
    assert refusal(put(ask, f"0/{ask.run()}/artifacts/f/", b"x")) == (400, "INVALID_PARAMETER_VALUE")
    assert refusal(put(ask, f"0/{ask.run()}/artifacts", b"x"))[0] == 400
    assert refusal(ask.client.request("GET", "/get-artifact", params={"path": "f"}))[0] == 400


def test_a_page_of_a_run_is_shown_where_it_can_do_nothing(ask: Asking) -> None:
    """It has an origin of its own and may talk to nobody; other files are sent as ever."""
    run_id = ask.run()
    files = ask.desk.tracker.artifacts(run_id)
    files.put_bytes(b"<script>1</script>", "a.html")
    files.put_bytes(b"<svg/>", "a.svg")

    def headers(path: str) -> tuple[str, str]:
        asked = {"run_id": run_id, "path": path}
        answer = ask.client.request("GET", "/api/mlff/1/frame", params=asked)
        assert answer.status_code == 200
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        return answer.headers["content-security-policy"], answer.headers["content-disposition"]

    policy, disposition = headers("a.html")
    assert disposition == "inline"
    assert policy.startswith("sandbox allow-scripts; default-src 'none'; ")
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy
    assert headers("a.svg")[0] == "sandbox; default-src 'none'"
    assert headers("a.svg")[1].startswith("attachment")
