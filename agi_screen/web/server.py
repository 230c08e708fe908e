"""The HTTP server: routes from data, security headers on everything, errors that name field, value and mend."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Awaitable, Callable, Iterable
from ssl import SSLContext

from aiohttp import web
from multidict import MultiMapping
from pydantic import BaseModel, ValidationError

from agi_screen.base.errors import AgiScreenError, StoreError
from agi_screen.base.listening import Listening, bound_tcp
from agi_screen.web import refusals
from agi_screen.web.connections import CONNECTIONS, Connections
from agi_screen.web.gate import GATE, Gate
from agi_screen.web.live import add_live
from agi_screen.web.metrics import add_metrics
from agi_screen.web.office import Office
from agi_screen.web.openapi import MAX_PART, with_document
from agi_screen.web.origin import known_hosts
from agi_screen.web.pages import add_pages, read_files
from agi_screen.web.patience import Patience, body_of
from agi_screen.web.probes import add_probes
from agi_screen.web.route import ApiError, Ask, Nothing, Route, Who

log = logging.getLogger("agi_screen.web")

API = "/api/v1"
MAX_BODY = 1_048_576
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
SECRET = frozenset({"body.password", "body.old", "body.token"})  # never said back
HttpHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_app(office: Office, gate: Gate, routes: Iterable[Route]) -> web.Application:
    """The whole desk; `routes` are those of the API. A stream that lasts asks `app[GATE]` again now and then."""
    app = web.Application(middlewares=[_guarded, known_hosts(office)], client_max_size=MAX_BODY)
    by_path: dict[str, list[Route]] = {}
    for route in with_document(routes):
        by_path.setdefault(route.path, []).append(route)
    for path, same in by_path.items():
        for route in same:
            app.router.add_route(route.method, API + path, _handler(office, gate, route))
        app.router.add_route("*", API + path, _refused(same))
    app.on_response_prepare.append(_with_headers)
    app[GATE] = gate
    add_live(app, office)
    add_probes(app, office)
    add_metrics(app, office)
    add_pages(app, read_files())
    for each in app.router.routes():
        each._expect_handler = refusals.expected  # aiohttp takes it at add_route alone: one place instead of eight
    return app


@web.middleware
async def _guarded(request: web.Request, handler: HttpHandler) -> web.StreamResponse:
    """Nothing that goes wrong here reaches a call, and what does is one answer."""
    try:
        _refuse_packed(request)
        response = await handler(request)
    except ApiError as error:
        response = _said(error.status, error.field, error.value, error.mend)
        if error.retry_after:
            response.headers["Retry-After"] = str(error.retry_after)
    except StoreError as error:
        response = _said(503, "store", "", str(error))
    except AgiScreenError as error:
        response = _said(400, "request", "", str(error))
    except web.HTTPException as error:
        response = _said(error.status, "request", request.path[:80], error.reason)
    except web.RequestPayloadError:
        response = _said(400, "body", "", "is broken off, or no body at all")
    except Exception:
        log.exception("a fault in the desk: %s", request.path[:80])
        response = _said(500, "request", request.path[:80], "a fault of agi-screen: its log says more")
    return response


def _refuse_packed(request: web.Request) -> None:
    """aiohttp would unpack it, and a bad one would be a fault of ours. Raises ApiError."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise ApiError(415, "Content-Encoding", encoding[:80], "send the body as it is")


async def _with_headers(_: web.Request, response: web.StreamResponse) -> None:
    """On all that leaves, also where aiohttp itself refuses before any handler of ours (417)."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _said(status: int, field: str, value: str, mend: str) -> web.Response:
    return web.json_response({"error": {"field": field, "value": value, "mend": mend}}, status=status)


def _handler(office: Office, gate: Gate, route: Route) -> HttpHandler:
    async def handle(request: web.Request) -> web.StreamResponse:
        who = await gate.who(request)
        if route.role is not None and who is None:
            raise ApiError(401, "session", "", "log in first, or send `Authorization: Bearer TOKEN`")
        if route.role is not None and who is not None and who.role < route.role:
            raise ApiError(403, "role", str(who.role), f"this needs the role {route.role}")
        path = dict(request.match_info)
        _check_parts(route, path)
        query = _checked(route.query, _once(request.query), "query")
        if route.body_media and request.content_type != route.body_media:
            raise ApiError(415, "Content-Type", request.content_type, f"send {route.body_media}")
        body = _checked(route.body, await _json(request), "body") if route.body is not None else Nothing()
        ask = Ask(office, who or NOBODY, path, query, body, request)
        answer = await _answered(route, ask)
        return _sent(answer)

    return handle


async def _answered(route: Route, ask: Ask) -> BaseModel | web.StreamResponse:
    """What is well formed and cannot be done all the same is 422: the document alone could not tell."""
    try:
        return await route.handler(ask)
    except StoreError:
        raise
    except ApiError as error:
        if error.status == 400:
            error.status = 422
        raise
    except AgiScreenError as error:
        raise ApiError(422, "request", "", str(error)) from error


NOBODY = Who("nobody", 0)  # type: ignore[arg-type]  # of routes that need nobody


def _sent(answer: BaseModel | web.StreamResponse) -> web.StreamResponse:
    if isinstance(answer, web.StreamResponse):
        return answer
    return web.Response(text=answer.model_dump_json(), content_type="application/json")


def _refused(routes: list[Route]) -> HttpHandler:
    """Any other method at a path that is there."""
    allowed = ", ".join(sorted({route.method for route in routes}))

    async def refuse(request: web.Request) -> web.StreamResponse:
        response = _said(405, "method", request.method[:20], f"this path takes {allowed}")
        response.headers["Allow"] = allowed
        return response

    return refuse


def _check_parts(route: Route, path: dict[str, str]) -> None:
    if route.parts is not None:
        _checked(route.parts, path, "path")
        return
    for name, part in path.items():
        if not 1 <= len(part) <= MAX_PART:
            raise ApiError(400, f"path.{name}", part, f"give 1 to {MAX_PART} characters")


def _once(query: MultiMapping[str]) -> dict[str, str]:
    """Each parameter once: of two, nobody would know which was meant."""
    twice = [name for name in query if len(query.getall(name)) > 1]
    if twice:
        raise ApiError(400, f"query.{twice[0][:80]}", "", "give it once")
    return dict(query)


async def _json(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise ApiError(415, "Content-Type", request.content_type, "send application/json")
    return await body_of(request)


def _checked(model: type[BaseModel], given: dict[str, str] | bytes, where: str) -> BaseModel:
    """Of a body each value has the type that the document says; a query and a path are text that is read."""
    try:
        if isinstance(given, bytes):
            return model.model_validate_json(_whole_numbers(given), strict=True)
        return model.model_validate(given)
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        field = ".".join([where, *map(str, item["loc"])])
        whole = item["type"] == "missing" or field in SECRET  # a missing field's input is all the others
        meaning = item["type"] == "value_error"  # which no schema tells
        raise ApiError(
            422 if meaning else 400,
            field,
            "" if whole else repr(item["input"]),
            item["msg"].removeprefix("Value error, "),
        ) from error


def _whole_numbers(body: bytes) -> bytes:
    """JSON knows one kind of number: 3.0 is a whole one."""
    try:
        return json.dumps(json.loads(body, parse_float=_number)).encode()
    except (ValueError, RecursionError):  # what is wrong is said by who checks it
        return body


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number


class WebServer:
    """Starts and stops it. A port that is taken is logged: calls matter more than pages."""

    def __init__(self, app: web.Application, most: int = 200, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self.connections = Connections(most, self._patience)
        self._app = app
        self._app[CONNECTIONS] = self.connections
        self._app.middlewares.insert(0, self._patience.middleware)
        self._runner: web.AppRunner | None = None
        self.socket: socket.socket | None = None

    async def start(self, host: str, port: int, ssl: SSLContext | None = None, given: Listening | None = None) -> int:
        """Returns the port it listens on. Raises OSError."""
        self.socket = await bound_tcp("desk", host, port, given or Listening())
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0, logger=refusals.log)
        await self._runner.setup()
        assert self._runner.server is not None
        self._patience.watch(self._runner.server)
        self.connections.start(self._runner.server, self.socket.dup(), ssl)
        return int(self.socket.getsockname()[1])

    async def stop(self) -> None:
        self._patience.stop()
        self.connections.stop()
        if self.socket is not None:
            self.socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
