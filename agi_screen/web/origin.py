"""Where a request comes from: its address, its scheme, and whether a foreign page sent it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from agi_screen.base.config import WebTable
from agi_screen.base.units import Address
from agi_screen.web.office import Office
from agi_screen.web.probes import PROBES
from agi_screen.web.route import ApiError

OURS = frozenset({"same-origin", "none"})  # none: typed by a person, or a bookmark
Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


def address_of(request: web.Request, table: WebTable) -> str:
    """Of who asks; behind a proxy what the proxy, and nobody before it, has put there."""
    told = request.headers.get("X-Forwarded-For", "") if table.behind_proxy else ""
    return told.rpartition(",")[2].strip()[:60] or request.remote or "unknown"


def is_secure(request: web.Request, table: WebTable) -> bool:
    """Whether the browser speaks TLS; a proxy that says nothing of it does."""
    told = request.headers.get("X-Forwarded-Proto", "https") if table.behind_proxy else ""
    return table.tls or told.rpartition(",")[2].strip().lower() == "https"


def check_origin(request: web.Request, table: WebTable) -> None:
    """Raises ApiError 403 for a request that a page of another site made. Programs send neither header."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        foreign = site not in OURS
    elif origin is not None:
        foreign = not _is_own(origin, request, table)
    else:
        foreign = False
    if foreign:
        raise ApiError(403, "Origin", origin or "", "a page of another site sent this")


def known_hosts(office: Office) -> Middleware:
    """Answers only to our own names: a foreign name that is pointed at this address (DNS rebinding) gets nothing."""
    names = {"localhost", socket.gethostname().lower(), office.web.listen.host.lower()}
    names |= {name.lower() for name in office.web.hosts}

    @web.middleware
    async def checked(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path in PROBES:
            return await _answered(handler, request)
        name = _host(request.headers.get("Host", ""))
        if name not in names and not _is_ip(name):
            raise ApiError(421, "Host", name, "is no name of this desk: put it into [web] hosts")
        return await _answered(handler, request)

    return checked


async def _answered(handler: Any, request: web.Request) -> web.StreamResponse:
    response: web.StreamResponse = await handler(request)
    return response


def desk_url(web: WebTable, port: int) -> str:
    """Where people open it: behind a proxy, or with names of its own, by the first of them."""
    secure = web.tls or (web.behind_proxy and bool(web.hosts))
    scheme = "https" if secure else "http"
    if web.hosts:
        return f"{scheme}://{web.hosts[0]}" + ("" if web.behind_proxy else f":{port}")
    host = web.listen.host
    return f"{scheme}://{Address(socket.gethostname() if host in ('0.0.0.0', '::') else host, port)}"  # noqa: S104


def _is_own(origin: str, request: web.Request, table: WebTable) -> bool:
    try:
        parts = urlsplit(origin.lower())
        host = parts.hostname or ""
    except ValueError:
        return False
    if table.behind_proxy:  # which may have put another Host
        return host == _host(request.headers.get("Host", "")) or host in {name.lower() for name in table.hosts}
    scheme = "https" if table.tls else "http"
    return parts.scheme == scheme and parts.netloc == request.headers.get("Host", "").lower()


def _host(header: str) -> str:
    """`Example.org:8571` → `example.org`, `[::1]:8571` → `::1`."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
