"""What came in on one audio port: packets on the RTP time line, what was lost, and how evenly they came.

Nothing is kept unless asked for; listeners get each packet as it comes.
"""

from __future__ import annotations

import struct
import time
from array import array
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tests.asterisk.mulaw import FRAME_SECONDS, RATE, Samples, decode

HEADER = struct.Struct("!BBHII")
MULAW = 0
LONGEST_GAP_MS = 1000
# A time stamp this far from where the clock says it should be belongs to another stream.
ASTRAY_SECONDS = 5.0


class Packet(NamedTuple):
    """One packet of audio; `at` is where it begins, in samples since the first one."""

    sequence: int
    at: int
    arrived: float
    payload: bytes


Listen = Callable[[Packet], None]


class Reception:
    """One incoming stream. `keep(seconds)` before the call keeps that much audio, the newest."""

    def __init__(self) -> None:
        self.packets: deque[Packet] = deque(maxlen=0)
        self.listeners: list[Listen] = []
        self.count = 0
        self.lost = 0
        self.late = 0
        self.origin = 0.0
        self.jitter = 0.0
        # Time between neighbours of unbroken audio, in steps of a millisecond; the last step holds all longer ones.
        self.gaps = array("I", bytes(4 * (LONGEST_GAP_MS + 1)))
        self._ssrc = -1
        self._base = 0
        self._last = Packet(0, 0, 0.0, b"")

    def keep(self, seconds: float) -> None:
        """How much to remember, from now on."""
        self.packets = deque(self.packets, maxlen=int(seconds / FRAME_SECONDS))

    def take(self, data: bytes) -> None:
        """One datagram; what is no mu-law (key events, comfort noise) is only passed over in the sequence."""
        if len(data) <= HEADER.size:
            return
        _, kind, sequence, stamp, ssrc = HEADER.unpack_from(data)
        now = time.monotonic()
        if kind & 0x7F != MULAW:
            if ssrc == self._ssrc and (sequence - self._last.sequence) & 0xFFFF == 1:
                self._last = self._last._replace(sequence=sequence)
            return
        payload = data[HEADER.size :]
        if ssrc != self._ssrc:
            self._begin(ssrc, sequence, stamp, now)
        packet = self._placed(sequence, stamp, now, payload)
        self.count += 1
        if self.packets.maxlen:
            self.packets.append(packet)
        for listen in self.listeners:
            listen(packet)

    def _begin(self, ssrc: int, sequence: int, stamp: int, now: float) -> None:
        """A new stream goes on where the clock says."""
        self.origin = self.origin or now
        self._ssrc = ssrc
        self._base = stamp - int((now - self.origin) * RATE)
        self._last = Packet((sequence - 1) & 0xFFFF, stamp - self._base, 0.0, b"")

    def _placed(self, sequence: int, stamp: int, now: float, payload: bytes) -> Packet:
        last = self._last
        at = last.at + (((stamp - self._base - last.at + 0x80000000) & 0xFFFFFFFF) - 0x80000000)
        if abs(at / RATE - (now - self.origin)) > ASTRAY_SECONDS:
            self._base += at - int((now - self.origin) * RATE)
            at = int((now - self.origin) * RATE)
        step = (sequence - last.sequence) & 0xFFFF
        if step == 1 and last.payload:
            # Asterisk stamps the short last frame of a sound too early, by what it is short of.
            at = max(at, last.at + len(last.payload))
        packet = Packet(sequence, at, now, payload)
        if step >= 0x8000 or step == 0:
            self.late += 1
            self.lost -= step >= 0x8000 and self.lost > 0
            return packet
        self.lost += step - 1
        if step == 1 and last.arrived and at == last.at + len(last.payload):
            self._time(now - last.arrived, len(last.payload) / RATE)
        self._last = packet
        return packet

    def _time(self, gap: float, due: float) -> None:
        """RFC 3550's running mean, and the gap itself."""
        self.jitter += (abs(gap - due) - self.jitter) / 16
        self.gaps[min(int(gap * 1000), LONGEST_GAP_MS)] += 1

    def gap(self, share: float = 1.0) -> float:
        """The gap, in seconds, that this share of all is not longer than; 1.0 is the longest, to the millisecond."""
        seen = np.frombuffer(self.gaps, np.uint32).cumsum()
        if not seen[-1]:
            return 0.0
        return float(np.searchsorted(seen, np.ceil(share * int(seen[-1])))) / 1000

    def samples(self) -> Samples:
        """The kept audio on its time line, from the first kept packet on; silence where nothing came."""
        if not self.packets:
            return np.zeros(0, np.int16)
        start = min(packet.at for packet in self.packets)
        end = max(packet.at + len(packet.payload) for packet in self.packets)
        audio = np.zeros(end - start, np.int16)
        for packet in self.packets:
            audio[packet.at - start : packet.at - start + len(packet.payload)] = decode(packet.payload)
        return audio
