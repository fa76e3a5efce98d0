"""The table of routes."""

from __future__ import annotations

from collections import Counter
from typing import Final

from mlflowflow.server.routes import Permission, routes

#: MLflow's classic routes that this server does not have, and why.
MISSING: Final = {
    ("GET", "webhooks/{id}"): "there are no webhooks",
    ("PATCH", "webhooks/{id}"): "there are no webhooks",
    ("DELETE", "webhooks/{id}"): "there are no webhooks",
    ("POST", "webhooks/{id}/test"): "there are no webhooks",
}


def test_every_route_is_served_under_both_names() -> None:
    """What is guarded under one name cannot be open under the other; what MLflow does not have needs one."""
    table = [route for route in routes() if not route.path.startswith("/api/mlff/")]
    api = {route.path: route.permission for route in table if route.path.startswith("/api/")}
    ajax = {route.path: route.permission for route in table if route.path.startswith("/ajax-api/")}
    assert {f"/ajax{path}".replace("/ajax/api", "/ajax-api"): each for path, each in api.items()} == ajax


def test_no_route_is_there_twice() -> None:
    """The second would never be asked."""
    counts = Counter((route.verb, route.path) for route in routes())
    assert [each for each, count in counts.items() if count > 1] == []


def test_the_classic_routes_are_there() -> None:
    """So many pairs of verb and path as MLflow documents, less what is declared missing."""
    classic = [route for route in routes() if route.path.startswith("/api/2.0/mlflow")]
    assert len(classic) >= 73 - len(MISSING)


def test_the_api_is_for_those_who_may() -> None:
    """The seam for roles; what is open to everybody holds nothing of the store."""
    assert {route.permission for route in routes()} == set(Permission) - {Permission.OPEN}
