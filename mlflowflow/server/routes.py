"""Every route of the API: nothing is served that is not in one of these tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.server.mlflow_routes import mlflow_routes
from mlflowflow.server.page_routes import page_routes

if TYPE_CHECKING:
    from mlflowflow.server.route import Route


def routes() -> tuple[Route, ...]:
    """Return every route, each under its own path; earlier ones come before those that would match too."""
    return (*mlflow_routes(), *page_routes())
