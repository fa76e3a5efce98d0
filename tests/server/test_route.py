"""What a line of a table becomes."""

from __future__ import annotations

from mlflowflow.server.answers import Empty
from mlflowflow.server.handlers import about
from mlflowflow.server.requests import Nothing
from mlflowflow.server.route import Call, Permission, Stream, View, calls, streams, views


def test_a_line_becomes_a_route_below_the_folder() -> None:
    """With everything that the line says."""
    (call,) = calls("/api", [("POST", "x", Permission.WRITE, Nothing, Empty, about.nothing)])
    (stream,) = streams("", [("GET", "health", Permission.PUBLIC, about.health)])
    assert call == Call(
        verb="POST",
        path="/api/x",
        permission=Permission.WRITE,
        request=Nothing,
        answer=Empty,
        handle=about.nothing,
    )
    assert stream == Stream(verb="GET", path="/health", permission=Permission.PUBLIC, handle=about.health)


def test_a_view_is_read() -> None:
    """It only looks."""
    (view,) = views("/v", [("x", Nothing, Empty, about.nothing, lambda _desk, _asked: "1")])
    assert isinstance(view, View)
    assert (view.verb, view.path, view.permission) == ("GET", "/v/x", Permission.READ)
