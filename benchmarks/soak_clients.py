"""Callers as they should not be, each one AGI session over real TCP: what the soak mixes among its ordinary calls."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

ENVIRONMENT = (
    "agi_network: yes\nagi_network_script: {route}\nagi_channel: PJSIP/trunk-{n:08x}\nagi_language: en\n"
    "agi_type: PJSIP\nagi_uniqueid: 1600000000.{n}\nagi_version: 22.10.1\nagi_callerid: {caller}\n"
    "agi_calleridname: unknown\nagi_callingpres: {pres}\nagi_dnid: 18005550100\nagi_context: agi-screen\n\n"
)
DONE, PLAYED = b"200 result=0\n", b"200 result=0 endpos=8000\n"
RESET = struct.pack("ii", 1, 0)
PATIENCE_SECONDS = 30.0
SHORT, LONG = 0.05, 3.0  # pauses of slow senders: some are thrown out by [agi] environment_time
NOISE = b"HTTP/1.1 200 \xff\xfe\x00\r\n" * 80
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def gone(writer: asyncio.StreamWriter) -> None:
    """Ends a connection at once, whatever is still to be sent."""
    writer.transport.abort()
    writer.close()


@dataclass(slots=True)
class OddCallers:
    """`one()` is a session of a kind chosen by chance; `done` counts them by kind."""

    port: int
    seed: int = 1
    done: dict[str, int] = field(default_factory=dict)
    failed: int = 0  # connections that were not taken
    _random: random.Random = field(init=False)
    _number: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @property
    def total(self) -> int:
        return sum(self.done.values())

    async def one(self) -> None:
        kind, act = self._random.choice(list(self.kinds().items()))
        try:
            streams = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            self.failed += 1
            return
        self.done[kind] = self.done.get(kind, 0) + 1
        try:
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await asyncio.wait_for(act(streams), PATIENCE_SECONDS)
        finally:
            gone(streams[1])

    def kinds(self) -> dict[str, Callable[[Streams], Awaitable[None]]]:
        return {
            "anonymous": self._anonymous,
            "hostile caller id": self._hostile,
            "forged lines": self._forged,
            "garbage": self._garbage,
            "half a line, closed": self._half,
            "half a line, reset": self._half_reset,
            "slow sender": self._slow,
            "too long": self._too_long,
            "no such route": self._no_route,
            "noise for replies": self._noise,
            "hangs up in the CAPTCHA": self._hangs_up,
            "vanishes in the CAPTCHA": self._vanishes,
            "presses keys in the CAPTCHA": self._presses,
            "goes at the verdict": self._goes,
        }

    def _environment(self, route: str = "screen", caller: str = "", pres: int = 0) -> bytes:
        self._number += 1
        number = caller or f"1612{self._random.randrange(2_000_000, 10_000_000)}"
        return ENVIRONMENT.format(route=route, n=self._number, caller=number, pres=pres).encode()

    async def _talk(self, streams: Streams, environment: bytes, answer: Callable[[int, bytes], bytes | None]) -> None:
        """Answers each command as `answer` says, until one is None or the other side is through."""
        reader, writer = streams
        writer.write(environment)
        count = 0
        while line := await reader.readline():
            said = answer(count, line)
            if said is None:
                return
            writer.write(said)
            count += 1

    async def _patient(self, streams: Streams, environment: bytes) -> None:
        """Hears everything, presses nothing."""
        await self._talk(streams, environment, lambda _, line: PLAYED if line.startswith(b"STREAM") else DONE)

    async def _anonymous(self, streams: Streams) -> None:
        await self._patient(streams, self._environment(caller="anonymous", pres=32))

    async def _hostile(self, streams: Streams) -> None:
        await self._patient(streams, self._environment(caller="+1415\x01\x02;drop\u202e'\""))

    async def _forged(self, streams: Streams) -> None:
        forged = "1415\nagi_uniqueid: evil\nagi_callerid: 911\nagi_x: 1"
        await self._patient(streams, self._environment(caller=forged))

    async def _garbage(self, streams: Streams) -> None:
        streams[1].write(os.urandom(self._random.randrange(1, 5000)))
        await streams[1].drain()

    async def _half(self, streams: Streams) -> None:
        streams[1].write(self._environment()[: self._random.randrange(1, 300)])
        await streams[1].drain()

    async def _half_reset(self, streams: Streams) -> None:
        await self._half(streams)
        taken: socket.socket = streams[1].get_extra_info("socket")
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    async def _slow(self, streams: Streams) -> None:
        text, pause = self._environment(), self._random.choice((SHORT, SHORT, LONG))
        for start in range(0, len(text), 150):
            streams[1].write(text[start : start + 150])
            await asyncio.sleep(pause)
        await self._patient(streams, b"")

    async def _too_long(self, streams: Streams) -> None:
        await self._patient(streams, b"agi_arg_1: " + b"x" * 40_000 + b"\n\n")

    async def _no_route(self, streams: Streams) -> None:
        await self._patient(streams, self._environment("nowhere"))

    async def _noise(self, streams: Streams) -> None:
        await self._talk(streams, self._environment(), lambda *_: NOISE)

    async def _hangs_up(self, streams: Streams) -> None:
        last = self._random.randrange(8)

        def answer(count: int, _: bytes) -> bytes:
            return PLAYED if count < last else b"200 result=-1\nHANGUP\n" if count == last else b"511 dead channel\n"

        await self._talk(streams, self._environment("captcha"), answer)

    async def _vanishes(self, streams: Streams) -> None:
        last = self._random.randrange(8)
        await self._talk(streams, self._environment("captcha"), lambda count, _: PLAYED if count < last else None)

    async def _presses(self, streams: Streams) -> None:
        def answer(_: int, line: bytes) -> bytes:
            key = 48 + self._random.randrange(10)
            return b"200 result=%d\n" % key if line.startswith((b"WAIT", b"STREAM", b"GET")) else DONE

        await self._talk(streams, self._environment("captcha"), answer)

    async def _goes(self, streams: Streams) -> None:
        await self._talk(streams, self._environment(), lambda *_: None)
