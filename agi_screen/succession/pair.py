"""The two ends between a daemon and its successor: JSON lines, and once, at the begin, what it listens on."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Sequence
from typing import Any

from agi_screen.base.errors import AgiScreenError

VARIABLE = "AGI_SCREEN_SUCCEEDS"  # the descriptor of the successor's end
MOST_BYTES = 64 * 1024 * 1024
MOST_SOCKETS = 16
Message = dict[str, Any]


class SuccessionError(AgiScreenError):
    """The hand-over does not take place; says why."""


def inherited() -> Pair | None:
    """The end that the daemon before us left for us; None for a daemon that was started as usual."""
    number = os.environ.pop(VARIABLE, "")
    if not number.isdecimal():
        return None
    os.set_inheritable(int(number), False)
    return Pair(socket.socket(fileno=int(number)))


class Pair:
    """`open` it inside the running loop before `send` and `receive`; each message is one JSON object with `is`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    def give(self, said: Message, descriptors: Sequence[int]) -> None:
        """The first message of the elder, with descriptors. Raises OSError."""
        socket.send_fds(self._sock, [_line(said)], list(descriptors))

    def take(self) -> tuple[Message, list[int]]:
        """The same at the other end: waits for it. Raises SuccessionError."""
        data, descriptors, _, _ = socket.recv_fds(self._sock, 65_536, MOST_SOCKETS)
        for number in descriptors:
            os.set_inheritable(number, False)
        return _understood(data), descriptors

    def fail(self, why: str) -> None:
        """Says why there will be no successor."""
        self._sock.setblocking(True)
        self._sock.sendall(_line({"is": "failed", "why": why}))

    async def open(self) -> None:
        made = asyncio.open_unix_connection(sock=self._sock.dup(), limit=MOST_BYTES)
        self._reader, self._writer = await made

    def send(self, message: str, **fields: Any) -> None:
        """Never waits."""
        assert self._writer is not None
        self._writer.write(_line({"is": message, **fields}))

    async def drain(self) -> None:
        """Waits until what was sent is on its way. Raises OSError where nobody is there."""
        assert self._writer is not None
        await self._writer.drain()

    async def receive(self) -> Message | None:
        """The next message; None at the end. Raises SuccessionError."""
        assert self._reader is not None
        try:
            line = await self._reader.readline()
        except OSError:
            return None
        except ValueError as error:
            raise SuccessionError(f"a message over {MOST_BYTES} bytes") from error
        return _understood(line) if line else None

    async def expect(self, wanted: str) -> Message:
        """The next message, which must be this one. Raises SuccessionError."""
        got = await self.receive()
        if got is None:
            raise SuccessionError("the other process ended")
        if got["is"] == "failed":
            raise SuccessionError(str(got.get("why")))
        if got["is"] != wanted:
            raise SuccessionError(f"{got['is']!r} came in place of {wanted!r}: are both of one version?")
        return got

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._sock.close()


def _line(message: Message) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def _understood(line: bytes) -> Message:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise SuccessionError(f"a message that is no JSON: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("is"), str):
        raise SuccessionError("a message without its name")
    return found
