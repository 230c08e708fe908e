"""Real daemons that share a state, without an Asterisk: calls come over plain AGI sockets."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from redis import Redis

from agi_screen.cluster.state import hashing_key, key_of
from agi_screen.commands.control import ask
from tests.cluster.servers import free_port

CONFIG = """
state = "{state}"
[agi]
listen = "{host}:{port}"
[ami]
enabled = false
[web]
enabled = false
[signals.caller_rate]
limit = "{limit}"
[policy]
level = "{level}"
[challenges]
sum_of_two.levels = []
one_of_three.levels = []
leave_out.levels = []
[captcha]
doubt = 1000
attempts = 1
on_failure = ["divert"]
sounds = "{sounds}"
{more}
"""
SHIPPED = Path(__file__).resolve().parents[2] / "asterisk_conf/sounds"
SECRET = "of all machines"
SOON = 20.0


class Machine:
    """`with Machine(folder, "one", url) as machine:` is a daemon that will soon be ready."""

    def __init__(
        self,
        folder: Path,
        name: str,
        state: str,
        *,
        limit: str = "3/10m",
        deadline: str = "50ms",
        more: str = "",
        netns: str = "",
        host: str = "127.0.0.1",
        password: str = "",
        level: str = "normal",
    ) -> None:
        self.folder = folder / name
        self.folder.mkdir(exist_ok=True)
        self.address = (host, free_port())
        cluster = f'[cluster]\nnode = "{name}"\ndeadline = "{deadline}"\n'
        text = CONFIG.format(
            state=state, limit=limit, level=level, more=cluster + more, host=host, sounds=SHIPPED, port=self.address[1]
        )
        (self.folder / "agi-screen.toml").write_text(text)
        self._netns, self._password = netns, password
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Machine:
        """Several come up at the same time: `is_ready` waits."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def said(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        secrets = {"AGI_SCREEN_CLUSTER_SECRET": SECRET, "AGI_SCREEN_REDIS_PASSWORD": self._password}
        within = ["ip", "netns", "exec", self._netns] if self._netns else []
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [*within, sys.executable, "-m", "agi_screen", "serve", "--config", "agi-screen.toml"],
                cwd=self.folder,
                env={**os.environ, **secrets},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def is_ready(self) -> None:
        """Waits for it: it takes calls."""
        assert self._process is not None
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", self.said

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(30)
            assert process.stdout is not None
            process.stdout.close()

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self.stop()

    def status(self) -> dict[str, Any]:
        """As `agi-screen status --json` has it."""
        return ask(self.folder / "agi-screen-control.sock", {"do": "status"})

    def shared(self) -> dict[str, Any]:
        found: dict[str, Any] = self.status()["shared"]
        return found

    def in_touch(self) -> bool:
        """Redis answers it, and has heard all that it knows."""
        shared = self.shared()
        return bool(shared["state"] == "ok" and not shared["untold"])

    async def call(self, caller: str, route: str = "decide", *, keys: str = "", trunk: str = "PJSIP/carrier") -> str:
        """The line that tells the verdict. `keys` are pressed in the CAPTCHA; "right" are those it asks for."""
        if self._netns:  # its network is not ours, and may be cut
            reader, writer = await asyncio.open_unix_connection(self.folder / "agi-screen.sock")
        else:
            reader, writer = await asyncio.open_connection(*self.address)
        try:
            return await asyncio.wait_for(_talk(reader, writer, caller, (route, trunk, keys)), SOON)
        finally:
            writer.close()


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caller: str, how: tuple[str, str, str]
) -> str:
    route, trunk, keys = how
    lines = (
        *("network: yes", f"network_script: {route}", f"request: agi://127.0.0.1/{route}"),
        *(f"channel: {trunk}-00000001", "language: en", f"uniqueid: {os.urandom(6).hex()}", "dnid: 18005550100"),
        *(f"callerid: {caller}", f"arg_1: trunk={trunk}"),
    )
    writer.write("".join(f"agi_{line}\n" for line in lines).encode() + b"\n")
    verdict, pressed = "", "" if keys == "right" else keys
    while line := (await reader.readline()).decode():
        if "SCREEN_VERDICT" in line:
            verdict = line
        if keys == "right":
            pressed += "".join(re.findall(r"STREAM FILE \S*digits/(\d)", line))
        key = 0
        if line.startswith("WAIT FOR DIGIT") and pressed:
            key, pressed = ord(pressed[0]), pressed[1:]
        writer.write(f"200 result={key} endpos=8000\n".encode())
    return verdict


def over_the_limit(verdict: str) -> bool:
    """Whether the call was judged to be over its caller's limit."""
    assert "SCREEN_VERDICT=" in verdict, verdict
    return "caller_rate:" in verdict


def counts(verdicts: Iterable[str]) -> Counter[bool]:
    """By whether they were over the limit."""
    return Counter(over_the_limit(verdict) for verdict in verdicts)


def tokens_taken(client: Redis, caller: str, interval_us: int) -> float:
    """What is missing in the caller's bucket in Redis, in tokens; whole but for what has come back since."""
    key = key_of(hashing_key(SECRET), caller)
    tat = client.hget(key, "t:caller_rate")
    seconds, micros = client.time()
    return (int(tat or 0) - seconds * 1_000_000 - micros) / interval_us
