"""The OpenAPI document, made of the routes alone: what it says is what the server checks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from agi_screen import __version__
from agi_screen.web.route import Ask, Model, Nothing, Route

ABOUT = "Everything that the pages of the operations desk can do. An error says the field, its value, and the mend."
MAX_PART = 80  # characters of a part of a path
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
ANY_PART = {"type": "string", "minLength": 1, "maxLength": MAX_PART}
PART = re.compile(r"\{(\w+)\}")
MEANINGS = {
    400: "a field is wrong: which, its value, the mend",
    401: "nobody is logged in, or the token is none",
    403: "the role is too low, or the CSRF token is missing",
    404: "there is no such thing",
    405: "this path takes other methods",
    409: "something else was changed meanwhile",
    415: "the body is no JSON",
    422: "well formed, and cannot be done all the same: which field, its value, the mend",
    421: "the Host is no name of this desk",
    408: "the body did not come whole in time",
    429: "too often: try again later",
    503: "the database cannot be reached",
}


class Document(Model):
    """OpenAPI 3.1."""

    openapi: str
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any]


def with_document(routes: Iterable[Route]) -> tuple[Route, ...]:
    """The routes, and the one that describes them all, itself too."""
    found: list[bytes] = []

    async def described(_: Ask) -> web.StreamResponse:
        return web.Response(body=found[0], content_type="application/json")

    own = Route("GET", "/openapi.json", "This document", None, described, Document, tag="document")
    every = (*routes, own)
    found.append(json.dumps(document(every, __version__)).encode())
    return every


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """All of it."""
    schemas: dict[str, Any] = {"Error": ERROR}
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "agi-screen", "version": version, "description": ABOUT},
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
        said["requestBody"] = {"required": True, "content": {route.body_media: {}}}
    if route.role is not None:
        said["security"] = [{"token": []}]
        said["description"] = f"Needs the role {route.role}, or one above it."
    return said


def _parameters(route: Route, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    known = _properties(route.parts, schemas) if route.parts is not None else {}
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": known.get(name, ANY_PART)}
        for name in PART.findall(route.path)
    ]
    if route.query is not Nothing:
        schema = route.query.model_json_schema(ref_template=REFS)
        schemas.update(schema.pop("$defs", {}))
        required = schema.get("required", ())
        for name, part in schema["properties"].items():
            found.append({"name": name, "in": "query", "required": name in required, "schema": part})
    return found


def _properties(model: type[BaseModel], schemas: dict[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=REFS)
    schemas.update(schema.pop("$defs", {}))
    found: dict[str, Any] = schema["properties"]
    return found


def _responses(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    statuses = {400, 401, 405, 421, 422, 503, *route.errors} | ({403} if route.role is not None else set())
    statuses |= {408, 415} if route.body is not None or route.body_media else set()
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
