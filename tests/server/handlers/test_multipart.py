"""Files in parts over HTTP, as MLflow's client sends them, and the addresses it is given for that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from mlflowflow.ids import digest
from mlflowflow.testing.blob_store import keys
from tests.server.asking import HOST, Asking, asking, refusal

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

PROXY = "/api/2.0/mlflow-artifacts"
TOKEN = "x" * 32
CONTENTS = (b"one ", b"two ", b"three")


@dataclass(frozen=True, kw_only=True)
class Sending:
    """One upload, as its client sees it."""

    ask: Asking
    root: str
    path: str
    upload_id: str
    credentials: list[dict[str, Any]]

    def put(self, number: int, content: bytes) -> httpx.Response:
        """Send a part to where it is to be sent, as a plain HTTP client does."""
        given = self.credentials[number - 1]
        return self.ask.client.request("PUT", given["url"], content=content, headers=given["headers"])

    def put_all(self, order: tuple[int, ...] = (1, 2, 3)) -> list[dict[str, Any]]:
        """Send all parts and return what completes the upload."""
        etags = {number: self.put(number, CONTENTS[number - 1]).headers["etag"] for number in order}
        return [
            {"part_number": number, "etag": etags[number], "url": self.credentials[number - 1]["url"]}
            for number in sorted(etags)
        ]

    def end(self, how: str, **facts: Any) -> httpx.Response:
        """Complete or abort."""
        said = {"path": self.path, "upload_id": self.upload_id, **facts}
        return self.ask.client.request("POST", f"{PROXY}/mpu/{how}/{self.root}", json=said)

    def fetched(self) -> httpx.Response:
        """Ask for the file."""
        return self.ask.client.request("GET", f"{PROXY}/artifacts/{self.root}/b.bin")


def begun(ask: Asking, *, path: str = "/home of ann/b.bin", **options: Any) -> Sending:
    """Begin an upload of three parts to a run's folder, of a file that lies somewhere on its client."""
    root = f"0/{ask.desk.tracker.create_run('0').info.run_id}/artifacts/a ä"
    said = {"path": path, "num_parts": len(CONTENTS)}
    answer = ask.client.request("POST", f"{PROXY}/mpu/create/{root}", json=said, **options)
    assert answer.status_code == 200, answer.text
    return Sending(ask=ask, root=root, path=path, **answer.json())


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2, 1)])
def test_a_file_in_parts_appears_when_it_is_complete(ask: Asking, order: tuple[int, ...]) -> None:
    """Whole, under the name that it has at its client, whatever the order of its parts."""
    sending = begun(ask)
    parts = sending.put_all(order)
    assert parts[0]["etag"] == f'"{digest(CONTENTS[0])}"'
    assert refusal(sending.fetched()) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert sending.end("complete", parts=parts).json() == {}
    assert sending.fetched().content == b"one two three"
    assert sending.end("complete", parts=parts).json() == {}
    assert sending.end("abort").json() == {}
    assert sending.fetched().content == b"one two three"


@pytest.mark.parametrize("path", ["b.bin", "../data/b.bin", "C:\\data\\b.bin"])
def test_a_client_names_its_file_as_it_likes(ask: Asking, path: str) -> None:
    """Only the last part of it counts here."""
    sending = begun(ask, path=path)
    assert sending.end("complete", parts=sending.put_all()).status_code == 200
    assert sending.fetched().content == b"one two three"


@pytest.mark.parametrize("path", ["..", "a/..", "%2e%2e", "a/", "", ".mlff", "a#b"])
def test_a_name_that_is_none_is_refused(ask: Asking, path: str) -> None:
    """Before anything is begun."""
    root = f"0/{ask.run()}/artifacts"
    answer = ask.client.request("POST", f"{PROXY}/mpu/create/{root}", json={"path": path, "num_parts": 1})
    assert refusal(answer)[0] == 400
    assert not [key for key in keys(ask.desk.tracker.store, "exp/") if "uploads" in key]


def test_what_lacks_a_part_is_not_published(ask: Asking) -> None:
    """The error says which; the rest may still come."""
    sending = begun(ask)
    parts = sending.put_all()
    for wrong in (parts[:2], [parts[1], parts[0], parts[2]], [*parts[:2], {**parts[2], "etag": "0" * 64}]):
        assert refusal(sending.end("complete", parts=wrong)) == (400, "INVALID_PARAMETER_VALUE")
    assert sending.fetched().status_code == 404
    assert sending.end("complete", parts=parts).status_code == 200


def test_aborting_forgets_what_came(ask: Asking) -> None:
    """Nothing of it is left, and nothing more is taken."""
    sending = begun(ask)
    parts = sending.put_all()
    assert [sending.end("abort").status_code for _ in range(2)] == [200, 200]
    assert not [key for key in keys(ask.desk.tracker.store, "exp/") if "uploads" in key]
    assert refusal(sending.put(1, b"late")) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert refusal(sending.end("complete", parts=parts)) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_another_server_of_the_store_can_be_asked(tmp_path: Path) -> None:
    """For any of the steps."""
    with asking(tmp_path) as one, asking(tmp_path) as other:
        sending = begun(one)
        elsewhere = replace(sending, ask=other)
        parts = [sending.put_all((1, 3))[0], *elsewhere.put_all((2, 3))]
        assert elsewhere.end("complete", parts=parts).status_code == 200
        assert sending.end("complete", parts=parts).status_code == 200
        assert sending.fetched().content == b"one two three"


def test_parts_of_a_logged_model(ask: Asking) -> None:
    """Its files lie elsewhere, and are sent in the same way."""
    root = f"0/models/{ask.model()}/artifacts"
    made = ask.client.request("POST", f"{PROXY}/mpu/create/{root}", json={"path": "b.bin", "num_parts": 1})
    sending = Sending(ask=ask, root=root, path="b.bin", **made.json())
    assert sending.end("complete", parts=sending.put_all((1,))).status_code == 200
    assert sending.fetched().content == b"one "


def test_addresses_are_this_servers_and_carry_the_callers_own_token(tmp_path: Path) -> None:
    """So a part passes the same guard as everything else, and nobody learns a token they did not have."""
    with asking(tmp_path, token=TOKEN) as ask:
        allowed = {"Authorization": f"Bearer {TOKEN}"}
        sending = begun(ask, headers=allowed)
        given = sending.credentials[0]
        assert (urlsplit(given["url"]).scheme, urlsplit(given["url"]).netloc) == ("http", HOST)
        assert given["headers"] == allowed
        assert sending.put(1, b"one ").status_code == 200
        url = given["url"]
        assert refusal(ask.client.request("PUT", url, content=b"x")) == (401, "UNAUTHENTICATED")
        elsewhere = {**allowed, "Host": "evil.example"}
        assert refusal(ask.client.request("PUT", url, content=b"x", headers=elsewhere))[0] == 403
    with asking(tmp_path / "open") as ask:
        assert begun(ask).credentials[0]["headers"] == {}


def test_behind_a_proxy_that_ends_tls_addresses_are_secure(ask: Asking) -> None:
    """The token would travel in the clear otherwise."""
    sending = begun(ask, headers={"X-Forwarded-Proto": "https"})
    assert {urlsplit(each["url"]).scheme for each in sending.credentials} == {"https"}


def test_an_upload_belongs_to_one_file(ask: Asking) -> None:
    """A part for another is refused, and so are a number and an id that it has not."""
    sending = begun(ask)
    url = sending.credentials[0]["url"]
    for wrong, status in (
        (url.replace("b.bin", "c.bin"), 404),
        (url.replace(sending.upload_id, "0" * 16), 404),
        (url.replace(sending.upload_id, "..%2F..%2Fx"), 404),
        (url.replace("part_number=1", "part_number=4"), 400),
        (url.replace("part_number=1", "part_number=x"), 400),
        (url.partition("?")[0], 400),
    ):
        assert refusal(ask.client.request("PUT", wrong, content=b"x"))[0] == status


def test_a_file_can_be_had_in_ranges(ask: Asking) -> None:
    """At an address that a plain HTTP client can use."""
    root = f"0/{ask.run()}/artifacts"
    ask.client.request("PUT", f"{PROXY}/artifacts/{root}/a b", content=b"0123456789")
    said = ask.client.request("GET", f"{PROXY}/presigned/{root}/a b").json()
    assert said == {"url": f"http://{HOST}{PROXY}/artifacts/{root}/a%20b", "headers": {}, "file_size": 10}
    part = ask.client.request("GET", said["url"], headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert refusal(ask.client.request("GET", f"{PROXY}/presigned/{root}/none"))[0] == 404
