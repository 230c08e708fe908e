"""`GET /metrics`: what a real daemon says of calls that really came, in the form that Prometheus reads."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import CaptchaResult, Evidence, Verdict
from agi_screen.trail.board.tally import CAPTCHA_BOUNDS, Tally, spread
from tests.made import a_call
from tests.web.made_desk import MadeDesk, made_desk
from tests.web.running import Running, running

Scraped = dict[tuple[str, str], float]


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as made:
        yield made


async def scrape(url: str) -> str:
    async with aiohttp.ClientSession() as client, client.get(f"{url}/metrics") as said:
        assert said.status == 200
        assert said.headers["Content-Type"].startswith("text/plain; version=")
        return await said.text()


def values(text: str) -> Scraped:
    """By name and the value of its one label."""
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_counts_calls(daemon: Running) -> None:
    before = values(await scrape(daemon.url))
    assert before["agi_screen_calls_total", "allow"] == 0
    await daemon.call("4155550100")
    await daemon.call("4155550100", route="no-such")
    found = values(await scrape(daemon.url))
    assert found["agi_screen_calls_total", "allow"] == 1
    assert found["agi_screen_calls_final_total", "allow"] == 1
    assert found["agi_screen_sessions_failed_total", "no_such_route"] == 1
    assert found["agi_screen_decide_seconds_count", ""] == 1
    assert 0 < found["agi_screen_decide_seconds_sum", ""] < 1
    assert found["agi_screen_callers_remembered", ""] == 1
    assert found["agi_screen_attack_level", "normal"] == 1
    assert found["agi_screen_ami", "off"] == 1
    assert found["agi_screen_part_ok", "agi"] == 1


async def test_names_and_labels(daemon: Running) -> None:
    await daemon.call('"><script>', name='x"\n# HELP evil')
    text = await scrape(daemon.url)
    assert "<script" not in text
    assert "evil" not in text
    families = list(text_string_to_metric_families(text))
    for family in families:
        assert re.fullmatch(r"(agi_screen|process)_[a-z0-9_]+", family.name)
        assert family.documentation.endswith(".")
        for sample in family.samples:
            assert (family.type == "counter") is sample.name.endswith("_total")
            assert len(sample.labels) <= 2
    assert len(families) > 40
    assert sum(len(family.samples) for family in families) < 250


async def test_every_figure_is_described(daemon: Running) -> None:
    page = (Path(__file__).parents[2] / "docs/metrics.md").read_text(encoding="utf-8")
    text = await scrape(daemon.url)
    for family in text_string_to_metric_families(text):
        if family.name.startswith("agi_screen_"):
            assert f"`{family.name}{'_total' if family.type == 'counter' else ''}" in page


async def test_open_metrics(daemon: Running) -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    async with aiohttp.ClientSession() as client, client.get(f"{daemon.url}/metrics", headers=accept) as said:
        assert said.headers["Content-Type"].startswith("application/openmetrics-text")
        assert (await said.text()).endswith("# EOF\n")


async def status(desk: MadeDesk, **headers: str) -> int:
    return (await desk.browser().get("/metrics", headers={n.replace("_", "-"): v for n, v in headers.items()})).status


async def test_who_may_read(desk: MadeDesk) -> None:
    assert await status(desk) == 200
    assert await status(desk, X_Forwarded_For="192.0.2.1") == 401
    assert await status(desk, Forwarded="for=127.0.0.1") == 401
    admin = await desk.log_in("admin")
    made = await admin.send("POST", "/tokens", {"name": "prometheus", "role": "viewer"})
    token = (await made.json())["token"]
    assert await status(desk, X_Forwarded_For="192.0.2.1", Authorization=f"Bearer {token}") == 200
    assert await status(desk, X_Forwarded_For="192.0.2.1", Authorization="Bearer ags_none") == 401
    assert await status(desk, Host="evil.example.org") == 421


async def test_behind_a_proxy(tmp_path: Path) -> None:
    async with made_desk(tmp_path, behind_proxy=True) as desk:
        assert await status(desk, X_Forwarded_For="127.0.0.1, 192.0.2.1") == 401
        assert await status(desk) == 200


def test_tally() -> None:
    """It reads records by place."""
    assert [CallRecord._fields[place] for place in (9, 10, 15, 17, 18, 19)] == [
        *("verdict", "final_verdict", "captcha", "error", "decide_us", "way"),
    ]
    tally = Tally()
    asked = a_call(conduct=(Evidence("too_fast", 1.0, 2.0, ""), Evidence("quiet", 0.0, 0.0, "")), captcha_time=7.0)
    plain = a_call(verdict=Verdict.ALLOW, captcha=CaptchaResult.SKIPPED, decide_us=40)
    tally.add([asked, plain, a_call(captcha=CaptchaResult.SKIPPED, error="captcha_full", way="last")])
    assert tally.by_verdict() == {"challenge": 2, "allow": 1}
    assert tally.by_last_verdict() == {"allow": 3}
    assert (tally.captchas["passed"], tally.errors["captcha_full"], tally.ways["last"]) == (1, 1, 1)
    assert dict(tally.conduct) == {"too_fast": 1}
    assert tally.decide_us == 231 + 40 + 231
    assert spread(tally.captcha_times, CAPTCHA_BOUNDS)[:3] == [0, 1, 0]
