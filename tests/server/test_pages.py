"""The pages are served whole, compressed, and with a policy that lets them talk to nobody else."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from mlflowflow.server.pages import PAGES, POLICY, Page, pages
from mlflowflow.server.route import Permission

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.asking import Asking


@pytest.fixture(name="built")
def _built(tmp_path: Path) -> Path:
    """Pages as Vite leaves them."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<html>index</html>")
    (folder / "assets" / "main-abc.js").write_text("let x = 1;\n" * 1000)
    (folder / ".built").write_text("digest")
    return folder


def test_each_file_is_a_route(built: Path) -> None:
    """And each kind of page, whatever stands below it; nothing else, and no hidden file."""
    paths = [route.path for route in pages(built)]
    below = [f"/{name}{end}" for name in PAGES for end in ("", "/{below:path}")]
    assert paths == ["/assets/main-abc.js", "/", *below]
    assert {route.permission for route in pages(built)} == {Permission.OPEN}


def test_without_pages_a_page_says_how_to_build_them(tmp_path: Path) -> None:
    """Everything else is served as always."""
    (page,) = {route.handle for route in pages(tmp_path)}
    assert isinstance(page, Page)
    assert b"pip install" in page.body


def test_a_file_is_kept_compressed(built: Path) -> None:
    """If that is shorter; names with a digest last for ever."""
    script, index = (route.handle for route in pages(built)[:2])
    assert isinstance(script, Page)
    assert isinstance(index, Page)
    assert script.zipped is not None
    assert gzip.decompress(script.zipped) == script.body
    assert (script.lasts, script.kind) == (True, "text/javascript")
    assert (index.zipped, index.lasts, index.kind) == (None, False, "text/html")


@pytest.mark.parametrize("path", ["/", "/runs", "/runs/0190a1b2", "/models/a%2Fb/3"])
def test_every_address_is_the_same_document(ask: Asking, path: str) -> None:
    """What it shows is read from the address; nobody may frame it, and it may load nothing from elsewhere."""
    answer = ask.client.request("GET", path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == POLICY
    assert (answer.headers["x-frame-options"], answer.headers["cache-control"]) == ("DENY", "no-cache")
    again = ask.client.request("GET", path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pages_are_for_names_of_this_server(ask: Asking) -> None:
    """Another host's name that was bound to this address gets nothing."""
    assert ask.client.request("GET", "/", headers={"Host": "evil.example"}).status_code == 403
