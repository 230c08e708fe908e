"""The OpenAPI document, made of the routes alone: what it says is what the server checks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from agi_screen.web.route import Nothing, Route

REFS = "#/components/schemas/{model}"
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["field", "value", "mend"],
            "properties": {name: {"type": "string"} for name in ("field", "value", "mend")},
        }
    },
}
PART = re.compile(r"\{(\w+)\}")
MEANINGS = {
    400: "a field is wrong: which, its value, the mend",
    401: "nobody is logged in",
    403: "the role is too low, or the CSRF token is missing",
    404: "there is no such thing",
    409: "something else was changed meanwhile",
    415: "the body is no JSON",
    421: "the Host is no name of this desk",
    429: "too often: try again later",
    503: "the database cannot be reached",
}


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """All of it."""
    schemas: dict[str, Any] = {"Error": ERROR}
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "agi-screen", "version": version},
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "summary": route.summary,
        "operationId": f"{route.method.lower()}{re.sub(r'[^a-z0-9]+', '_', route.path)}",
        "tags": [route.tag or route.path.split("/")[1]],
        "parameters": _parameters(route, schemas),
        "responses": _responses(route, schemas),
    }
    if route.body is not None:
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(route.body, schemas)}}}
    if route.body_media:
        said["requestBody"] = {"required": True, "content": {route.body_media: {"schema": {"type": "string"}}}}
    if route.role is not None:
        said["security"] = [{"token": []}]
    return said


def _parameters(route: Route, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 80}}
        for name in PART.findall(route.path)
    ]
    if route.query is not Nothing:
        schema = route.query.model_json_schema(ref_template=REFS)
        schemas.update(schema.pop("$defs", {}))
        required = schema.get("required", ())
        for name, part in schema["properties"].items():
            found.append({"name": name, "in": "query", "required": name in required, "schema": part})
    return found


def _responses(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    statuses = {400, 503, *route.errors} | ({401, 403} if route.role is not None else set())
    statuses |= {415} if route.body is not None or route.body_media else set()
    wrong = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    said: dict[str, Any] = {
        str(status): {"description": MEANINGS.get(status, "an error"), "content": wrong} for status in sorted(statuses)
    }
    content = {"schema": _ref(route.answer, schemas)} if route.media == "application/json" else {}
    said["200"] = {"description": route.summary, "content": {route.media: content}}
    return said


def _ref(model: type[BaseModel], schemas: dict[str, Any]) -> dict[str, str]:
    schema = model.model_json_schema(ref_template=REFS)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema
    return {"$ref": f"#/components/schemas/{model.__name__}"}
