"""The gate over accounts and tokens: cookies of people with their CSRF token, bearer tokens of programs."""

from __future__ import annotations

from aiohttp import web

from agi_screen.web.access.access import Access
from agi_screen.web.access.secret import csrf_of, digest, same
from agi_screen.web.office import Office
from agi_screen.web.origin import check_origin, is_secure
from agi_screen.web.route import ApiError, Who

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WITHOUT_CSRF = frozenset({"/api/v1/session", "/api/v1/setup"})  # POST: who logs in has no session yet
COOKIE, SECURE_COOKIE = "agi-screen", "__Host-agi-screen"
BEARER = "Bearer "


class Door:
    """`web.gate.Gate`."""

    def __init__(self, office: Office, access: Access) -> None:
        self._office = office
        self._access = access

    async def who(self, request: web.Request) -> Who | None:
        told = request.headers.get("Authorization", "")
        if told.startswith(BEARER):  # others are a proxy's
            return await self._program(told.removeprefix(BEARER).strip())
        changing = request.method not in SAFE
        if changing:
            check_origin(request, self._office.web)
        secret = session_of(request)
        account = await self._access.session(secret) if secret else None
        if account is None:
            return None
        log_in = request.method == "POST" and request.path in WITHOUT_CSRF
        if changing and not log_in and not same(request.headers.get("X-CSRF-Token", ""), csrf_of(secret)):
            raise ApiError(403, "X-CSRF-Token", "", "send the `csrf` of GET /api/v1/session in this header")
        return Who(account.name, account.role, digest(secret).hex())

    async def _program(self, secret: str) -> Who:
        token = await self._access.token(secret)
        if token is None:
            raise ApiError(401, "Authorization", "", "this token is none, revoked, or over")
        return Who(f"token {token.name}", token.role)


def session_of(request: web.Request) -> str:
    """The session's secret; empty without."""
    return request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE) or ""


def set_session(response: web.Response, request: web.Request, office: Office, secret: str) -> None:
    """The cookie; it ends with the browser, and the session sooner or later."""
    secure = is_secure(request, office.web)
    name = SECURE_COOKIE if secure else COOKIE
    response.set_cookie(name, secret, path="/", httponly=True, samesite="Strict", secure=secure)


def forget_session(response: web.Response, request: web.Request, office: Office) -> None:
    secure = is_secure(request, office.web)
    response.del_cookie(SECURE_COOKIE if secure else COOKIE, path="/", httponly=True, samesite="Strict", secure=secure)
