"""The table of routes as an OpenAPI document, so that it cannot say anything else than what is served."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from mlflowflow import __version__
from mlflowflow.server.answers import ErrorJson
from mlflowflow.server.route import Call, Permission

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlflowflow.server.message import Message
    from mlflowflow.server.route import Route

_REF: Final = "#/components/schemas/{model}"
_PARAMETER: Final = re.compile(r"\{(\w+)(:path)?\}")
_JSON: Final = "application/json"


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the document."""
    table = tuple(routes)
    schemas, components = _schemas(table)
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        path = _PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.verb.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "mlflowflow", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(table: Iterable[Route]) -> tuple[Mapping[Any, Any], dict[str, Any]]:
    kinds: dict[Any, None] = {ErrorJson: None}
    for route in table:
        if isinstance(route, Call):
            kinds |= {route.request: None, route.answer: None}
    adapters: list[Any] = [(kind, "validation", TypeAdapter(kind)) for kind in kinds]
    schemas, definitions = TypeAdapter.json_schemas(adapters, by_alias=False, ref_template=_REF)
    return {kind: schema for (kind, _), schema in schemas.items()}, definitions.get("$defs", {})


def _operation(route: Route, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    in_path = [name for name, _ in _PARAMETER.findall(route.path)]
    answer = {"description": "Done."}
    if isinstance(route, Call):
        answer["content"] = {_JSON: {"schema": schemas[route.answer]}}  # type: ignore[assignment]
    error = {"description": "It could not be done.", "content": {_JSON: {"schema": schemas[ErrorJson]}}}
    shown: dict[str, Any] = {
        "summary": (route.handle.__doc__ or "").partition("\n")[0],
        "security": [] if route.permission in {Permission.PUBLIC, Permission.OPEN} else [{"token": []}],
        "x-permission": route.permission.value,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path
        ],
        "responses": {"200": answer, "default": error},
    }
    if isinstance(route, Call) and route.verb == "GET":
        shown["parameters"] += _query(route.request, leave_out=in_path)
    elif isinstance(route, Call):
        shown["requestBody"] = {"content": {_JSON: {"schema": schemas[route.request]}}}
    return shown


def _query(request: type[Message], *, leave_out: Iterable[str]) -> list[dict[str, Any]]:
    schema = request.model_json_schema(by_alias=False, ref_template=_REF)
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": field}
        for name, field in schema["properties"].items()
        if name not in leave_out
    ]
