"""What many ask for is made once for each version, and sent in few bytes."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import TypedDict

from mlflowflow.server.app import make_app
from mlflowflow.server.guard import Access
from mlflowflow.server.message import Message
from mlflowflow.server.route import Permission, View
from mlflowflow.server.viewing import Viewing, to_json
from tests.server.asking import HOST, Client, desk_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from mlflowflow.server.desk import Desk

PATH = "/api/mlff/1/squares"


class Squares(TypedDict):
    """An answer."""

    values: list[int]


class Count(Message):
    """A question."""

    count: int = 3


class Source:
    """What is shown: a version that a test moves on, and how often it was looked at."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self.version = "1"
        self.made = 0

    def handle(self, _desk: Desk, asked: Count) -> Mapping[str, Any]:
        """Show squares."""
        self.made += 1
        return {"values": [number**2 for number in range(asked.count)]}


@pytest.fixture(name="source")
def _source() -> Source:
    return Source()


@pytest.fixture(name="client")
def _client(source: Source, tmp_path: Path) -> Iterator[Client]:
    view = View(
        verb="GET",
        path=PATH,
        permission=Permission.READ,
        request=Count,
        answer=Squares,
        handle=source.handle,
        version=lambda _desk, _asked: source.version,
    )

    def opened() -> AbstractContextManager[Desk]:
        return desk_in(tmp_path)

    app = make_app(opened, Access(hosts=frozenset({HOST})), table=[view])
    with desk_in(tmp_path) as desk:
        app.state.desk = desk
        client = Client(app)
        yield client
        client.close()


def test_an_answer_is_made_once_for_each_version(client: Client, source: Source) -> None:
    """Whoever asks; another question and another version are other answers."""
    assert [client.request("GET", PATH).json() for _ in range(3)] == [{"values": [0, 1, 4]}] * 3
    assert source.made == 1
    assert client.request("GET", f"{PATH}?count=2").json() == {"values": [0, 1]}
    source.version = "2"
    client.request("GET", PATH)
    assert source.made == 3


def test_who_has_the_answer_hears_so(client: Client, source: Source) -> None:
    """In a few bytes, until the version is another."""
    tag = client.request("GET", PATH).headers["etag"]
    again = client.request("GET", PATH, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, source.made) == (304, b"", 1)
    source.version = "2"
    assert client.request("GET", PATH, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(("count", "encoding"), [(3, None), (5000, "gzip")])
def test_long_answers_are_compressed(client: Client, count: int, encoding: str | None) -> None:
    """For those who take that; everybody reads the same."""
    url = f"{PATH}?count={count}"
    zipped = client.request("GET", url, headers={"Accept-Encoding": "gzip"})
    plain = client.request("GET", url, headers={"Accept-Encoding": "identity"})
    assert zipped.headers.get("content-encoding") == encoding
    assert "content-encoding" not in plain.headers
    assert zipped.json() == plain.json()


def test_a_wrong_question_is_told(client: Client, source: Source) -> None:
    """Before anything is looked at."""
    answer = client.request("GET", f"{PATH}?count=many")
    assert (answer.status_code, source.made) == (400, 0)
    assert "count" in answer.json()["message"]


def test_old_answers_make_room() -> None:
    """No more bytes are kept than were allowed."""
    viewing = Viewing(kept_bytes=100)
    for number in range(20):
        viewing._keep(str(number), bytes(30))
    assert [viewing._known(str(number)) is not None for number in range(20)] == [False] * 17 + [True] * 3


def test_no_number_is_none() -> None:
    """NaN is no JSON: whoever shows one says it in words."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"value": float("nan")})
    assert json.loads(gzip.decompress(gzip.compress(to_json({"a": [1]})))) == {"a": [1]}
