"""What machines write into Redis for each other is sealed with the secret they share, and not hidden by it.

Who has got into Redis, and does not have the secret, can take words away, but cannot put any into a machine's mouth.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final

from agi_screen.base.errors import AgiScreenError

MAC_DIGITS: Final = 32
MOST_CHARACTERS: Final = 8000


class SealError(AgiScreenError):
    """What was found in Redis is not from a machine with our secret, or has another shape than we write."""


class Seal:
    """`key` is that of `cluster.shared.hashing_key`."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, what: str, said: Any) -> str:
        """As text; `what` it is about cannot be changed either."""
        text = json.dumps(said, separators=(",", ":"), sort_keys=True)
        return f"{self._mac(what, text)}:{text}"

    def read(self, what: str, sealed: object) -> Any:
        """What `write` was given. Raises SealError."""
        if not isinstance(sealed, bytes) or len(sealed) > MOST_CHARACTERS:
            raise SealError("has the wrong size")
        mac, _, text = sealed.decode("ascii", "replace").partition(":")
        if not hmac.compare_digest(mac.encode(), self._mac(what, text).encode()):
            raise SealError("is not sealed with our [cluster] secret")
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SealError("is not JSON") from error

    def _mac(self, what: str, text: str) -> str:
        about = f"{len(what)}:{what}:{text}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(about, digest_size=MAC_DIGITS // 2, key=self._key).hexdigest()
