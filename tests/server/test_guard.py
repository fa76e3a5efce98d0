"""Who may ask, and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.guard import Access
from mlflowflow.server.route import Call, Permission
from mlflowflow.server.routes import routes
from tests.server.asking import API, HOST, Asking, asking, refusal

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "x" * 32


@pytest.mark.parametrize(
    ("host", "names", "token"),
    [
        ("0.0.0.0", (), None),
        ("0.0.0.0", ("ml.example.org",), None),
        ("0.0.0.0", (), TOKEN),
        ("192.168.0.1", (), None),
        ("::", (), None),
        ("127.0.0.1", (), ""),
        ("127.0.0.1", (), "short"),
        ("0.0.0.0", ("ml.example.org",), "short"),
        ("127.0.0.2", (), None),
    ],
)
def test_unsafe_servers_do_not_start(host: str, names: tuple[str, ...], token: str | None) -> None:
    """An address that others reach needs a token and names; no token can be guessed."""
    with pytest.raises(InvalidInput):
        Access.of(host, 5000, names=names, token=token)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:5001",
        "127.0.0.1.evil.example:5000",
        "localhost.evil.example:5000",
        "evil.example:5000",
        "10.0.0.1:5000",
        "192.168.1.1:5000",
        "0.0.0.0:5000",
        "localhost:5000@evil.example",
        "localhost:5000.",
        "",
        " localhost:5000",
    ],
)
@pytest.mark.parametrize(
    "path", [f"{API}/experiments/search?max_results=1", "/openapi.json", "/nothing/health"]
)
def test_another_host_is_not_answered(ask: Asking, host: str, path: str) -> None:
    """A name that was bound to this machine's address is still another name."""
    answer = ask.client.request("GET", path, headers={"Host": host})
    assert refusal(answer) == (403, "PERMISSION_DENIED")


def test_two_hosts_are_none(ask: Asking) -> None:
    """Whatever stands between might take the other one."""
    answer = ask.client.request("GET", "/openapi.json", headers=[("Host", HOST), ("Host", HOST)])
    assert refusal(answer)[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:5001"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://127.0.0.1:5000.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_of_another_site_changes_nothing(ask: Asking, headers: dict[str, str], verb: str) -> None:
    """With any verb, on any route, served or not."""
    said = {**headers, "Content-Type": "application/json"}
    for path in ("experiments/create", "registered-models/delete", "none"):
        answer = ask.client.request(verb, f"{API}/{path}", content='{"name": "x"}', headers=said)
        assert refusal(answer) == (403, "PERMISSION_DENIED")
    assert ask.desk.tracker.get_experiment_by_name("x") is None


def test_nothing_is_readable_for_other_sites(ask: Asking) -> None:
    """No answer carries a header that would allow it, asked for or not."""
    for verb in ("GET", "OPTIONS"):
        origin = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
        answer = ask.client.request(verb, f"{API}/experiments/search?max_results=1", headers=origin)
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_own_page_may_change_things(ask: Asking) -> None:
    """Its origin is this server."""
    headers = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
    assert ask.post("experiments/create", {"name": "x"}, headers=headers).status_code == 200


def test_every_route_asks_for_the_token_but_those_that_are_public(tmp_path: Path) -> None:
    """A new route is closed unless its line says otherwise; no end of an address opens anything."""
    with asking(tmp_path / "store", token=TOKEN) as ask:
        for route in routes():
            path = route.path.replace("{path:path}", "health").replace("{model_id}", "health")
            path = path.replace("{tag_key:path}", "health").replace("{folder:path}", "health")
            for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
                answer = ask.client.request(route.verb, path, headers=given)
                if route.permission is Permission.PUBLIC:
                    assert answer.status_code == 200
                else:
                    assert refusal(answer) == (401, "UNAUTHENTICATED"), route
        assert refusal(ask.client.request("GET", "/openapi.json"))[0] == 401
        allowed = {"Authorization": f"Bearer {TOKEN}"}
        assert ask.client.request("GET", "/openapi.json", headers=allowed).status_code == 200
        done = ask.post("experiments/create", {"name": "x"}, headers=allowed)
        assert done.status_code == 200
    public = {route.path for route in routes() if route.permission is Permission.PUBLIC}
    assert public == {"/health", "/version"}


def test_what_changes_something_needs_the_right_to(ask: Asking) -> None:
    """GET never changes anything; of the other verbs only searches need no right to write."""
    del ask
    for route in routes():
        if route.verb == "GET":
            assert route.permission is not Permission.WRITE
        elif route.permission is Permission.READ:
            assert isinstance(route, Call)
            assert route.path.endswith(
                ("search", "search-datasets", "get-latest-versions", "download-url", "graphql", "metrics")
            )
