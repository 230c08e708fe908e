"""The operators: one SIP user agent that answers the queue's calls, up to as many at once as there are people."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Self

from tests.asterisk import sip
from tests.asterisk.caller import within
from tests.asterisk.rtp import Address, RtpPort
from tests.asterisk.sip import HOST, Message


@dataclass(slots=True)
class DeskCall:
    """One call at the desk. `caller` is the From header the operator's phone would show."""

    invite: Message
    came_from: Address
    tag: str = field(default_factory=sip.token)
    answered: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    closing: asyncio.TimerHandle | None = None

    @property
    def caller(self) -> str:
        return self.invite.header("from")


class Desk(asyncio.DatagramProtocol):
    """`async with await Desk.open(port, hold=60) as desk:` answers; each call is ended after `hold` seconds."""

    def __init__(self, hold: float, operators: int, media: RtpPort) -> None:
        self.hold, self.operators, self.media = hold, operators, media
        self.calls: dict[str, DeskCall] = {}
        self.busy_answers = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, port: int, hold: float = 60.0, operators: int = 100) -> Self:
        """Sits down at the port the lab's operator contact names."""
        media = await RtpPort.open()
        loop = asyncio.get_running_loop()
        _, desk = await loop.create_datagram_endpoint(lambda: cls(hold, operators, media), local_addr=(HOST, port))
        return desk

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()

    @property
    def talking(self) -> int:
        """Calls at the desk now."""
        return sum(1 for call in self.calls.values() if not call.ended)

    def calls_of(self, number: str) -> list[DeskCall]:
        """The calls of one caller; those of an earlier test that still rings are none of ours."""
        return [call for call in self.calls.values() if f"{number}@" in call.caller]

    async def reached(self, count: int, seconds: float = 10.0) -> list[DeskCall]:
        """Waits until that many calls in all have reached an operator."""
        if len(self.calls) < count:
            enough: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((count, enough))
            await within(enough, seconds)
        return list(self.calls.values())

    def close(self) -> None:
        """Hangs up on everyone and frees the sockets."""
        for call_id, call in self.calls.items():
            if not call.ended:
                self._bye(call_id)
        self.media.close()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        message = sip.parse(data)
        if message is None or message.status or message.method == "ACK":
            return
        call_id = message.header("call-id")
        known = self.calls.get(call_id)
        if message.method == "INVITE":
            self._ring(message, addr, known)
            return
        self._answer(message, addr, known.tag if known else sip.token())
        if known and message.method == "BYE":
            self._over(known)

    def _ring(self, message: Message, addr: Address, known: DeskCall | None) -> None:
        if known is None and self.talking >= self.operators:
            self.busy_answers += 1
            self._send(sip.response(message, 486, "Busy Here", sip.token(), self._port), addr)
            return
        if known is None:
            call_id = message.header("call-id")
            known = self.calls[call_id] = DeskCall(message, addr)
            loop = asyncio.get_running_loop()
            known.closing = loop.call_later(self.hold, self._bye, call_id)
            self._tell()
        self._answer(message, addr, known.tag, sip.sdp(self.media.port))

    def _tell(self) -> None:
        for count, enough in self._waiting:
            if len(self.calls) >= count and not enough.done():
                enough.set_result(None)

    def _over(self, call: DeskCall) -> None:
        call.ended = time.monotonic()
        if call.closing is not None:
            call.closing.cancel()

    def _bye(self, call_id: str) -> None:
        """The operator hangs up: in our BYE, From and To change places."""
        call = self.calls[call_id]
        self._over(call)
        invite = call.invite
        target = sip.uri(invite.header("contact"), f"sip:{HOST}:{call.came_from[1]}")
        headers: list[tuple[str, str | bytes]] = [sip.via(self._port), ("Max-Forwards", "70")]
        headers += [("From", f"{invite.header('to')};tag={call.tag}"), ("To", invite.header("from"))]
        headers += [("Call-ID", call_id), ("CSeq", "100 BYE")]
        self._send(sip.build(f"BYE {target} SIP/2.0", headers), call.came_from)

    @property
    def _port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def _answer(self, message: Message, addr: Address, tag: str, body: str = "") -> None:
        self._send(sip.response(message, 200, "OK", tag, self._port, body), addr)

    def _send(self, packet: bytes, addr: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(packet, addr)
