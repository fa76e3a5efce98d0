"""Routes of the application: which requests they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.responses import Response
from starlette.routing import Match

from mlflowflow.server.endpoint import Endpoint

if TYPE_CHECKING:
    from fastapi import Request


async def answer(_: Request) -> Response:
    """Answer nothing."""
    return Response()


def scope(verb: str, path: str, root_path: str = "") -> dict[str, object]:
    """Return what a server says of a request."""
    return {"type": "http", "method": verb, "path": path, "root_path": root_path}


@pytest.mark.parametrize(
    ("path", "asked", "match", "parts"),
    [
        ("/runs/get", "/runs/get", Match.FULL, {}),
        ("/runs/get", "/runs/get/", Match.NONE, None),
        ("/runs/get", "/runs/get-history", Match.NONE, None),
        ("/runs/get", "/old/runs/get", Match.NONE, None),
        ("/runs/{run_id}/table", "/runs/r1/table", Match.FULL, {"run_id": "r1"}),
        ("/runs/{run_id}/table", "/runs/r1", Match.NONE, None),
        ("/files/{path:path}", "/files/a/b", Match.FULL, {"path": "a/b"}),
        ("/files/{path:path}", "/file", Match.NONE, None),
        ("/", "/", Match.FULL, {}),
        ("/", "/runs", Match.NONE, None),
    ],
)
def test_a_path_is_matched_whole(path: str, asked: str, match: Match, parts: dict[str, str] | None) -> None:
    """The look at its first letters only saves work."""
    found, said = Endpoint("GET", path, answer).matches(scope("GET", asked))
    assert found is match
    assert said.get("path_params") == parts


def test_only_the_declared_verb_is_answered() -> None:
    """A HEAD has no permission of its own, so a route of GET must not take it."""
    endpoint = Endpoint("GET", "/runs/get", answer)
    assert endpoint.methods == {"GET"}
    assert endpoint.matches(scope("HEAD", "/runs/get"))[0] is Match.PARTIAL


def test_a_prefix_in_front_of_the_application_is_no_part_of_the_path() -> None:
    """A server that runs it below another one's path says so."""
    endpoint = Endpoint("GET", "/runs/get", answer)
    assert endpoint.matches(scope("GET", "/ml/runs/get", root_path="/ml"))[0] is Match.FULL
