"""Files on the web, from a server that the tests start."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlflowflow.data.http_dataset_source import HTTPDatasetSource
from mlflowflow.errors import InvalidUri, NotFound, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = {"/named": 'attachment; filename="wine.csv"', "/evil": 'attachment; filename="../../evil.csv"'}
_CODES = {"/gone": 404, "/broken": 500}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(_CODES.get(self.path, 200))
        if self.path in _NAMES:
            self.send_header("Content-Disposition", _NAMES[self.path])
        self.end_headers()
        self.wfile.write(b"a,b\n1,2\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
        """Be quiet."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """Run a server with one file under several names."""
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data/wine%20list.csv?x=1", "wine list.csv"),
        ("/named", "wine.csv"),
        ("/evil", "evil"),
        ("/a%2F..%2Fb", "dataset_source"),
        ("/", "dataset_source"),
    ],
)
def test_a_file_is_called_as_the_server_or_the_address_says(
    web: str, tmp_path: Path, path: str, name: str
) -> None:
    """No name leads out of the folder."""
    found = Path(HTTPDatasetSource(web + path).load(tmp_path / "new"))
    assert found == tmp_path / "new" / name
    assert found.read_bytes() == b"a,b\n1,2\n"


def test_without_a_folder_a_new_one_is_made(web: str) -> None:
    """Two downloads do not meet."""
    source = HTTPDatasetSource(f"{web}/a.csv")
    first, second = Path(source.load()), Path(source.load())
    assert first != second
    assert first.name == second.name == "a.csv"


@pytest.mark.parametrize(("path", "error"), [("/gone", NotFound), ("/broken", StoreUnavailable)])
def test_a_refusal_names_the_address(web: str, tmp_path: Path, path: str, error: type[Exception]) -> None:
    """A file that is not there is another trouble than a server that fails; nothing is left behind."""
    with pytest.raises(error, match=path):
        HTTPDatasetSource(web + path).load(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nobody_answers(tmp_path: Path) -> None:
    """A server that is away may be back later."""
    with pytest.raises(StoreUnavailable):
        HTTPDatasetSource("http://127.0.0.1:9/a.csv").load(tmp_path)


@pytest.mark.parametrize("url", ["wine.csv", "file:///etc/passwd", "ftp://example.org/a"])
def test_other_addresses_are_refused(url: str) -> None:
    """The web's client would read files of this machine, too."""
    with pytest.raises(InvalidUri):
        HTTPDatasetSource(url)
