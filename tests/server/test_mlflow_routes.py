"""The table of MLflow's routes."""

from __future__ import annotations

from typing import Final

from mlflowflow.server.mlflow_routes import mlflow_routes

#: MLflow's classic routes that this server does not have, and why.
MISSING: Final = {
    ("GET", "webhooks/{id}"): "there are no webhooks",
    ("PATCH", "webhooks/{id}"): "there are no webhooks",
    ("DELETE", "webhooks/{id}"): "there are no webhooks",
    ("POST", "webhooks/{id}/test"): "there are no webhooks",
}


def test_every_route_is_served_under_both_names() -> None:
    """What is guarded under one name cannot be open under the other."""
    table = mlflow_routes()
    api = {route.path: route.permission for route in table if route.path.startswith("/api/")}
    ajax = {route.path: route.permission for route in table if route.path.startswith("/ajax-api/")}
    assert {path.replace("/api/", "/ajax-api/", 1): each for path, each in api.items()} == ajax


def test_the_classic_routes_are_there() -> None:
    """So many pairs of verb and path as MLflow documents, less what is declared missing."""
    classic = [route for route in mlflow_routes() if route.path.startswith("/api/2.0/mlflow")]
    assert len(classic) >= 73 - len(MISSING)
