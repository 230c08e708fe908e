"""A caller's side of the audio: mu-law frames out and in, and key presses as RFC 4733 events or as tones.

Events: one packet each 20 ms while the key is down, the last sent 3 times more with the end mark, then silence.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.asterisk.mulaw import FRAME_SECONDS, FRAME_TICKS, KEYS, SILENCE, key_tone
from tests.asterisk.pacer import Pacer
from tests.asterisk.reception import Reception
from tests.asterisk.sip import HOST, TELEPHONE_EVENT

VOLUME = 10
HOLD_FRAMES, END_PACKETS, GAP_FRAMES = 8, 3, 4
Address = tuple[str, int]
# What leaves in one tick of 20 ms.
Batches = Iterator[list[bytes]]

__all__ = ["FRAME_SECONDS", "FRAME_TICKS", "SILENCE", "Address", "RtpPort", "RtpStream", "pause", "wake"]


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

    def key(self, key: str, hold: int = HOLD_FRAMES, gap: int = GAP_FRAMES) -> Batches:
        """One key press as an event, tick by tick."""
        code, start = KEYS.index(key), (self.timestamp + FRAME_TICKS) & 0xFFFFFFFF
        for step in range(1, hold + 1):
            event = struct.pack("!BBH", code, VOLUME, step * FRAME_TICKS)
            yield [self.packet(event, TELEPHONE_EVENT, marker=step == 1, at=start)]
        end = struct.pack("!BBH", code, VOLUME | 0x80, hold * FRAME_TICKS)
        yield [self.packet(end, TELEPHONE_EVENT, at=start) for _ in range(END_PACKETS)]
        yield from ([] for _ in range(gap - 1))
        self.timestamp = (start + (hold + gap - 1) * FRAME_TICKS) & 0xFFFFFFFF

    def key_in_band(self, key: str, hold: int = HOLD_FRAMES, gap: int = GAP_FRAMES) -> Batches:
        """One key press as sound."""
        audio = key_tone(key, hold * FRAME_SECONDS)
        for at in range(0, len(audio), FRAME_TICKS):
            yield [self.frame(audio[at : at + FRAME_TICKS])]
        yield from ([self.frame()] for _ in range(gap))


class RtpPort(asyncio.DatagramProtocol):
    """One UDP socket for audio: `heard` is what comes in; what goes out is paced by the loop's one Pacer."""

    def __init__(self) -> None:
        self.stream = RtpStream()
        self.remote: Address | None = None
        self.heard = Reception()
        self.received = 0
        self.sent = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._audio = b""
        self._at = 0
        self._presses: deque[tuple[Batches, asyncio.Future[None]]] = deque()

    @classmethod
    async def open(cls, keep_seconds: float = 0.0) -> RtpPort:
        """Binds a free loopback port; keeps that much of the audio that comes in."""
        loop = asyncio.get_running_loop()
        _, port = await loop.create_datagram_endpoint(cls, local_addr=(HOST, 0))
        port.heard.keep(keep_seconds)
        return port

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.received += 1
        self.heard.take(data)

    def send(self, packet: bytes) -> None:
        if self._transport is not None and self.remote is not None:
            self.sent += 1
            self._transport.sendto(packet, self.remote)

    async def press(self, keys: str, *, hold: int = HOLD_FRAMES, gap: int = GAP_FRAMES, in_band: bool = False) -> None:
        """Presses keys one after the other, in real time; talk goes on after the last."""
        press = self.stream.key_in_band if in_band else self.stream.key
        done = [self._queue(press(key, hold, gap)) for key in keys]
        try:
            for one in done:
                await one
        finally:
            for one in done:
                one.cancel()

    def _queue(self, batches: Batches) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._presses.append((batches, done))
        Pacer.here().add(self)
        return done

    def talk(self, audio: bytes = SILENCE) -> None:
        """Sends audio, looped, until hush(); by default the silence of a person who listens."""
        self._audio, self._at = audio, 0
        Pacer.here().add(self)

    def tick(self) -> bool:
        """The packets of the next 20 ms."""
        while self._presses:
            batches, done = self._presses[0]
            batch = None if done.cancelled() else next(batches, None)
            if batch is not None:
                for packet in batch:
                    self.send(packet)
                return True
            self._presses.popleft()
            wake(done)
        if not self._audio:
            return False
        chunk = self._audio[self._at : self._at + FRAME_TICKS]
        if len(chunk) < FRAME_TICKS:
            chunk += SILENCE[len(chunk) :]
        self._at += FRAME_TICKS
        if self._at >= len(self._audio):
            self._at = 0
        self.send(self.stream.frame(chunk))
        return True

    def hush(self) -> None:
        """Stops talking; keys that were begun are still pressed."""
        self._audio = b""

    def close(self) -> None:
        self.hush()
        for _, done in self._presses:
            done.cancel()
        self._presses.clear()
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
