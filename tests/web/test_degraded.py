"""Who is told that a part of the daemon does not work: after its patience, once, and again when it works."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from agi_screen.base.clock import ManualClock
from agi_screen.base.errors import StoreError
from agi_screen.base.store_calls import CallRow
from agi_screen.daemon import Daemon
from agi_screen.health import CALM_SECONDS, PATIENCE, RECENT_SECONDS, Health, Watch
from agi_screen.inbound.ami import AmiEvent
from agi_screen.settings import load
from agi_screen.trail.webhook import SIGNATURE, sign
from tests.made import NOON, a_call
from tests.web.made_desk import reconfigured

CONFIG = "[agi]\nlisten = '127.0.0.1:0'\n[ami]\nport = 1\n"


class Watched:
    """A daemon that was not started, looked at by hand."""

    def __init__(self, folder: Path, more: str = "") -> None:
        path = folder / "agi-screen.toml"
        path.write_text(CONFIG + more)
        self.clock = ManualClock(NOON)
        self.daemon = Daemon(load(path), self.clock)
        self.daemon.stock.loaded = self.daemon.stock.listed = True
        self.told: list[Mapping[str, Any]] = []
        self.health = Health(self.daemon, self.clock, self.told.append)

    def after(self, seconds: float) -> list[str]:
        """What is told when so much time has gone by, look by look."""
        told = len(self.told)
        for _ in range(round(seconds)):
            self.clock.advance(1.0)
            self.health.look()
        return [f"{news['event']} {news['part']}" for news in self.told[told:]]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    made = Watched(tmp_path)
    await made.daemon.agi.start()
    await made.daemon.store.open()
    yield made
    await made.daemon.agi.stop()
    await made.daemon.store.close()


def test_watch() -> None:
    watch = Watch("ami")
    assert watch.look("refused", 0.5, NOON) is None
    assert watch.look("", 20.0, NOON + 20) is None  # a blip
    assert watch.look("refused", 21.0, NOON + 21) is None
    begun = watch.look("lost", 51.0, NOON + 51)
    assert begun == ("ami", "lost", NOON + 21)
    assert watch.told == begun
    assert watch.look("lost", 60.0, NOON + 60) is None
    assert watch.look("", 70.0, NOON + 70) is None
    assert watch.look("lost", 80.0, NOON + 80) is None  # again before it was well
    assert watch.look("", 90.0, NOON + 90) is None
    assert watch.look("", 90.0 + CALM_SECONDS, NOON + 120) == begun
    assert watch.told is None


async def test_quiet_while_all_works(watched: Watched) -> None:
    assert watched.after(120) == []
    assert watched.health.now() == dict.fromkeys(PATIENCE, "")


async def test_records(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_: list[CallRow]) -> None:
        raise StoreError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(watched.daemon.store, "save_rows", full)
        watched.daemon.recorder.record(a_call())
        await watched.daemon.recorder.flush()
        assert watched.after(PATIENCE["records"]) == []
        assert watched.after(1) == ["degraded records"]
        assert watched.after(600) == []
    assert watched.told[0]["why"] == "behind: database or disk is full"
    assert watched.told[0]["text"] == "agi-screen degraded: records: behind: database or disk is full"
    assert watched.told[0]["still"] == ["records"]
    await watched.daemon.recorder.flush()
    assert watched.after(CALM_SECONDS) == []
    assert watched.after(1) == ["recovered records"]
    assert (watched.told[1]["since"], watched.told[1]["still"]) == (watched.told[0]["since"], [])
    assert watched.health.degraded == {}


async def test_ami_for_half_a_minute(watched: Watched) -> None:
    await watched.daemon.ami.start()
    assert watched.after(30) == []
    assert watched.after(1) == ["degraded ami"]
    await watched.daemon.ami.stop()
    assert watched.after(CALM_SECONDS + 1) == ["recovered ami"]


async def test_callers_let_through_unscreened(watched: Watched) -> None:
    watched.daemon.agi.counts["fault"] += 1
    assert watched.after(1) == ["degraded unscreened"]
    assert watched.told[0]["why"] == "callers are let through unscreened, 1 since the start"
    watched.daemon.agi.counts["no_such_route"] += 1
    assert watched.after(RECENT_SECONDS + CALM_SECONDS + 2) == ["recovered unscreened"]
    watched.daemon.trail.board.decided(a_call(error="prompts_missing"))
    assert watched.after(1) == ["degraded unscreened"]


async def test_calls_that_asterisk_let_through(watched: Watched) -> None:
    """As AMI tells it: the daemon did not answer in time."""
    watched.daemon._ami_event(AmiEvent("UserEvent", {"UserEvent": "AgiScreenOpen", "Error": "timeout", "Did": "100"}))
    watched.daemon._ami_event(AmiEvent("UserEvent", {"UserEvent": "AgiScreenOpen", "Error": "x" * 999}))
    assert watched.after(1) == ["degraded unscreened"]
    assert watched.told[0]["why"] == "callers are let through unscreened, 1 since the start"


async def test_prompts(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    path = tmp_path / "agi-screen.toml"
    path.write_text(CONFIG + f"[captcha]\nsounds = '{tmp_path / 'sounds'}'\n")
    reconfigured(watched.daemon, path)
    assert watched.after(PATIENCE["prompts"] + 1) == ["degraded prompts"]
    assert "no suspected caller is asked" in watched.told[0]["why"]


async def test_disk(watched: Watched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert await watched.health.disk_problem() == ""
    monkeypatch.setattr("agi_screen.health.DISK_LEAST_BYTES", 1 << 60)
    assert (await watched.health.disk_problem()).endswith("MiB free")
    shutil.rmtree(tmp_path)
    assert (await watched.health.disk_problem()).endswith("No such file or directory")


async def test_goes_to_the_webhook_signed(tmp_path: Path) -> None:
    heard: list[tuple[bytes, str]] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append((await request.read(), request.headers[SIGNATURE]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hear)
    async with TestServer(app) as server:
        hook = f"[webhook]\nurl = '{server.make_url('/hook')}'\nsecret = 's3cret'\n"
        watched = Watched(tmp_path, hook)
        watched.health = Health(watched.daemon, watched.clock)
        watched.daemon.webhook.start()
        watched.after(PATIENCE["agi"] + 1)  # it listens nowhere
        await watched.daemon.webhook.idle()
        await watched.daemon.webhook.stop()
    ((body, signature),) = heard
    assert signature == f"sha256={sign('s3cret', body)}"
    news = json.loads(body)
    assert (news["event"], news["part"], news["why"]) == ("degraded", "agi", "no new calls are taken")
