"""Talking to an MLflow server."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import httpx
import pytest

from mlflowflow.config import ServerCredentials
from mlflowflow.errors import CorruptData, InvalidInput, NotFound, StoreUnavailable
from mlflowflow.exchange.rest import Rest
from tests.exchange.fake_server import FakeServer

if TYPE_CHECKING:
    from pathlib import Path


def _answering(*answers: httpx.Response) -> Rest:
    left = list(answers)
    return Rest("http://fake", transport=httpx.MockTransport(lambda _request: left.pop(0)))


def test_all_pages_are_read() -> None:
    """The fake gives two at a time."""
    server = FakeServer(experiments={str(number): {"experiment_id": str(number)} for number in range(5)})
    found = server.rest().pages("mlflow/experiments/search", "experiments", max_results=10)
    assert [each["experiment_id"] for each in found] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("trouble", [429, 503, 500, 502, httpx.ConnectError("no"), httpx.ReadTimeout("slow")])
def test_questions_are_asked_again(trouble: int | Exception) -> None:
    """A server that restarts does not end an import of hours."""
    server = FakeServer(trouble=[trouble, trouble])
    assert server.rest().search("mlflow/experiments/search") == {"experiments": []}
    assert len(server.asked) == 3


@pytest.mark.parametrize("trouble", [429, 503, httpx.ConnectError("no")])
def test_changes_are_asked_for_again_where_nothing_came_of_them(trouble: int | Exception) -> None:
    """The server said so, or was not reached."""
    server = FakeServer(trouble=[trouble])
    server.rest().change("mlflow/experiments/create", name="wine")
    assert len(server.experiments) == 1


@pytest.mark.parametrize("trouble", [500, 502, httpx.ReadTimeout("slow")])
def test_changes_that_may_have_happened_are_not_repeated(trouble: int | Exception) -> None:
    """A run would be there twice."""
    server = FakeServer(trouble=[trouble])
    with pytest.raises(StoreUnavailable):
        server.rest().change("mlflow/experiments/create", name="wine")
    assert len(server.asked) == 1


def test_a_server_that_stays_away_is_named() -> None:
    """After some tries."""
    server = FakeServer(trouble=[httpx.ConnectError("no")] * 20)
    with pytest.raises(StoreUnavailable, match=r"http://fake:5000.*nobody answers"):
        server.rest().get("mlflow/experiments/search")
    assert len(server.asked) == 7


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (401, InvalidInput, "MLFLOW_TRACKING_TOKEN"),
        (404, NotFound, "trouble"),
        (400, InvalidInput, "TROUBLE"),
    ],
)
def test_refusals_are_errors_of_ours(status: int, error: type[Exception], words: str) -> None:
    """With what the server said, or what to do."""
    with pytest.raises(error, match=words):
        FakeServer(trouble=[status]).rest().get("mlflow/experiments/search")


def test_an_answer_that_is_not_mlflows_is_refused() -> None:
    """Somebody else may listen there."""
    for content in (b"<html>", b"[1]"):
        with pytest.raises(CorruptData):
            _answering(httpx.Response(200, content=content)).get("x")


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        (ServerCredentials(username="ada", password="x"), "Basic YWRhOng="),
        (ServerCredentials(token="t"), "Bearer t"),
        (ServerCredentials(username="ada", password="x", token="t"), "Basic YWRhOng="),
        (ServerCredentials(), None),
    ],
)
def test_credentials_are_sent(credentials: ServerCredentials, header: str | None) -> None:
    """A name and a password win over a token, as in MLflow."""
    server = FakeServer()
    transport = httpx.MockTransport(server.answer)
    Rest("http://fake", credentials=credentials, transport=transport).search("mlflow/experiments/search")
    assert server.headers[0].get("Authorization") == header


def test_files_go_up_and_down(tmp_path: Path) -> None:
    """One that is not there leaves nothing behind."""
    server = FakeServer(trouble=[503])
    rest = server.rest()
    rest.upload("mlflow-artifacts/artifacts/a/b", BytesIO(b"hello"))
    rest.download("mlflow-artifacts/artifacts/a/b", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"hello"
    with pytest.raises(NotFound):
        rest.download("mlflow-artifacts/artifacts/gone", tmp_path / "gone")
    assert not (tmp_path / "gone").exists()
    rest.close()
