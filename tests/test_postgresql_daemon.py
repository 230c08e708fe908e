"""Real daemons on a real PostgreSQL server: calls over AGI, the commands beside them, a kill of the server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agi_screen.base.store_place import Server, node_name
from tests.asterisk.until import until
from tests.places import rows_of
from tests.postgresql import PASSWORD, OwnServer, own_server

CONFIG = """mode = "enforce"
[agi]
listen = "127.0.0.1:{port}"
[ami]
enabled = false
[web]
enabled = false
[store]
url = "{url}"
secret_file = "password"
flush_time = "50ms"
"""


@dataclass
class Beside:
    """A daemon's process, and commands in its folder."""

    folder: Path
    port: int
    process: subprocess.Popen[str]

    def call(self, number: str) -> str:
        """One call over AGI: its verdict, the session left open no longer than it takes."""
        said = {"network": "yes", "network_script": "screen", "request": "agi://x/screen", "channel": "PJSIP/a-1"}
        said |= {"uniqueid": f"1.{number}", "callerid": number, "calleridname": "", "extension": "18005551234"}
        with closing(socket.create_connection(("127.0.0.1", self.port), 10)) as conn, conn.makefile("rw") as wire:
            wire.write("".join([*(f"agi_{key}: {value}\n" for key, value in said.items()), "\n"]))
            wire.flush()
            heard: list[str] = []
            for line in wire:
                heard.append(line)
                wire.write("200 result=1\n")
                wire.flush()
        return "".join(heard)

    def run(self, *words: str) -> str:
        line = [sys.executable, "-m", "agi_screen", *words, "--config", "agi-screen.toml"]
        done = subprocess.run(line, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run("calls", "--json").splitlines()]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


@contextmanager
def daemon(folder: Path, url: str) -> Iterator[Beside]:
    folder.mkdir()
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "password").write_text(PASSWORD)
    (folder / "agi-screen.toml").write_text(CONFIG.format(port=port, url=url))
    serve = [sys.executable, "-m", "agi_screen", "serve", "--config", "agi-screen.toml"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(serve, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ})
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n", (folder / "log").read_text()
        yield Beside(folder, port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with own_server() as made:
        yield made


async def test_two_daemons_share_calls_and_lists_and_lose_none_with_the_server(
    server: OwnServer, tmp_path: Path
) -> None:
    place = server.place("shared")
    url = server.tcp("options=-csearch_path%3Dshared")
    with ExitStack() as stack:
        one, other = (stack.enter_context(daemon(tmp_path / name, url)) for name in ("one", "other"))
        assert "allow" in one.call("+14155550101")
        assert "allow" in other.call("+14155550102")
        await until(lambda: rows_of(place, "SELECT count(*) FROM calls") == [(2,)], 60)
        assert {(c["caller"], c["node"]) for c in other.calls()} == {
            ("+14155550101", node_name()),
            ("+14155550102", node_name()),
        }
        assert "1" in one.run("list", "add", "deny", "+14155550103", "--reason", "hammers")
        await until(lambda: "reject" in other.call("+14155550103"), 60)  # it was told by nobody
        server.kill()
        assert "allow" in one.call("+14155550104")  # taken all the same
        await until(lambda: "calls are not being written" in one.log, 60)
        server.start()
        await until(lambda: "calls are written again" in one.log, 60)
        found = rows_of(place, "SELECT caller FROM calls WHERE caller = '+14155550104'")
        assert found == [("+14155550104",)]
        logs = one.log + other.log
    assert PASSWORD not in logs
    assert not list((tmp_path / "one").glob("*.db"))


async def test_without_the_server_calls_are_taken_and_its_coming_is_noticed(server: OwnServer, tmp_path: Path) -> None:
    place: Server = server.place("late")
    server.kill()
    with daemon(tmp_path / "one", server.tcp("options=-csearch_path%3Dlate")) as one:
        assert "WITHOUT lists and passes" in one.log
        assert "allow" in one.call("+14155550101")
        server.start()
        await until(lambda: "calls are written again" in one.log, 60)
    assert rows_of(place, "SELECT caller FROM calls") == [("+14155550101",)]
