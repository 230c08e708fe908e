"""A caller's side of the audio: mu-law frames out and in, and RFC 4733 key presses.

Keys: 8 packets 20 ms apart, the last sent 3 times more with the end mark, 80 ms of silence between keys.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.asterisk.sip import HOST, TELEPHONE_EVENT

FRAME_SECONDS = 0.02
FRAME_TICKS = 160
SILENCE = b"\xff" * FRAME_TICKS
KEYS = "0123456789*#"
VOLUME = 10
EVENT_PACKETS, END_PACKETS, GAP_FRAMES = 8, 3, 4
Address = tuple[str, int]


@dataclass(slots=True)
class RtpStream:
    """Sequence numbers and time stamps of one outgoing stream; makes packets, sends nothing."""

    ssrc: int = field(default_factory=lambda: random.getrandbits(32))
    sequence: int = field(default_factory=lambda: random.getrandbits(15))
    timestamp: int = field(default_factory=lambda: random.getrandbits(31))

    def packet(self, payload: bytes, kind: int, *, marker: bool = False, at: int | None = None) -> bytes:
        """The next packet; `at` keeps the time stamp of an event that goes on."""
        self.sequence = (self.sequence + 1) & 0xFFFF
        stamp = self.timestamp if at is None else at
        return struct.pack("!BBHII", 0x80, kind | (marker << 7), self.sequence, stamp, self.ssrc) + payload

    def frame(self, audio: bytes = SILENCE) -> bytes:
        """20 ms of mu-law."""
        self.timestamp = (self.timestamp + FRAME_TICKS) & 0xFFFFFFFF
        return self.packet(audio, 0)

    def key(self, key: str) -> Iterator[tuple[float, bytes]]:
        """One key press: packets, each with the seconds to wait after it."""
        code, start = KEYS.index(key), self.timestamp
        for step in range(1, EVENT_PACKETS + 1):
            event = struct.pack("!BBH", code, VOLUME, step * FRAME_TICKS)
            yield FRAME_SECONDS, self.packet(event, TELEPHONE_EVENT, marker=step == 1, at=start)
        end = struct.pack("!BBH", code, VOLUME | 0x80, EVENT_PACKETS * FRAME_TICKS)
        for left in reversed(range(END_PACKETS)):
            wait = 0.0 if left else FRAME_SECONDS * GAP_FRAMES
            yield wait, self.packet(end, TELEPHONE_EVENT, at=start)
        self.timestamp = (start + (EVENT_PACKETS + GAP_FRAMES) * FRAME_TICKS) & 0xFFFFFFFF


class RtpPort(asyncio.DatagramProtocol):
    """One UDP socket for audio: counts what comes in, sends paced packets out."""

    def __init__(self) -> None:
        self.stream = RtpStream()
        self.remote: Address | None = None
        self.received = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._talking: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls) -> RtpPort:
        """Binds a free loopback port."""
        loop = asyncio.get_running_loop()
        _, port = await loop.create_datagram_endpoint(cls, local_addr=(HOST, 0))
        return port

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.received += 1

    def send(self, packet: bytes) -> None:
        if self._transport is not None and self.remote is not None:
            self._transport.sendto(packet, self.remote)

    async def press(self, keys: str) -> None:
        """Presses keys one after the other, in real time."""
        self.hush()
        for key in keys:
            for wait, packet in self.stream.key(key):
                self.send(packet)
                if wait:
                    await pause(wait)

    def talk(self, audio: bytes = SILENCE) -> None:
        """Sends audio, looped, until hush(); by default the silence of a person who listens."""
        self.hush()
        self._talking = asyncio.create_task(self._talk(audio))

    async def _talk(self, audio: bytes) -> None:
        loop = asyncio.get_running_loop()
        due, at = loop.time(), 0
        while True:
            chunk = (audio[at : at + FRAME_TICKS] + SILENCE)[:FRAME_TICKS]
            self.send(self.stream.frame(chunk))
            at = (at + FRAME_TICKS) % len(audio)
            due += FRAME_SECONDS
            await pause(max(0.0, due - loop.time()))

    def hush(self) -> None:
        """Stops talking."""
        if self._talking is not None:
            self._talking.cancel()
            self._talking = None

    def close(self) -> None:
        self.hush()
        if self._transport is not None:
            self._transport.close()


async def pause(seconds: float) -> None:
    """The pace of real audio, by the loop's own timer; no test waits for a state this way."""
    due: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    handle = asyncio.get_running_loop().call_later(seconds, wake, due)
    try:
        await due
    finally:
        handle.cancel()


def wake(due: asyncio.Future[None]) -> None:
    """Ends a pause, unless it was cancelled in the same turn of the loop."""
    if not due.done():
        due.set_result(None)
