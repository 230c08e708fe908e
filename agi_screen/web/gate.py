"""Who is asking: the door of the desk. `access/` knows accounts, sessions and tokens."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from agi_screen.web.route import Who


class Gate(Protocol):
    """Tells who a request is from. Raises ApiError: 401 for a bad token, 403 for a changing request without its
    CSRF token."""

    async def who(self, request: web.Request) -> Who | None: ...


GATE = web.AppKey("gate", Gate)
