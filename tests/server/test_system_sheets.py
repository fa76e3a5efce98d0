"""The page of the system is answered in a shape of its own."""

from __future__ import annotations

from pydantic import TypeAdapter

from mlflowflow.server import system_sheets
from mlflowflow.server.route import View
from mlflowflow.server.routes import routes


def test_the_answer_of_the_route_has_a_schema() -> None:
    """From which the types of the pages are made."""
    (view,) = [each for each in routes() if isinstance(each, View) and each.path.endswith("/1/system")]
    assert view.answer.__module__ == system_sheets.__name__
    assert TypeAdapter(view.answer).json_schema()["properties"]
