"""What stands in place of a caller's number where `[privacy] numbers = "hashed"`: a keyed hash after its beginning.

`+1415555~4vk3f7…2`: the first digits (so that blocks can still be investigated), how many digits are hidden, what kind
of number it was, sixteen signs of keyed BLAKE2b, and a digit of it at the end, as every number here has one.
"""

from __future__ import annotations

import re
from base64 import b32encode
from hashlib import blake2b

from agi_screen.base.call import Number, NumberKind

LEAST_KEY = 32  # bytes
LEAST_HIDDEN = 4  # digits: a beginning never tells a whole number
SHORT_FORM = 6  # signs of the hash that people are shown
_LONGEST_KEY = 64  # what BLAKE2b takes
_PERSON = b"agi-screen num"
_CHECK = b"agi-screen chk"
_SHAPE = re.compile(r"(\+[0-9]{1,14})?~([0-9a-f])([vis])([a-z2-7]{16})([0-9])")
_LETTERS = {NumberKind.VALID: "v", NumberKind.INVALID: "i", NumberKind.SHORT: "s"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


class Pseudonyms:
    """Numbers → pseudonyms under one key; `prefix` digits stay legible. Costs some microseconds a number."""

    def __init__(self, key: bytes, prefix: int) -> None:
        if len(key) < LEAST_KEY:
            raise ValueError(f"the key has {len(key)} bytes, it needs {LEAST_KEY} or more")
        self._key = key if len(key) <= _LONGEST_KEY else blake2b(key).digest()
        self._prefix = prefix

    def __repr__(self) -> str:
        return "Pseudonyms(key hidden)"

    def of(self, number: Number) -> str:
        """The pseudonym; of no number the kind of its absence."""
        letter = _LETTERS.get(number.kind)
        if letter is None:
            return number.kind._value_
        text = number.e164
        kept = max(0, min(self._prefix, len(text) - 1 - LEAST_HIDDEN)) if text else 0
        start, hidden = (text[: kept + 1], len(text) - 1 - kept) if kept else ("", 0)
        said = (text or number.raw).encode("utf-8", "surrogatepass")
        digest = blake2b(said, digest_size=11, key=self._key, person=_PERSON).digest()
        return f"{start}~{hidden:x}{letter}{b32encode(digest[:10]).decode().lower()}{digest[10] % 10}"

    @property
    def check(self) -> str:
        """What tells this key from another, and nothing of the key itself."""
        return blake2b(b"", digest_size=8, key=self._key, person=_CHECK).hexdigest()


def is_pseudonym(text: str) -> bool:
    """Whether this is one, of whatever key."""
    return "~" in text and _SHAPE.fullmatch(text) is not None


def number_of(pseudonym: str) -> Number | None:
    """A number such as judge and blocks can work with: its beginning is true, its last digits come of the hash."""
    found = _SHAPE.fullmatch(pseudonym)
    if found is None:
        return None
    start, hidden, letter, signs, _ = found.groups()
    digits = int(hidden, 16)
    e164 = f"{start}{hash_number(signs) % 10**digits:0{digits}d}" if start and digits else ""
    return Number(pseudonym, e164, _KINDS[letter], pseudonym)


def hash_number(signs: str) -> int:
    """The hash as a number, from its signs."""
    return int.from_bytes(signs.encode(), "big") % ((1 << 61) - 1)


def beginning(caller: str, open_digits: int) -> str:
    """The block of a caller that leaves so many digits open, or the smallest one that a pseudonym tells."""
    start, tilde, rest = caller.partition("~")
    if not tilde:
        return caller[:-open_digits]
    more = open_digits - int(rest[:1] or "0", 16) if rest[:1] in "0123456789abcdef" else 0
    return start[:-more] if more > 0 else start


def short_form(caller: str) -> str:
    """As people are shown it: enough to tell one caller from another."""
    start, tilde, rest = caller.partition("~")
    return f"{start}~{rest[2 : 2 + SHORT_FORM]}" if tilde and is_pseudonym(caller) else caller


def key_bytes(written: str) -> bytes:
    """The key of a file or variable: hex as `privacy make-key` writes it, or any text of 32 bytes and more.
    Raises ValueError, which does not say the key."""
    text = written.strip()
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", text):
        key = bytes.fromhex(text)
        if len(key) >= LEAST_KEY:
            return key
    key = text.encode("utf-8", "surrogateescape")
    if len(key) < LEAST_KEY:
        raise ValueError(f"a key of {LEAST_KEY} bytes or more is needed: make one with `agi-screen privacy make-key`")
    return key
