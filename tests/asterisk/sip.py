"""SIP messages and SDP as text: what the test callers and operators send, and how they read what comes back.

Deliberately permissive when building: hostile tests put anything into a header.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

HOST = "127.0.0.1"
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}
TELEPHONE_EVENT = 101


@dataclass(frozen=True, slots=True)
class Message:
    """One parsed request or response; header names in lower case, in the order they came."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def status(self) -> int:
        """The code of a response, 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """The method of a request; of a response, the method it answers."""
        return self.header("cseq").split()[-1] if self.status else self.start.split()[0]

    def header(self, name: str) -> str:
        """The first header of that name, else the empty string."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every header of that name."""
        return [value for key, value in self.headers if key == name]

    @property
    def media_port(self) -> int:
        """The audio port of the SDP body, 0 where there is none."""
        found = re.search(r"^m=audio (\d+) ", self.body, re.MULTILINE)
        return int(found[1]) if found else 0


def parse(data: bytes) -> Message | None:
    """Reads a datagram; None for what is no SIP (keep-alives)."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    if "SIP/2.0" not in start:
        return None
    pairs = (line.partition(":") for line in lines)
    named = ((key.strip().lower(), value.strip()) for key, _, value in pairs)
    return Message(start, tuple((COMPACT.get(key, key), value) for key, value in named), body)


def build(start: str, headers: list[tuple[str, str | bytes]], body: str = "", kind: str = "application/sdp") -> bytes:
    """A datagram; header values may be bytes, for text that is no UTF-8. `kind` is of the body."""
    lines = [start.encode()]
    for name, value in headers:
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    if body:
        lines.append(f"Content-Type: {kind}".encode())
    lines.append(f"Content-Length: {len(body)}".encode())
    return b"\r\n".join(lines) + b"\r\n\r\n" + body.encode()


def response(request: Message, code: int, reason: str, tag: str, port: int, body: str = "") -> bytes:
    """An answer to a request that came in."""
    to = request.header("to")
    headers: list[tuple[str, str | bytes]] = [("Via", via) for via in request.all("via")]
    headers += [("From", request.header("from")), ("To", to if "tag=" in to else f"{to};tag={tag}")]
    headers += [("Call-ID", request.header("call-id")), ("CSeq", request.header("cseq"))]
    headers.append(("Contact", f"<sip:lab@{HOST}:{port}>"))
    return build(f"SIP/2.0 {code} {reason}", headers, body)


def sdp(port: int, *, events: bool = True) -> str:
    """An offer or answer of mu-law and, unless the telephone knows none, RFC 4733 key presses."""
    lines = ["v=0", f"o=lab 1 1 IN IP4 {HOST}", "s=lab", f"c=IN IP4 {HOST}", "t=0 0"]
    lines += [f"m=audio {port} RTP/AVP 0" + f" {TELEPHONE_EVENT}" * events, "a=rtpmap:0 PCMU/8000"]
    if events:
        lines += [f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000", f"a=fmtp:{TELEPHONE_EVENT} 0-16"]
    return "\r\n".join([*lines, "a=ptime:20", "a=sendrecv"]) + "\r\n"


def token() -> str:
    """A fresh tag, branch or call id."""
    return secrets.token_hex(8)


def via(port: int) -> tuple[str, str]:
    """A Via header for a new transaction."""
    return ("Via", f"SIP/2.0/UDP {HOST}:{port};branch=z9hG4bK{token()};rport")


def uri(header: str, default: str) -> str:
    """The address inside a Contact header."""
    found = re.search(r"<([^>]+)>", header)
    return found[1] if found else default
