"""Places of a page, as text that tells nothing: they may hold a number that who asks is not to see."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_KEY = secrets.token_bytes(32)  # a page asked for after a restart begins anew
_TAG = 12


def seal(text: str) -> str:
    """The same text gives the same seal."""
    plain = text.encode()
    tag = _tag(plain)
    return base64.urlsafe_b64encode(tag + _crossed(plain, tag)).decode().rstrip("=")


def unseal(sealed: str) -> str:
    """Raises ValueError for anything but what `seal` gave since the start."""
    found = base64.urlsafe_b64decode(sealed.encode() + b"=" * (-len(sealed) % 4))
    tag, plain = found[:_TAG], _crossed(found[_TAG:], found[:_TAG])
    if not hmac.compare_digest(tag, _tag(plain)):
        raise ValueError("is none of this desk's")
    return plain.decode()


def _tag(plain: bytes) -> bytes:
    return hashlib.blake2b(plain, key=_KEY, digest_size=_TAG).digest()


def _crossed(text: bytes, tag: bytes) -> bytes:
    stream = hashlib.shake_256(_KEY + tag).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, stream, strict=True))
