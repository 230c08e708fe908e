"""The pages: static files, read once at the start. They hold no data, so anybody may load them."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from aiohttp import web

START, MISSING = "live.html", "404.html"
PLAIN_MISSING = b"<!doctype html><title>Not found</title><p>There is no such page. <a href='/'>Back</a></p>"
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2", ".map": "application/json"}
PACKED = ("text/", "application/json", "image/svg+xml")
ASK_AGAIN = "no-cache"  # the browser asks whether it changed, and is mostly told 304
FOR_EVER = "public, max-age=31536000, immutable"
BELOW = {"calls/": "call"}  # the page of whatever stands below such a path: it asks the API itself
VERSIONED = "vendor/"  # folders whose names hold a version


@dataclass(frozen=True, slots=True)
class File:
    """One file as it goes out; `packed` is empty where gzip gains nothing."""

    body: bytes
    packed: bytes
    media: str
    etag: str
    caching: str


def read_files() -> dict[str, File]:
    """All files of `static/` by their path in a URL; a page also without its `.html`."""
    root = resources.files(__package__) / "static"
    found = {name: _file(name, entry.read_bytes()) for name, entry in _walk(root, "")} if root.is_dir() else {}
    pages = {name.removesuffix(".html"): file for name, file in found.items() if name.endswith(".html")}
    start = {"": found[START]} if START in found else {}
    return {**found, **pages, **start}


def add_pages(app: web.Application, files: dict[str, File]) -> None:
    """After all other routes: it answers whatever they do not."""

    async def page(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name.startswith("api/"):
            raise web.HTTPNotFound
        file = files.get(name) or files.get(
            next((page for below, page in BELOW.items() if name.startswith(below)), name)
        )
        return _missing(files) if file is None else _sent(request, file)

    app.router.add_get("/{name:.*}", page)


def _walk(folder: Traversable, above: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        name = above + entry.name
        found += _walk(entry, f"{name}/") if entry.is_dir() else [(name, entry)]
    return found


def _file(name: str, body: bytes) -> File:
    suffix = name[name.rfind(".") :]
    media = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 9, mtime=0) if media.startswith(PACKED) else b""
    caching = FOR_EVER if name.startswith(VERSIONED) else ASK_AGAIN
    return File(body, packed if len(packed) < len(body) else b"", media, hashlib.sha256(body).hexdigest()[:32], caching)


def _sent(request: web.Request, file: File) -> web.Response:
    headers = {"Cache-Control": file.caching, "ETag": f'"{file.etag}"', "Vary": "Accept-Encoding"}
    asked = request.if_none_match or ()
    if any(tag.value in (file.etag, "*") for tag in asked):
        return web.Response(status=304, headers=headers)
    body = file.body
    if file.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = file.packed, "gzip"
    charset = "utf-8" if file.media.startswith("text/") else None
    return web.Response(body=body, headers=headers, content_type=file.media, charset=charset)


def _missing(files: dict[str, File]) -> web.Response:
    file = files.get(MISSING)
    body = PLAIN_MISSING if file is None else file.body
    return web.Response(status=404, body=body, content_type="text/html", charset="utf-8")
