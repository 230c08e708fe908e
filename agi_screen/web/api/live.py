"""The live picture: once, and as a stream."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from pydantic import Field

from agi_screen.base.errors import StoreError
from agi_screen.base.live import parse_seen
from agi_screen.web.gate import GATE
from agi_screen.web.live import HUB, Viewer, mask_parts
from agi_screen.web.route import ApiError, Ask, Model, Nothing, Role, Route

CHECK_SECONDS = 60.0  # after so long a stream asks again whether its viewer is still logged in
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Type": "text/event-stream"}
BYE = b'event: bye\ndata: {"why":"session"}\n\n'
RETRY = b"retry: 2000\n\n"


class LiveQuery(Model):
    """`after`: the id of the last event seen, where the header Last-Event-ID cannot be sent."""

    after: str = Field("", max_length=80)


class Board(Model):
    """All of it, as the first event of the stream has it."""

    board: dict[str, Any]
    seen: str


async def board(ask: Ask) -> Board:
    parts, seen = ask.office.look(parse_seen(ask.query.after))
    return Board(board=mask_parts(parts) if _masks(ask) else parts, seen=str(seen))


async def live(ask: Ask) -> web.StreamResponse:
    """Never ends by itself while the viewer is logged in and keeps up."""
    request, hub = ask.request, ask.request.app[HUB]
    seen = parse_seen(request.headers.get("Last-Event-ID") or ask.query.after)
    viewer = hub.join(seen, masks=_masks(ask))
    response = web.StreamResponse(headers=STREAM_HEADERS)
    try:
        await response.prepare(request)
        await response.write(RETRY)
        await _send(ask, viewer, response)
    except (ConnectionError, TimeoutError):  # the viewer went away, or nothing more comes
        pass
    finally:
        hub.leave(viewer)
    return response


async def _send(ask: Ask, viewer: Viewer, response: web.StreamResponse) -> None:
    transport = ask.request.transport
    if transport is not None:
        viewer.let_go = transport.abort  # wakes a write that waits for a viewer who does not read
    clock = ask.office.clock
    check_at = clock.ticks() / 1e9 + CHECK_SECONDS
    while True:
        async with asyncio.timeout(CHECK_SECONDS):
            event = await viewer.events.get()
        if not viewer.open_:
            return
        if clock.ticks() / 1e9 >= check_at:
            if not await _still(ask):
                await response.write(BYE)
                return
            check_at = clock.ticks() / 1e9 + CHECK_SECONDS
        await response.write(event)


async def _still(ask: Ask) -> bool:
    """Whether this viewer may go on; one whose role changed comes anew, and sees what the new role may."""
    try:
        who = await ask.request.app[GATE].who(ask.request)
    except StoreError:  # a broken disk ends no stream: asked again a minute later
        return True
    except ApiError:
        return False
    return who is not None and (who.name, who.role) == (ask.who.name, ask.who.role)


def _masks(ask: Ask) -> bool:
    return ask.office.web.mask_numbers and ask.who.role < Role.ADMIN


ROUTES = (
    Route("GET", "/board", "The live picture, once", Role.VIEWER, board, Board, LiveQuery, tag="live"),
    Route(
        *(
            "GET",
            "/live",
            "The live picture as server-sent events, one a second",
            Role.VIEWER,
            live,
            Nothing,
            LiveQuery,
        ),
        errors=(503,),
        tag="live",
        media="text/event-stream",
    ),
)
