"""The answers of the JSON API as TypeScript, for the pages: generated, so that both sides say the same.

``python -m mlflowflow.server.typescript`` prints them; the file in the sources of the pages is
compared with that by a test.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.server.openapi import document
from mlflowflow.server.routes import routes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The part of the API that the pages use.
PREFIX: Final = "/api/mlff/"
_REF: Final = "#/components/schemas/"
_PLAIN: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def typescript(openapi: Mapping[str, Any]) -> str:
    """Return the types of all answers below `PREFIX` of an OpenAPI document, by name.

    >>> ok = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Size"}}}}}
    >>> size = {"type": "object", "properties": {"bytes": {"type": "integer"}}, "required": ["bytes"]}
    >>> print(typescript({"paths": {"/api/mlff/1/size": {"get": {"responses": ok}}},
    ...                   "components": {"schemas": {"Size": size}}}).partition("export")[2].strip())
    interface Size {
      readonly bytes: number;
    }
    """
    schemas: Mapping[str, Any] = openapi["components"]["schemas"]
    wanted = sorted(_reachable(openapi["paths"], schemas))
    head = "// Generated from the server's own types by `make ui-types`; do not edit.\n\n"
    return head + "\n".join(_declared(name, schemas[name]) for name in wanted)


def _reachable(paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    answers = [
        each["responses"] for path in paths if path.startswith(PREFIX) for each in paths[path].values()
    ]
    waiting = list(_named(answers))
    while waiting:
        name = waiting.pop()
        if name not in found and name != "ErrorJson":
            found.add(name)
            waiting += _named(schemas[name])
    return found


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_REF)
        for each in value.values():
            yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)


def _declared(name: str, schema: Mapping[str, Any]) -> str:
    comment = _comment(schema, indent="")
    if "properties" not in schema:
        return f"{comment}export type {name} = {_type(schema)};\n"
    required = set(schema.get("required", ()))
    fields = "".join(
        f"{_comment(each, indent='  ')}  readonly {field}{'' if field in required else '?'}: {_type(each)};\n"
        for field, each in schema["properties"].items()
    )
    return f"{comment}export interface {name} {{\n{fields}}}\n"


def _comment(schema: Mapping[str, Any], *, indent: str) -> str:
    said = schema.get("description", "")
    return f"{indent}/** {' '.join(said.split())} */\n" if said else ""


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    return _collection(schema) or _PLAIN.get(schema.get("type", ""), "unknown")


def _collection(schema: Mapping[str, Any]) -> str | None:
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"readonly [{', '.join(_type(each) for each in schema['prefixItems'])}]"
        case "array":
            item = _type(schema.get("items", {}))
            is_compound = " | " in item or item.startswith("readonly ")
            return f"readonly ({item})[]" if is_compound else f"readonly {item}[]"
        case "object":
            inner = schema.get("additionalProperties")
            return f"Readonly<Record<string, {_type(inner) if isinstance(inner, dict) else 'unknown'}>>"
        case _:
            return None


if __name__ == "__main__":
    print(typescript(document(routes())), end="")  # noqa: T201 - a program that prints
