"""Secrets with a face of their own, and everything the daemon and its commands write, searched for them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

import pytest

from agi_screen.base.errors import ConfigError
from agi_screen.settings import load
from agi_screen.web.api import all_routes
from tests.asterisk.browser import ADMIN, PASSWORD
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until
from tests.web.http_client import Client

WEBHOOK_SECRET = "hook5ecret-Zq81mVw0"
WEBHOOK_PATH = "hook/pathT0ken-91xKcE7d"
WRONG_PASSWORD = "wr0ngPassword-typed-77aQ"
OTHER_PASSWORD = "0ther words of a s3ntence 55"
MISSPELT = "misspelt5ecret-4k2Lp0Xc"
HOOK = f'[webhook]\nurl = "http://127.0.0.1:9/{WEBHOOK_PATH}"\nsecret = "{WEBHOOK_SECRET}"\n'
BAD = (
    f'[webhook]\nsecert = "{MISSPELT}"',
    f'[webhook]\nurl = "ftp://x/{MISSPELT}"',
    f'[webhook]\nsecret = ["{MISSPELT}"]',
    f'webhook = "https://chat.example/{MISSPELT}"',
    f'[[webhook]]\nsecret = "{MISSPELT}"',
    f'[web]\nsecret = "{MISSPELT}"',
    f'[numbers]\nami_secret = "{MISSPELT}"',
    f'[webhook]\nsecret = "{MISSPELT}',
    f'[webhook]\nsecret = "{MISSPELT}\x01"',
)


def faces(secret: str) -> Iterator[bytes]:
    """The ways in which the same secret may be written."""
    raw = secret.encode()
    yield from (raw, raw.hex().encode(), raw.hex().upper().encode(), raw[::-1], quote(secret, safe="").encode())
    yield json.dumps(secret).strip('"').encode()
    for lead in range(3):  # base64 has three looks, by what stands before; its ends are another's too
        for packed in (base64.b64encode(b"x" * lead + raw), base64.urlsafe_b64encode(b"x" * lead + raw)):
            yield packed[4 if lead else 0 : -4]


@pytest.fixture
def daemon(lab: Lab, tmp_path: Path) -> Iterator[DaemonProcess]:
    with DaemonProcess(lab, tmp_path, HOOK, serve_words=("--log-level", "debug")) as running:
        yield running


class Written:
    """All that was written, by where."""

    def __init__(self, daemon: DaemonProcess) -> None:
        self._daemon = daemon
        self.by_place: dict[str, bytes] = {}

    def run(self, *words: str, given: str = "") -> str:
        """A command; what it prints, and its exit code is its own affair."""
        line = [*self._daemon.command, *words, "--config", "agi-screen.toml"]
        done = subprocess.run(
            line,
            cwd=self._daemon.folder,
            env=self._daemon.environment,
            capture_output=True,
            timeout=60,
            input=given.encode(),
        )
        self.by_place[f"agi-screen {' '.join(words)} #{len(self.by_place)}"] = done.stdout + done.stderr
        return done.stdout.decode()

    def file(self, path: Path) -> None:
        self.by_place[str(path)] = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                for name in packed.namelist():
                    self.by_place[f"{path}:{name}"] = packed.read(name)

    def found(self, secrets: dict[str, str]) -> list[str]:
        return [
            f"{name} in {place}"
            for name, secret in secrets.items()
            for face in faces(secret)
            for place, text in self.by_place.items()
            if face in text
        ]


def test_a_secret_is_found_in_any_of_its_faces(lab: Lab, daemon: DaemonProcess) -> None:
    """The search itself: it must be able to fail."""
    for n, text in enumerate((WEBHOOK_SECRET, f"x{WEBHOOK_SECRET}", f"xy: {WEBHOOK_SECRET} z")):
        written = Written(daemon)
        packed = base64.b64encode(text.encode())
        for face in (text.encode(), text.encode().hex().encode(), packed):
            written.by_place = {"x": face}
            assert written.found({"webhook": WEBHOOK_SECRET}), (n, face)


@pytest.mark.timeout(300)
async def test_no_secret_is_written_anywhere(lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
    await until(lambda: "AMI up" in daemon.said)
    written = Written(daemon)
    secrets = await people(daemon, written)
    async with await Caller.place(Dial(lab.ports.sip)) as call:
        assert await call.final() == 200
        await desk.reached(1)
    await until(lambda: daemon.query("SELECT 1 FROM calls"))
    commands(daemon, written)
    everything_the_desk_says(daemon, written, secrets["token"])
    await what_is_no_http(daemon, secrets["token"])
    bad_files(daemon, written)
    await wrong_ami_secret(daemon, written)
    await until(lambda: "webhook http" in daemon.said, 30)
    processes(daemon, written)
    daemon.stop()  # buckets and what was learned are written
    for path in daemon.folder.rglob("*"):
        if path.is_file() and path.name != "agi-screen.toml":
            written.file(path)
    assert len(written.by_place) > 40
    assert sorted(set(written.found(secrets))) == []


async def people(daemon: DaemonProcess, written: Written) -> dict[str, str]:
    """Makes accounts, logs in, mistypes; all secrets that there are now."""
    await until(lambda: "(works once" in daemon.said)
    link = daemon.said.rpartition("/setup#")[2].split()[0]
    client = Client(daemon.web)
    status, said = client.send("POST", "/setup", {"token": link, "name": ADMIN, "password": PASSWORD})
    assert (status, list(client.cookies)) == (200, ["agi-screen"]), said
    other = Client(daemon.web)
    for name, password in ((ADMIN, WRONG_PASSWORD), (WRONG_PASSWORD[:40], PASSWORD), (ADMIN, "")):
        other.send("POST", "/session", {"name": name, "password": password})
    other.send("POST", "/session", {"name": ADMIN, "password": PASSWORD, WRONG_PASSWORD: WRONG_PASSWORD})
    other.send("PUT", "/session/password", {"old": WRONG_PASSWORD, "new": "x"})
    written.run("account", "add", "bert", "--role", "viewer", "--password-stdin", given=OTHER_PASSWORD + "\n")
    token = json.loads(daemon.run("account", "token", "add", "cron", "--role", "admin", "--json"))["token"]
    session = next(iter(client.cookies.values()))
    return {
        "token": token,
        "session": session,
        "csrf": client.csrf,
        "password": PASSWORD,
        "other password": OTHER_PASSWORD,
        "wrong password": WRONG_PASSWORD,
        "AMI secret": daemon.lab.ami_secret,
        "webhook secret": WEBHOOK_SECRET,
        "webhook path": WEBHOOK_PATH.partition("/")[2],
        "misspelt secret": MISSPELT,
    }


def commands(daemon: DaemonProcess, written: Written) -> None:
    """Every command that shows something of the daemon or its configuration."""
    shown = ("check", "status", "calls --json", "audit", "account list", "account token list")
    for words in shown:
        written.run(*words.split())
    written.run("doctor", "--asterisk-etc", str(daemon.lab.dir / "etc"))
    written.run("top", "--once")
    written.run("investigate", "--from", "1h", "--output", "evidence")
    written.run("level", "elevated", "--for", "1h", "--reason", "a test")


def everything_the_desk_says(daemon: DaemonProcess, written: Written, token: str) -> None:
    """Every answer to an admin's program, metrics and the pages; `/session` alone says the CSRF token, to its owner."""
    client = Client(daemon.web, token)
    for route in all_routes():
        if route.method == "GET" and "{" not in route.path and route.path not in ("/live", "/session"):
            status, body = client.send("GET", route.path)
            written.by_place[f"GET {route.path}"] = body
            assert status < 500
    for path in ("/metrics", "/readyz", "/healthz", "/settings", "/nothing"):
        with suppress(OSError), urlopen(daemon.web + path, timeout=10) as said:
            written.by_place[path] = said.read()


async def what_is_no_http(daemon: DaemonProcess, token: str) -> None:
    """A request that is none, with a token in it: it must not reach the log."""
    port = urlsplit(daemon.web).port
    for sent in (
        f"GET / HTTP/1.1\r\nAuthorization\0: Bearer {token}\r\n\r\n",
        f"GET /{token} HTTP/1.1 {token}\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent.encode())
        assert b"400" in await asyncio.wait_for(reader.read(), 30)
        writer.close()


def bad_files(daemon: DaemonProcess, written: Written) -> None:
    """A configuration with a secret in the wrong place or of the wrong shape: `check`, and the reload's own words."""
    path = daemon.folder / "agi-screen.toml"
    good = path.read_text()
    plain = good.replace(HOOK, "")
    for bad in BAD:
        path.write_text(bad + "\n" + plain if not bad.startswith("[") else plain + bad + "\n")
        with pytest.raises(ConfigError) as refused:
            load(path)
        written.by_place[f"check: {bad}"] = str(refused.value).encode()
        assert MISSPELT not in str(refused.value.problems)
        written.by_place[f"reload: {bad}"] = asked(daemon.folder, b'{"do": "reload"}\n')
    path.write_text(good)
    assert b'"ok": true' in asked(daemon.folder, b'{"do": "reload"}\n')


def asked(folder: Path, request: bytes) -> bytes:
    """The control socket's answer."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(str(folder / "agi-screen-control.sock"))
        client.sendall(request)
        return client.makefile("rb").read()


async def wrong_ami_secret(daemon: DaemonProcess, written: Written) -> None:
    """The log-in that Asterisk refuses is told with its mend, not with the secret."""
    daemon.stop()
    daemon.secret = MISSPELT
    daemon.start()
    await until(lambda: "AMI wrong_secret" in daemon.said)
    written.run("doctor", "--asterisk-etc", str(daemon.lab.dir / "etc"))


def processes(daemon: DaemonProcess, written: Written) -> None:
    """What `ps` shows everybody."""
    written.by_place["ps"] = Path(f"/proc/{daemon.pid}/cmdline").read_bytes()
    mine: Any = os.getuid()
    assert Path(f"/proc/{daemon.pid}/environ").stat().st_uid == mine
    assert Path(f"/proc/{daemon.pid}/environ").stat().st_mode & 0o077 == 0
