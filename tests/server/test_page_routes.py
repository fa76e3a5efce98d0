"""The table of the routes that our own pages use."""

from __future__ import annotations

from mlflowflow.server.page_routes import page_routes
from mlflowflow.server.route import Permission, View


def test_all_are_below_one_folder_and_only_views_are_tagged() -> None:
    """A page that asks for a version of the answers cannot meet those of MLflow."""
    table = page_routes()
    assert {route.path[: len("/api/mlff/1/")] for route in table} == {"/api/mlff/1/"}
    writing = [route for route in table if route.permission is Permission.WRITE]
    assert writing
    assert not [route for route in writing if isinstance(route, View)]
