"""SipHash-1-3 in pure Python, to the same bits as cext/siphash.pxd: a snapshot fits both tables."""

from __future__ import annotations

from sys import byteorder
from typing import Final

_MASK: Final = (1 << 64) - 1
_START: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)

Sip = tuple[int, int, int, int]


def _round(a: int, b: int, c: int, d: int) -> Sip:
    a = (a + b) & _MASK
    b = ((b << 13 | b >> 51) & _MASK) ^ a
    a = (a << 32 | a >> 32) & _MASK
    c = (c + d) & _MASK
    d = ((d << 16 | d >> 48) & _MASK) ^ c
    a = (a + d) & _MASK
    d = ((d << 21 | d >> 43) & _MASK) ^ a
    c = (c + b) & _MASK
    b = ((b << 17 | b >> 47) & _MASK) ^ c
    return a, b, (c << 32 | c >> 32) & _MASK, d


def start(seed: bytes, kind: int, width: int) -> Sip:
    """The state after its first word: the kind of key and the bytes of a character."""
    key0, key1 = int.from_bytes(seed[:8], byteorder), int.from_bytes(seed[8:], byteorder)
    word = kind | width << 32
    a, b, c, d = _round(key0 ^ _START[0], key1 ^ _START[1], key0 ^ _START[2], key1 ^ _START[3] ^ word)
    return a ^ word, b, c, d


def finish(state: Sip, data: bytes) -> int:
    """The hash of the started state's word and these bytes."""
    a, b, c, d = state
    whole = len(data) & ~7
    for at in range(0, whole, 8):
        word = int.from_bytes(data[at : at + 8], byteorder)
        a, b, c, d = _round(a, b, c, d ^ word)
        a ^= word
    word = (len(data) + 8 & 0xFF) << 56 | int.from_bytes(data[whole:], "little")
    a, b, c, d = _round(a, b, c, d ^ word)
    a, b, c, d = _round(*_round(*_round(a ^ word, b, c ^ 0xFF, d)))
    return a ^ b ^ c ^ d


def plain_bytes(key: str) -> tuple[int, bytes]:
    """Bytes of a character (1, 2 or 4) and the text in that width, as CPython keeps it; lone surrogates included."""
    top = ord(max(key, default="\0"))
    if top < 0x100:
        return 1, key.encode("latin-1")
    order = "le" if byteorder == "little" else "be"
    width, codec = (2, f"utf-16-{order}") if top < 0x10000 else (4, f"utf-32-{order}")
    return width, key.encode(codec, "surrogatepass")
