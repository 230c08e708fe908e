"""Hostile text from callers through real SIP and raw AGI, and every place where it may come out again."""

from __future__ import annotations

import asyncio
import csv
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from aiohttp import web
from playwright.async_api import Page

from tests.asterisk.ami import Ami
from tests.asterisk.browser import Seat, seats_at
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until
from tests.fuzz.targets.promises import check_commands
from tests.hostile import CANARY, HOSTILE, wire

CALLER = "+14155552671"
AT_ONCE = 8
LONGEST = 1500  # a datagram of SIP: texts that are longer go over AGI alone
LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{12} [A-Z]+ [a-z_.]+: ")
METRIC = re.compile(
    r'(?:# (?:HELP|TYPE|UNIT|EOF).*|[a-z_:]+(?:\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? [-+0-9.eNaInf]+)'
)
FORMULA = re.compile(r"\s*[=+\-@|%\t\r＝＋－＠](?![0-9.]+$)")
SIP_TEXTS = [wire(text) for text in HOSTILE.values() if len(text) <= LONGEST]


@pytest.fixture
def daemon(lab: Lab, tmp_path: Path) -> Iterator[DaemonProcess]:
    """It lets everybody through: the calls are many, and what is looked at comes after the verdict."""
    with DaemonProcess(lab, tmp_path, "[menu]") as running:
        config = tmp_path / "agi-screen.toml"
        config.write_text('mode = "monitor"\n' + config.read_text())
        running.run("reload")
        yield running


def no_canary(lab: Lab, daemon: DaemonProcess) -> None:
    """Nothing that a caller wrote was run by Asterisk, a shell or us."""
    for folder in (lab.dir, daemon.folder, Path.cwd(), Path("/tmp"), Path("/")):
        assert not (folder / CANARY).exists()
    assert not list(lab.dir.rglob(f"*{CANARY}*"))


def dials(lab: Lab) -> Iterator[Dial]:
    """Each text in each place of an INVITE that a caller writes."""
    for text in SIP_TEXTS:
        escaped = quote(text, safe="")
        name = (
            text.replace(b"\\", b"\\\\")
            .replace(b'"', b'\\"')
            .replace(b"\r", b"")
            .replace(b"\n", b"")
            .replace(b"\0", b"")
        )
        header = text.replace(b"\r\n", b" ").replace(b"\r", b" ").replace(b"\n", b" ")
        others = tuple((key, header) for key in ("User-Agent", "Identity", "X-Note", "Organization", "Subject"))
        yield Dial(lab.ports.sip, from_=f"<sip:{CALLER}{escaped[:400]}@c.example>", headers=others)
        yield Dial(lab.ports.sip, caller=CALLER, name=name)
        diverted = f"<sip:+1650{escaped[:400]}@c.example>;reason=unconditional"
        yield Dial(lab.ports.sip, caller=CALLER, headers=(("Diversion", diverted),))


def careless(lab: Lab) -> Iterator[Dial]:
    """The same in the number dialled, which only a pattern such as `_9X.` lets in, against our advice."""
    for text in SIP_TEXTS:
        yield Dial(lab.ports.sip, request_uri=f"sip:91{quote(text, safe='')[:400]}@127.0.0.1:{lab.ports.sip}")


async def by_sip(dials: Iterable[Dial]) -> int:
    """Places them all; how many Asterisk took for calls."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(dial: Dial) -> int:
        async with free, await Caller.place(dial) as call:
            with suppress(TimeoutError):
                return int(await call.final(4) == 200)
        return 0

    return sum(await asyncio.gather(*map(one, dials)))


async def by_agi(port: int) -> int:
    """The same texts as if no dialplan had cleaned them, in every field; how many got a verdict."""
    told = 0
    for text in map(wire, HOSTILE.values()):
        for field in (
            b"agi_callerid",
            b"agi_calleridname",
            b"agi_dnid",
            b"agi_channel",
            b"agi_uniqueid",
            b"agi_language",
        ):
            lines = {b"agi_network_script": b"screen", b"agi_callerid": b"4155552671", b"agi_uniqueid": b"1.%d" % told}
            lines |= {b"agi_channel": b"PJSIP/t-1", b"agi_dnid": b"18005550100", field: text}
            sent = b"".join(b"%s: %s\n" % pair for pair in lines.items())
            arguments = b"".join(b"agi_arg_%d: %s=%s\n" % (n, key, text) for n, key in enumerate(ARGUMENTS, 1))
            told += await verdict(port, sent + arguments + b"\n")
    return told


ARGUMENTS = (b"raw", b"trunk", b"identity", b"agent", b"verstat", b"attest")


async def verdict(port: int, sent: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    with suppress(ConnectionError):
        line = await asyncio.wait_for(reader.readline(), 10)
        writer.write(b"200 result=1\n")
        check_commands(line)
        await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return line.startswith(b'EXEC MSet "SCREEN_VERDICT=')
    return 0


@pytest.mark.timeout(300)
async def test_what_callers_write_comes_out_as_text_everywhere(
    lab: Lab, desk: Desk, daemon: DaemonProcess, ami: Ami, harness: Ami, receiver: Receiver
) -> None:
    daemon.write(f'[webhook]\nurl = "{receiver.url}"')
    config = daemon.folder / "agi-screen.toml"
    config.write_text('mode = "monitor"\n' + config.read_text())
    daemon.run("reload")
    await until(lambda: "AMI up" in daemon.said)
    calls = await by_sip(dials(lab))
    assert calls > len(SIP_TEXTS)
    events_are_ours(ami, harness)
    calls += await by_sip(careless(lab))
    await until(lambda: daemon.query("SELECT count(*) FROM calls")[0][0] >= calls)
    assert daemon.query(f"SELECT 1 FROM call_ends WHERE uniqueid = '{CANARY}'") == []
    told = await by_agi(lab.options.agi_port)
    assert told > 3 * len(HOSTILE)
    await until(lambda: daemon.query("SELECT count(*) FROM calls")[0][0] >= calls + told, 30)
    no_canary(lab, daemon)
    await the_store_is_whole(daemon)
    the_log_is_ours(daemon, calls + told)
    await news_are_json(daemon, receiver)
    commands_draw_nothing(daemon)
    the_tables_hold_no_formula(daemon)
    metrics_are_metrics(daemon)
    await pages_show_text(daemon)
    no_canary(lab, daemon)


def events_are_ours(ami: Ami, harness: Ami) -> None:
    """To the daemon's account, with the shipped filters, calls forge no event; and our own are clean."""
    assert [event for event in ami.events if event["Event"] == "Hangup"]
    assert [event for event in ami.events if event.get("Uniqueid") == CANARY] == []
    ours = [event for event in harness.events if event.get("UserEvent") == "AgiScreenVerdict"]
    assert ours
    for event in ours:
        assert all(value.isprintable() for value in event.values()), event


async def the_store_is_whole(daemon: DaemonProcess) -> None:
    assert daemon.query("PRAGMA integrity_check") == [("ok",)]
    tables = {name for (name,) in daemon.query("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"calls", "accounts", "call_ends"} <= tables
    names = {name for (name,) in daemon.query("SELECT DISTINCT caller_name FROM calls")}
    assert HOSTILE["SQL"] in names  # as it was written, and nothing of it done


def the_log_is_ours(daemon: DaemonProcess, calls: int) -> None:
    lines = daemon.said.splitlines()
    assert len(daemon.said.split("\n")) == len(lines) + 1  # no line end but "\n"
    for line in lines:
        assert line.isprintable(), ascii(line)
        assert LINE.match(line) or line.startswith("no account yet: "), line
    assert sum(" call id=" in line for line in lines) == daemon.query("SELECT count(*) FROM calls")[0][0] >= calls
    assert not re.search(rf" call id={CANARY}", daemon.said)


async def news_are_json(daemon: DaemonProcess, receiver: Receiver) -> None:
    """The webhook and the level's reason, which a person may have copied from a caller."""
    for text in (HOSTILE["JSON"], HOSTILE["log forging"]):
        daemon.run("level", "elevated", "--for", "1h", "--reason", text)
    daemon.run("level", "auto")
    news = await until(lambda: len(receiver.bodies) >= 2 and receiver.bodies)
    for body in news:
        assert isinstance(json.loads(body), dict)


def commands_draw_nothing(daemon: DaemonProcess) -> None:
    """What a terminal is sent holds no escape, no other line end, no character that turns text around."""
    path = daemon.folder / "complaints.csv"
    fitting = [text for text in HOSTILE.values() if len(text) < 200 and "\0" not in text]
    with path.open("w", newline="", errors="replace") as file:
        csv.writer(file).writerows((f"+1651555{n:04}", text) for n, text in enumerate(fitting))
    daemon.run("list", "import", path.name, "--list", "suspect", "--source", HOSTILE["terminal title"])
    for words in (
        ("calls", "--limit", "2000"),
        ("top", "--once"),
        ("list", "show", "suspect"),
        ("status",),
        ("audit",),
    ):
        said = daemon.run(*words)
        for line in said.split("\n"):
            assert line.isprintable(), (words, ascii(line))
    for line in daemon.run("calls", "--limit", "2000", "--json").splitlines():
        assert isinstance(json.loads(line), dict)
        assert line.isascii()


def the_tables_hold_no_formula(daemon: DaemonProcess) -> None:
    """Numbers in `list export` alone begin with a plus: the file is read again, and numbers are all they can be."""
    out = daemon.folder / "evidence"
    daemon.run("investigate", "--from", "1h", "--output", str(out))
    tables = list(out.rglob("*.csv"))
    assert tables
    for table in tables:
        for row in csv.reader(table.read_text(encoding="utf-8-sig").splitlines()):
            assert not [cell for cell in row if FORMULA.match(cell)], table
    for row in csv.reader(daemon.run("list", "export", "suspect").splitlines()):
        assert not [cell for cell in row[1:] if FORMULA.match(cell)]
        assert re.fullmatch(r"\+\d+|number", row[0])
    for page in out.rglob("*.html"):
        Harmless().feed(page.read_text())


def metrics_are_metrics(daemon: DaemonProcess) -> None:
    with urlopen(f"{daemon.web}/metrics", timeout=10) as said:
        text = said.read().decode()
    assert CANARY not in text
    for line in text.splitlines():
        assert METRIC.fullmatch(line), line


class Harmless(HTMLParser):
    """Fails on what only a caller can have put there."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not [name for name, _ in attrs if name.startswith("on")], (tag, attrs)
        assert not [value for _, value in attrs if value and value.strip().lower().startswith("javascript:")], attrs
        assert tag != "svg" or CANARY not in str(attrs)


async def pages_show_text(daemon: DaemonProcess) -> None:
    """The system's Chromium at every page that shows a caller's text."""
    async with seats_at(daemon) as seats:
        seat = await seats.admin()
        found = await seat.send("GET", "/calls?limit=200")
        names = {call["name"] for call in found["calls"]}
        hostile = [call for call in found["calls"] if CANARY in call["name"] or "<" in call["name"]]
        assert hostile, names
        for path, there in (("/", "#calls tr"), ("/calls", "#calls tr"), ("/lists?list=suspect", "#entries tr")):
            await looked_at(seat, path, there)
        for call in hostile[:3]:
            await looked_at(seat, f"/calls/{call['id']}", "#timeline li")
        assert seat.wrong == []


async def looked_at(seat: Seat, path: str, there: str) -> None:
    page = await seat.page(path)
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    await page.locator(there).first.wait_for()
    assert CANARY not in await page.title()
    assert await foreign(page) == []
    assert asked == []
    await seat.closed(page)


async def foreign(page: Page) -> list[str]:
    """Elements and attributes that our pages never have."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll('script:not([src]), img[src=x], iframe, object, *')]
          .filter((e) => e.matches('script:not([src]), img[src=x], object')
            || [...e.attributes].some((a) => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)))
          .map((e) => e.outerHTML.slice(0, 200))"""
    )
    return found


class Receiver:
    """Where the webhook goes."""

    url = ""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        return web.Response()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield made
    await runner.cleanup()
