"""Secrets that nobody remembers: 256 random bits each. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets

TOKEN = "ags_"  # noqa: S105 - what tokens begin with, so that a scanner of source code finds a lost one


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept: so many random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def csrf_of(session: str) -> str:
    """The CSRF token of a session: known to who knows the session, and to nobody else."""
    return hmac.new(session.encode("utf-8", "replace"), b"agi-screen csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compared in the same time, however much is alike."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
