"""What a STIR/SHAKEN Identity header says of itself. It is any caller's text: nothing in it is verified here.

Read with patterns instead of a JSON parser: this stands on the path of a call, and no nesting can make it slow.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64
from typing import NamedTuple

MAX_PAYLOAD = 2048  # of real ones some 250 characters; what is longer is read as far as this
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
# RFC 8225 wants keys in alphabetical order and no blanks: first the whole in one go, then each claim where it stands.
_USUAL = re.compile(rb'{"attest":"([ABC])","dest":{"tn":\["(\d{1,15})"\]},"iat":\d{1,12},"orig":{"tn":"(\d{1,15})"}')
_ATTEST = re.compile(rb'"attest":"([ABC])"')
_DESTINATION = re.compile(rb'"dest":{"tn":\[((?:"\d{1,15}",?){1,8})\]')
_ORIGIN = re.compile(rb'"orig":{"tn":"(\d{1,15})"')
_NUMBERS = re.compile(rb"\d+")


class Passport(NamedTuple):
    """`attest` is `A`, `B`, `C` or empty; numbers are digits without a plus, empty where the token names none."""

    attest: str = ""
    origin: str = ""
    destinations: tuple[str, ...] = ()


NOTHING = Passport()


def read_passport(identity: str) -> Passport:
    """The claims of the header's token (RFC 8225, RFC 8588); what is no token claims nothing. Never raises."""
    start = identity.find(".") + 1
    end = identity.find(".", start)
    if start == 0 or end <= start:
        return NOTHING
    payload = _decoded(identity[start : min(end, start + MAX_PAYLOAD)])
    usual = _USUAL.match(payload)
    if usual is not None:
        attest, destination, origin = usual.groups()
        return Passport(attest.decode(), origin.decode(), (destination.decode(),))
    return _claim_by_claim(payload)


def _claim_by_claim(payload: bytes) -> Passport:
    attest, origin, destination = _ATTEST.search(payload), _ORIGIN.search(payload), _DESTINATION.search(payload)
    return Passport(
        attest[1].decode() if attest else "",
        origin[1].decode() if origin else "",
        tuple(number.decode() for number in _NUMBERS.findall(destination[1])) if destination else (),
    )


def _decoded(text: str) -> bytes:
    """Base64url without its padding; of a text cut in the middle, what was whole."""
    try:
        # Four signs of padding are always enough, and more than needed is passed over.
        return a2b_base64(text.encode("ascii").translate(_URL_SAFE) + b"====")
    except (Error, UnicodeEncodeError):
        return b""
