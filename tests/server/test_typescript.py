"""Types for the pages follow from the types of the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlflowflow.server.openapi import document
from mlflowflow.server.routes import routes
from mlflowflow.server.typescript import typescript

ROOT = Path(__file__).parents[2]


def _types(schemas: dict[str, Any], *, path: str = "/api/mlff/1/thing", name: str = "Thing") -> str:
    schema = {"$ref": f"#/components/schemas/{name}"}
    responses = {"200": {"content": {"application/json": {"schema": schema}}}}
    openapi = {"paths": {path: {"get": {"responses": responses}}}, "components": {"schemas": schemas}}
    return typescript(openapi)


def test_every_kind_of_field() -> None:
    """Optional ones, lists, tables by name, unions, and words."""
    thing = {
        "type": "object",
        "description": "A\n  thing.",
        "required": ["one"],
        "properties": {
            "one": {"type": "integer", "description": "How many."},
            "list": {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "null"}]}},
            "by_name": {"type": "object", "additionalProperties": {"type": "string"}},
            "word": {"enum": ["a", "b"]},
            "only": {"const": "NaN"},
            "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "number"}]},
            "other": {"$ref": "#/components/schemas/Other"},
            "any": {},
        },
    }
    written = _types({"Thing": thing, "Other": {"type": "string"}, "Unused": {"type": "string"}})
    assert "export interface Thing {" in written
    assert "/** A thing. */" in written
    assert "  /** How many. */\n  readonly one: number;" in written
    assert "  readonly list?: readonly (number | null)[];" in written
    assert "  readonly by_name?: Readonly<Record<string, string>>;" in written
    assert '  readonly word?: "a" | "b";' in written
    assert '  readonly only?: "NaN";' in written
    assert "  readonly pair?: readonly [number, number];" in written
    assert "  readonly other?: Other;" in written
    assert "  readonly any?: unknown;" in written
    assert "export type Other = string;" in written
    assert "Unused" not in written


def test_only_the_api_of_the_pages_counts() -> None:
    """MLflow's own is not theirs."""
    assert "Thing" not in _types({"Thing": {"type": "string"}}, path="/api/2.0/mlflow/thing")


def test_the_pages_have_the_types_of_today() -> None:
    """If this fails, run `make ui-types`."""
    assert (ROOT / "mlflowflow/ui/src/core/types.ts").read_text() == typescript(document(routes()))
