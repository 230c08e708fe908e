"""Caller text made harmless for logs and terminals: no caller can write a line or a colour of their own."""

from __future__ import annotations

import re

MAX_SHOWN = 200
_BARE = re.compile(r"[A-Za-z0-9_.:+*;@/,-]+")


def _escaped_character(char: str) -> str:
    # isprintable() is false for every control, format (bidi, zero width), surrogate and separator character.
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str) -> str:
    """What a terminal or a log reader could take for more than text becomes its escape; a backslash stays one."""
    return text if text.isprintable() else "".join(map(_escaped_character, text))


def escape(text: str, limit: int = MAX_SHOWN) -> str:
    """Printable text that says the same; of more than `limit` characters the rest is counted, not shown."""
    if len(text) > limit:
        return f"{escape(text[:limit], limit)}…(+{len(text) - limit})"
    return one_line(text.replace("\\", "\\\\"))


def logfmt_value(text: str) -> str:
    """One value of a `key=value` line: bare where that is safe, else quoted."""
    if len(text) <= MAX_SHOWN and _BARE.fullmatch(text):
        return text
    quoted = escape(text).replace('"', '\\"')
    return f'"{quoted}"'


def storable(text: str) -> str:
    """What every database can carry: a lone surrogate or a NUL from the wire must not make a whole batch unwritable."""
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return whole.replace("\0", "?")
