"""The live stream: whole, step by step, resumed, masked; slow viewers go, ended sessions end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from agi_screen.base.clock import ManualClock
from agi_screen.base.live import Seen, parse_seen
from agi_screen.base.masking import masked, masked_text
from agi_screen.trail.board.board import Board, Mark
from agi_screen.web.api import live
from agi_screen.web.live import HUB, MOST_VIEWERS, MOST_WAITING, LiveHub
from agi_screen.web.route import ApiError, Role, Who
from agi_screen.web.server import build_app
from tests.made import NOON, a_call
from tests.web.made_desk import MadeDesk, web_table

CALLER = "+14155550100"


class FakeOffice:
    """A board, and a level that stays."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.board = Board(self.clock)
        self.web = web_table()
        self.run = "ab12"

    def look(self, seen: Seen) -> tuple[dict[str, Any], Seen]:
        parts, mark = self.board.parts(Mark(*seen[1:]) if seen.run == self.run else Mark())
        return {**parts, "level": {"level": "normal"}, "at": self.clock.wall()}, Seen(self.run, *mark)


class FakeGate:
    def __init__(self) -> None:
        self.known: Who | None = Who("anna", Role.VIEWER)

    async def who(self, _: web.Request) -> Who | None:
        return self.known


@pytest.fixture
def office() -> FakeOffice:
    return FakeOffice()


@pytest.fixture
def gate() -> FakeGate:
    return FakeGate()


@pytest.fixture
async def client(office: FakeOffice, gate: FakeGate) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = build_app(office, gate, live.ROUTES)  # type: ignore[arg-type]
    async with TestClient(TestServer(app)) as made:
        yield made


async def event(stream: ClientResponse) -> tuple[str, str, dict[str, Any]]:
    """The next one: kind, id, data."""
    text = (await stream.content.readuntil(b"\n\n")).decode()
    fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
    if "event" not in fields:
        return await event(stream)
    return fields["event"], fields.get("id", ""), json.loads(fields["data"])


def hub_of(client: TestClient[web.Request, web.Application]) -> LiveHub:
    assert client.app is not None
    return client.app[HUB]


async def test_whole_then_steps_that_leave_out_what_did_not_change(
    client: TestClient[web.Request, web.Application], office: FakeOffice
) -> None:
    office.board.decided(a_call("c1"))
    async with client.get("/api/v1/live") as stream:
        assert stream.content_type == "text/event-stream"
        kind, _, data = await event(stream)
        assert kind == "whole"
        assert [call["id"] for call in data["calls"]] == ["c1"]
        hub_of(client).step()
        await event(stream)  # all of it, once: what the others know this one may have seen otherwise
        office.board.decided(a_call("c2"))
        office.clock.advance(1)
        hub_of(client).step()
        kind, data = "step", {"calls": []}
        while not data["calls"]:  # the stream's own steps come between
            kind, _, data = await event(stream)
        assert kind == "step"
        assert [call["id"] for call in data["calls"]] == ["c2"]
        assert len(data["seconds"]["rows"]) == 1
        assert "level" not in data


async def test_a_broken_stream_goes_on_where_it_broke(
    client: TestClient[web.Request, web.Application], office: FakeOffice
) -> None:
    async with client.get("/api/v1/live") as stream:
        _, seen, _ = await event(stream)
    office.board.decided(a_call("c2"))
    office.clock.advance(3)
    async with client.get("/api/v1/live", headers={"Last-Event-ID": seen}) as stream:
        kind, _, data = await event(stream)
        assert kind == "step"
        assert [call["id"] for call in data["calls"]] == ["c2"]
        assert len(data["seconds"]["rows"]) == 3
        assert data["level"]  # and all that stands for itself
    async with client.get("/api/v1/live", params={"after": seen}) as stream:
        assert (await event(stream))[0] == "step"
    office.run = "cd34"  # a restart: what was seen is of no use
    async with client.get("/api/v1/live", params={"after": seen}) as stream:
        assert (await event(stream))[0] == "whole"


async def test_what_callers_write_stays_inside_its_string(
    client: TestClient[web.Request, web.Application], office: FakeOffice
) -> None:
    name = "a\r\n\r\nevent: bye\ndata: {}\n\n\u2028\x00\ud800"
    office.board.decided(a_call("c1", caller_name=name))
    async with client.get("/api/v1/live") as stream:
        kind, _, data = await event(stream)
        assert (kind, data["calls"][0]["name"]) == ("whole", name.replace("\ud800", "?"))


async def test_events_come_by_themselves(client: TestClient[web.Request, web.Application]) -> None:
    async with client.get("/api/v1/live") as stream:
        kinds = [(await event(stream))[0] for _ in range(2)]
    assert kinds == ["whole", "step"]


async def test_numbers_are_masked_below_admins(
    client: TestClient[web.Request, web.Application], office: FakeOffice, gate: FakeGate
) -> None:
    office.web = office.web.model_copy(update={"mask_numbers": True})
    office.board.decided(a_call("c1", caller=CALLER, caller_name="call 415-555-0100"))
    for role, hidden in ((Role.VIEWER, True), (Role.OPERATOR, True), (Role.ADMIN, False)):
        gate.known = Who("anna", role)
        async with client.get("/api/v1/live") as stream:
            hub_of(client).step()
            said = [json.dumps((await event(stream))[2]) for _ in range(2)]
        async with client.get("/api/v1/board") as answer:
            said.append(await answer.text())
        for text in said:
            assert ("0100" in text.replace("+18005550100", "")) is not hidden
            assert "+1415555" in text  # the block stays


async def test_a_viewer_who_does_not_read_is_let_go(office: FakeOffice) -> None:
    hub = LiveHub(office)  # type: ignore[arg-type]
    slow, quick = hub.join(Seen(), masks=False), hub.join(Seen(), masks=True)
    for _ in range(MOST_WAITING):
        quick.events.get_nowait()
        hub.step()
    assert (slow.open_, quick.open_, hub.dropped) == (False, True, 1)
    assert slow.events.qsize() <= MOST_WAITING
    await hub.stop()
    assert not quick.open_


async def test_viewers_are_bounded(office: FakeOffice) -> None:
    hub = LiveHub(office)  # type: ignore[arg-type]
    viewers = [hub.join(Seen(), masks=False) for _ in range(MOST_VIEWERS)]
    with pytest.raises(ApiError) as raised:
        hub.join(Seen(), masks=False)
    assert raised.value.status == 503
    hub.leave(viewers[0])
    hub.join(Seen(), masks=False)
    await hub.stop()


@pytest.mark.parametrize("now", [None, Who("anna", Role.ADMIN), Who("bert", Role.VIEWER)])
async def test_a_session_that_ended_ends_the_stream(
    client: TestClient[web.Request, web.Application], office: FakeOffice, gate: FakeGate, now: Who | None
) -> None:
    async with client.get("/api/v1/live") as stream:
        await event(stream)
        gate.known = now
        hub_of(client).step()
        assert (await event(stream))[0] == "step"  # not asked at every event
        office.clock.advance(live.CHECK_SECONDS)
        hub_of(client).step()
        assert (await event(stream))[0] == "bye"
        async with asyncio.timeout(5):
            assert await stream.content.read() == b""
    assert hub_of(client).viewers == 0


async def test_a_log_out_ends_the_stream_of_a_real_session(desk: MadeDesk) -> None:
    browser = await desk.log_in("viewer")
    async with browser.client.get("/api/v1/live") as stream:
        await event(stream)
        assert await browser.status("DELETE", "/session") == 200
        desk.clock.advance(live.CHECK_SECONDS)
        desk.server.app[HUB].step()
        kind = ""
        while kind != "bye":
            kind = (await event(stream))[0]
        async with asyncio.timeout(5):
            assert await stream.content.read() == b""
    assert await browser.status("GET", "/live") == 401


async def test_nobody_is_let_in_unknown(client: TestClient[web.Request, web.Application], gate: FakeGate) -> None:
    gate.known = None
    for path in ("live", "board"):
        async with client.get(f"/api/v1/{path}") as answer:
            assert answer.status == 401


async def test_the_desk_ends_with_viewers(office: FakeOffice, gate: FakeGate) -> None:
    app = build_app(office, gate, live.ROUTES)  # type: ignore[arg-type]
    async with asyncio.timeout(10), TestClient(TestServer(app)) as made:
        stream = await made.get("/api/v1/live")
        await event(stream)


@pytest.mark.parametrize(
    "text", ["", "x", "ab.1.2.3", "ab.1.2.3.4.5", "AB.1.2.3.4", "ab.1.2.-3.4", "ab.1.2.3." + "9" * 99]
)
def test_a_mark_that_is_none_has_seen_nothing(text: str) -> None:
    assert parse_seen(text) == Seen()


def test_a_mark_is_read_as_written() -> None:
    seen = Seen("ab12", -1, 7, 3, 0)
    assert parse_seen(str(seen)) == seen


@pytest.mark.parametrize(
    ("number", "shown"),
    [(CALLER, "+1415555••••"), ("anonymous", "anonymous"), ("", ""), ("1234", "••••"), ("12", "••••")],
)
def test_masked(number: str, shown: str) -> None:
    assert masked(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("JOHN 4155550100", "JOHN 415555••••"), ("(415) 555-0100", "(415555••••"), ("Route 66", "Route 66")],
)
def test_masked_text(name: str, shown: str) -> None:
    assert masked_text(name) == shown
