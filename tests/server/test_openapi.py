"""The document says what is served."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mlflowflow.server.openapi import document
from mlflowflow.server.routes import routes

if TYPE_CHECKING:
    from tests.server.asking import Asking


def test_every_route_is_in_the_document_and_every_reference_leads_somewhere(ask: Asking) -> None:
    """It is served as JSON, and is generated from the table."""
    served = ask.client.request("GET", "/openapi.json").json()
    assert served == json.loads(json.dumps(document(routes())))
    operations = {(verb.upper(), path) for path, verbs in served["paths"].items() for verb in verbs}
    assert operations == {(route.verb, re.sub(r"\{(\w+):path\}", r"{\1}", route.path)) for route in routes()}
    text = json.dumps(served)
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert names <= set(served["components"]["schemas"])
    assert "$defs" not in text


def test_fields_have_mlflows_names_and_say_whether_they_are_needed() -> None:
    """Queries too."""
    paths: dict[str, Any] = document(routes())["paths"]
    parameters = paths["/api/2.0/mlflow/metrics/get-history"]["get"]["parameters"]
    assert {each["name"]: each["required"] for each in parameters} == {
        "run_id": False,
        "run_uuid": False,
        "metric_key": True,
        "max_results": False,
        "page_token": False,
    }
    assert paths["/health"]["get"]["security"] == []
    assert paths["/api/2.0/mlflow/runs/create"]["post"]["x-permission"] == "write"
