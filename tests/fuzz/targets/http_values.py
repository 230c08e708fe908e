"""What a request of the desk says, by value: path, query and JSON body of every route, Host, Origin, Forwarded."""

from __future__ import annotations

import json
import re
from typing import Any, cast
from urllib.parse import parse_qsl
from zlib import crc32

from aiohttp import web
from multidict import CIMultiDict, MultiDict

from agi_screen.web import origin, server
from agi_screen.web.api import all_routes
from agi_screen.web.route import ApiError, Route
from tests.fuzz.target import Target
from tests.web.made_desk import web_table

_PART = re.compile(r"{([a-z_]+)}")
BODIES = {
    "/session": {"name": "ann", "password": "four words of one sentence"},
    "/accounts": {"name": "ann", "role": "viewer", "password": "four words of one sentence"},
    "/tokens": {"name": "cron", "role": "viewer", "expires": "7d"},
    "/level": {"level": "siege", "for": "2h", "reason": "on TV"},
    "/lists/entries": {"list": "deny", "value": "+14155552671", "reason": "hammers", "expires": "7d"},
}
QUERY = "number=%2B14155552671&since=1.5&limit=10&before=x&list=deny&source=partner&verdict=allow&q=x"
WORDS = (
    *(
        b"%00",
        b"%0d%0a",
        b"%ff",
        b"%u0041",
        b"&",
        b"=",
        b"&limit=",
        b"limit=1e3",
        b"since=nan",
        b"since=-1",
        b"\\ud800",
    ),
    *(b"null", b"true", b"[]", b"{}", b"3.0", b"1e999", b"NaN", b"-0", b'"', b",", b":", b"[" * 3000, b'{"a":' * 900),
)


def _seed(route: Route) -> bytes:
    body = json.dumps(BODIES.get(route.path, {"name": "x", "reason": "x"})) if route.body else ""
    lines = (f"{route.method} {route.path}", QUERY, "f879b7ab0001", "localhost:8571", "http://localhost:8571")
    return "\n".join((*lines, "10.0.0.1, 192.0.2.7", body)).encode()


class HttpValues(Target):
    """All that is wrong is an ApiError that JSON can carry, and never says a secret back."""

    name = "http_values"
    what = "path, query, JSON body, Host, Origin and Forwarded of every route of the API"
    words = WORDS
    between = b"="
    modules = ("agi_screen.web.server", "agi_screen.web.origin")

    def __init__(self) -> None:
        self._routes = list(all_routes())
        self._known = {f"{route.method} {route.path}": route for route in self._routes}
        self._tables = (web_table(), web_table(behind_proxy=True, hosts=["desk.example.org"]))

    @property
    def seeds(self) -> tuple[bytes, ...]:
        return tuple(map(_seed, self._routes))

    def take(self, data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        lines = [*text.split("\n", 6), *[""] * 6][:7]
        route = self._known.get(lines[0]) or self._routes[crc32(data) % len(self._routes)]
        for step in (self._path, self._query, self._body):
            try:
                step(route, lines)
            except ApiError as error:
                said = server._said(error.status, error.field, error.value, error.mend)
                assert 400 <= error.status < 500
                assert isinstance(said.body, bytes)
        self._headers(lines)

    def _path(self, route: Route, lines: list[str]) -> None:
        parts = dict.fromkeys(_PART.findall(route.path), lines[2])
        server._check_parts(route, parts)

    def _query(self, route: Route, lines: list[str]) -> None:
        given = MultiDict(parse_qsl(lines[1], keep_blank_values=True, errors="surrogateescape"))
        server._checked(route.query, server._once(given), "query")

    def _body(self, route: Route, lines: list[str]) -> None:
        if route.body is not None:
            server._checked(route.body, lines[6].encode("utf-8", "surrogateescape"), "body")

    def _headers(self, lines: list[str]) -> None:
        given = CIMultiDict({"Host": lines[3], "Origin": lines[4], "X-Forwarded-For": lines[5]})
        for table in self._tables:
            request: Any = Said(given)
            assert len(origin.address_of(request, table)) <= 60
            origin.is_secure(request, table)
            try:
                origin.check_origin(cast("web.Request", request), table)
            except ApiError as error:
                assert error.status == 403
        origin._is_ip(origin._host(lines[3]))


class Said:
    """As much of a request as is asked for where it comes from."""

    remote = "192.0.2.1"

    def __init__(self, headers: CIMultiDict[str]) -> None:
        self.headers = headers
