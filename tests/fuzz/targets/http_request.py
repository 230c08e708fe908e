"""Raw bytes to the desk's HTTP server, in pieces: its parser, middlewares, door, routes, pages, over a real store."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from agi_screen.base.store_audit import Doer
from agi_screen.web.access.tokens import add_token
from agi_screen.web.api import all_routes
from agi_screen.web.route import Role
from tests.fuzz.target import Target, pieces
from tests.fuzz.targets.http_values import BODIES, QUERY
from tests.web.made_desk import MadeDesk, daemon_desk

ROUNDS = 25  # of two milliseconds without news: then what is left waits for bytes that will not come
STATUSES = frozenset(
    {100, 200, 204, 304, 400, 401, 403, 404, 405, 409, 411, 413, 414, 415, 417, 421, 422, 429, 431, 501, 505}
)
VIEWER, ADMIN = b"@VIEWER@", b"@ADMIN@"  # in an input: stands for a token that is good in this run
PAGES = ("/", "/calls", "/api", "/healthz", "/readyz", "/metrics", "/style.css", "/../../etc/passwd", "/api/v1/nothing")
WORDS = (
    *(b"\r\n\r\n", b"\r\n", b"Content-Length: 10", b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"HTTP/1.0"),
    *(b"Authorization: Bearer " + VIEWER, b"Authorization: Bearer " + ADMIN, b"Host: evil.example", b"Host: "),
    *(
        b"Cookie: agi_screen=x",
        b"X-CSRF-Token: x",
        b"Upgrade: websocket",
        b"Connection: close",
        b"GET ",
        b"POST ",
        b"\0",
    ),
    *(b"5\r\nabcde\r\n0\r\n\r\n", b"Content-Encoding: gzip", b"Origin: null", b"If-None-Match: *", b"%2e%2e%2f", b"//"),
)


def _request(method: str, path: str, *headers: str, body: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost:8571", *headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _seeds() -> list[bytes]:
    plain = [_request("GET", path) for path in PAGES]
    token = f"Authorization: Bearer {VIEWER.decode()}"
    asked = [
        _request("GET", f"/api/v1{r.path.replace('{', '').replace('}', '')}?{QUERY}", token)
        for r in all_routes()
        if r.method == "GET" and r.media == "application/json"
    ]
    sent = [_request("POST", f"/api/v1{path}", body=str(body).replace("'", '"')) for path, body in BODIES.items()]
    return [*plain, *asked, *sent, plain[0] + plain[3] + plain[4]]


HEAD = re.compile(rb"HTTP/[0-9]\.[0-9] (\d{3}) [^\r\n]*\r\n(?:[!-~]+: [^\r\n]*\r\n)*\r\n")
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\n(?:Transfer-Encoding: chunked|Content-Type: text/event-stream)", re.IGNORECASE)


class Answered(asyncio.Transport):
    """What a client would have got."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 8571)})
        self.sent = bytearray()
        self.ended = False

    def write(self, data: Any) -> None:
        self.sent += data

    def writelines(self, list_of_data: Any) -> None:
        for data in list_of_data:
            self.sent += data

    def is_closing(self) -> bool:
        return self.ended

    def close(self) -> None:
        self.ended = True

    abort = close

    def pause_reading(self) -> None:
        """What comes is fed by hand."""

    resume_reading = pause_reading


class HttpRequest(Target):
    """No answer is 5xx; each has our headers, or is the parser's own refusal; a refused one closes."""

    name = "http_request"
    what = "raw HTTP to the desk over a real store, in pieces"
    words = WORDS
    line_end = b"\r\n"
    seeds = _seeds()
    modules = ("agi_screen.web",)

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._desk: MadeDesk | None = None
        self._server: Any = None
        self._tokens: dict[bytes, bytes] = {}
        self._open: list[tuple[bytes, Any, Answered]] = []

    async def open(self) -> None:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="agi-screen-fuzz-"))
        desk = self._desk = await self._stack.enter_async_context(daemon_desk(Path(folder)))
        doer = Doer("a fuzzer", "", desk.clock.wall())
        for word, role in ((VIEWER, Role.VIEWER), (ADMIN, Role.ADMIN)):
            secret = await add_token(desk.access.store, doer, str(role), role, 0.0)
            self._tokens[word] = secret.encode()
        desk.access.directory.changed()
        assert desk.server.runner is not None
        self._server = desk.server.runner.server

    async def close(self) -> None:
        await self._stack.aclose()

    def take(self, data: bytes) -> None:
        """Its answer is looked at in `turn`."""
        for word, token in self._tokens.items():
            data = data.replace(word, token)
        handler, transport = self._server(), Answered()
        handler.connection_made(transport)
        for piece in pieces(data):
            if piece and not transport.ended:
                handler.data_received(piece)
        self._open.append((data, handler, transport))

    async def turn(self) -> Sequence[tuple[bytes, Exception]]:
        batch, self._open = self._open, []
        assert self._desk is not None
        self._desk.clock.advance(1.0)
        left, quiet = len(batch), 0
        while left and quiet < ROUNDS:
            await asyncio.sleep(0.002)
            waiting = sum(not _idle(handler, transport) for _, handler, transport in batch)
            quiet = quiet + 1 if waiting == left else 0
            left = waiting
        for _, handler, _ in batch:
            handler.connection_lost(None)
        for _ in range(3):
            await asyncio.sleep(0)
        return [(data, error) for data, _, transport in batch if (error := wrong_with(bytes(transport.sent)))]


def _idle(handler: Any, transport: Answered) -> bool:
    return transport.ended or (handler._current_request is None and not handler._messages)


def wrong_with(sent: bytes) -> Exception | None:
    """Of all that was answered on one connection: every answer is a whole one, and one of ours."""
    at = 0
    while at < len(sent):
        head = HEAD.match(sent, at)
        if head is None or (int(head[1]) not in STATUSES and b'"ready":' not in sent):
            return AssertionError(f"answered {sent[at:][:300]!r}")
        if head[1] == b"100":
            at = head.end()
            continue
        if b"Content-Security-Policy" not in head[0] and head[1] != b"400":  # the parser's own refusal
            return AssertionError(f"without our headers: {head[0][:300]!r}")
        length = LENGTH.search(head[0])
        if length is None:
            return None if CHUNKED.search(head[0]) or head[1] == b"304" else AssertionError(f"no length: {head[0]!r}")
        at = head.end() + int(length[1])
    return None
