"""The tables of routes."""

from __future__ import annotations

from collections import Counter

from mlflowflow.server.route import Permission
from mlflowflow.server.routes import routes


def test_no_route_is_there_twice() -> None:
    """The second would never be asked."""
    counts = Counter((route.verb, route.path) for route in routes())
    assert [each for each, count in counts.items() if count > 1] == []


def test_the_api_is_for_those_who_may() -> None:
    """The seam for roles; what is open to everybody holds nothing of the store."""
    assert {route.permission for route in routes()} == set(Permission) - {Permission.OPEN}
