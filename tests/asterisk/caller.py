"""A caller at the other end of the trunk: one real SIP call, timed to the microsecond.

People, bots and attackers are all made of it; From, Request-URI and headers are sent exactly as given.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Literal, Self, TypeVar

from tests.asterisk import sip
from tests.asterisk.mulaw import FRAME_SECONDS
from tests.asterisk.rtp import GAP_FRAMES, HOLD_FRAMES, Address, RtpPort, pause, wake
from tests.asterisk.sip import HOST, Message

RESEND_SECONDS = (0.5, 1.0, 2.0, 4.0)
Header = tuple[str, str | bytes]
Dtmf = Literal["rfc4733", "info", "inband"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dial:
    """What to call and how to look. `from_` and `request_uri` replace the well-formed ones as they stand.

    A telephone that sends keys by INFO or as tones offers no telephone-events.
    """

    port: int
    number: str = "18005550100"
    caller: str = "+14155550123"
    name: str | bytes = ""
    from_: str | bytes = ""
    request_uri: str = ""
    headers: tuple[Header, ...] = ()
    dtmf: Dtmf = "rfc4733"

    @property
    def events(self) -> bool:
        return self.dtmf == "rfc4733"

    @property
    def target(self) -> str:
        return self.request_uri or f"sip:{self.number}@{HOST}:{self.port}"

    def origin(self, tag: str) -> bytes:
        """The From header."""
        if self.from_:
            given = self.from_ if isinstance(self.from_, bytes) else self.from_.encode()
            return given + b";tag=" + tag.encode()
        name = self.name if isinstance(self.name, bytes) else self.name.encode()
        shown = b'"' + name + b'" ' if name else b""
        return shown + f"<sip:{self.caller}@{HOST}>;tag={tag}".encode()


@dataclass(slots=True)
class Marks:
    """Moments of one call on the monotonic clock, in seconds; 0 for what did not happen."""

    invite: float = 0.0
    trying: float = 0.0
    ringing: float = 0.0
    final: float = 0.0
    end: float = 0.0

    @property
    def post_dial_delay(self) -> float:
        """INVITE to the final answer."""
        return self.final - self.invite


@dataclass(slots=True)
class Dialog:
    """The identifiers of the call, and what the other side told of itself."""

    call_id: str = field(default_factory=sip.token)
    tag: str = field(default_factory=sip.token)
    branch: str = field(default_factory=sip.token)
    to: str = ""
    contact: str = ""
    sequence: int = 1


class Caller(asyncio.DatagramProtocol):
    """One call. `status` resolves with the final SIP code, `ended` with who ended it."""

    def __init__(self, dial: Dial, media: RtpPort) -> None:
        loop = asyncio.get_running_loop()
        self.dial, self.media = dial, media
        self.marks, self.dialog = Marks(), Dialog(to=f"<{dial.target}>")
        self.status: asyncio.Future[int] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()
        self.early: asyncio.Future[int] = loop.create_future()
        self.codes: list[int] = []
        self.reason = ""
        self._transport: asyncio.DatagramTransport | None = None
        self._resend: asyncio.TimerHandle | None = None
        self._infos: dict[str, asyncio.Future[None]] = {}

    @classmethod
    async def place(cls, dial: Dial, keep_seconds: float = 0.0) -> Self:
        """Opens the sockets and sends the INVITE; `media.heard` keeps that much of what is heard."""
        media = await RtpPort.open(keep_seconds)
        loop = asyncio.get_running_loop()
        _, call = await loop.create_datagram_endpoint(lambda: cls(dial, media), local_addr=(HOST, 0))
        call.marks.invite = time.monotonic()
        call._invite(call._request("INVITE", sip.sdp(media.port, events=dial.events)), 0)
        return call

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.hang_up()
        self.close()

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    @property
    def answered(self) -> bool:
        return self.status.done() and self.status.result() < 300

    async def final(self, seconds: float = 10.0) -> int:
        """The final code, within a bound."""
        return await within(self.status, seconds)

    async def over(self, seconds: float = 10.0) -> str:
        """Waits for the end of the call: `theirs`, `ours` or `refused`."""
        return await within(self.ended, seconds)

    async def audible(self, seconds: float = 10.0) -> int:
        """Waits until there is audio: 183 with SDP, or the answer."""
        return await within(self.early, seconds)

    async def press(self, keys: str, *, hold: int = HOLD_FRAMES, gap: int = GAP_FRAMES) -> None:
        """Presses keys in the way of this telephone; held, and apart, for so many frames of 20 ms."""
        if self.dial.dtmf != "info":
            await self.media.press(keys, hold=hold, gap=gap, in_band=self.dial.dtmf == "inband")
            return
        for key in keys:
            await pause(hold * FRAME_SECONDS)
            await self._inform(key, int(hold * FRAME_SECONDS * 1000))
            await pause(gap * FRAME_SECONDS)

    async def _inform(self, key: str, milliseconds: int) -> None:
        """One key as SIP INFO, sent again until it is answered."""
        packet = self._request("INFO", f"Signal={key}\r\nDuration={milliseconds}\r\n", kind="application/dtmf-relay")
        number = str(self.dialog.sequence)
        self._infos[number] = done = asyncio.get_running_loop().create_future()
        try:
            for wait in RESEND_SECONDS:
                self._send(packet)
                if (await asyncio.wait({done}, timeout=wait))[0] or self.ended.done():
                    return
        finally:
            del self._infos[number]

    def hang_up(self) -> None:
        """BYE after the answer, CANCEL before it; nothing where the call is over."""
        if self.ended.done():
            return
        self._send(self._request("BYE" if self.answered else "CANCEL"))
        self._end("ours")

    def close(self) -> None:
        """Frees the sockets."""
        self._stop_resending()
        self.media.close()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        message = sip.parse(data)
        if message is None:
            return
        if message.status == 0:
            self._asked(message)
        elif message.method == "INVITE":
            self._told(message)
        elif message.method == "INFO" and (done := self._infos.get(message.header("cseq").split()[0])):
            wake(done)

    def _told(self, message: Message) -> None:
        """A response to our INVITE."""
        self._stop_resending()
        now, code = time.monotonic(), message.status
        if not self.status.done():
            self.codes.append(code)
        if message.media_port:
            self._hear(message)
        if code > 100:
            self.dialog.to = message.header("to")
            self.dialog.contact = sip.uri(message.header("contact"), self.dial.target)
        if code < 200:
            self.marks.trying = self.marks.trying or now
            if code > 100:
                self.marks.ringing = self.marks.ringing or now
            return
        self._send(self._request("ACK", own_branch=code >= 300))
        if not self.status.done():
            self._settle(message, now)

    def _settle(self, message: Message, now: float) -> None:
        self.marks.final, self.reason = now, message.header("reason")
        self.status.set_result(message.status)
        if message.status >= 300:
            self._end("refused")

    def _hear(self, message: Message) -> None:
        self.media.remote = (HOST, message.media_port)
        # Asterisk's Answer() waits half a second for the first audio: a telephone sends it at once.
        self.media.send(self.media.stream.frame())
        if not self.early.done():
            self.early.set_result(message.status)

    def _asked(self, message: Message) -> None:
        """A request from Asterisk: everything is agreed to; BYE ends the call."""
        if message.method == "ACK":
            return
        body = sip.sdp(self.media.port, events=self.dial.events) if message.method == "INVITE" else ""
        self._send(sip.response(message, 200, "OK", self.dialog.tag, self.port, body))
        if message.method == "BYE":
            self.reason = message.header("reason")
            self._end("theirs")

    def _end(self, who: str) -> None:
        if not self.ended.done():
            self.marks.end = time.monotonic()
            self.ended.set_result(who)
        self.media.hush()

    def _request(
        self, method: str, body: str = "", *, own_branch: bool = False, kind: str = "application/sdp"
    ) -> bytes:
        """A request of this call; ACK to a refusal and CANCEL repeat the INVITE's branch and address."""
        dialog = self.dialog
        same = own_branch or method in {"INVITE", "CANCEL"}
        target = self.dial.target if same else dialog.contact or self.dial.target
        branch = dialog.branch if same else sip.token()
        number = 1
        if method in {"BYE", "INFO"}:
            number = dialog.sequence = dialog.sequence + 1
        to = f"<{self.dial.target}>" if method == "CANCEL" else dialog.to
        headers: list[Header] = [("Via", f"SIP/2.0/UDP {HOST}:{self.port};branch=z9hG4bK{branch};rport")]
        headers += [("Max-Forwards", "70"), ("From", self.dial.origin(dialog.tag)), ("To", to)]
        headers += [("Call-ID", dialog.call_id), ("CSeq", f"{number} {method}")]
        headers.append(("Contact", f"<sip:caller@{HOST}:{self.port}>"))
        extra = self.dial.headers if method == "INVITE" else ()
        return sip.build(f"{method} {target} SIP/2.0", [*headers, *extra], body, kind)

    def _invite(self, packet: bytes, attempt: int) -> None:
        self._send(packet)
        if attempt < len(RESEND_SECONDS):
            loop = asyncio.get_running_loop()
            self._resend = loop.call_later(RESEND_SECONDS[attempt], self._invite, packet, attempt + 1)

    def _stop_resending(self) -> None:
        if self._resend is not None:
            self._resend.cancel()
            self._resend = None

    def _send(self, packet: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(packet, (HOST, self.dial.port))


async def within(future: asyncio.Future[T], seconds: float) -> T:
    """Waits without cancelling what others may wait for too."""
    return await asyncio.wait_for(asyncio.shield(future), seconds)
