"""Our lines in a file of the admin's: between two marks, put in once and taken out exactly."""

from __future__ import annotations

import re

BEGIN = b"; agi-screen begin: put here by scripts/install, taken out by scripts/uninstall"
JOINED = b" (no line end before)"  # the file ended in the middle of a line
END = b"; agi-screen end"
_BLOCK = re.compile(rb"^; agi-screen begin:.*\n(?s:(.*?))^; agi-screen end\r?\n?", re.MULTILINE)


def inside(text: bytes) -> list[bytes] | None:
    """The lines of our block; None where there is none."""
    found = _BLOCK.search(text)
    return None if found is None else found[1].splitlines()


def put(text: bytes, lines: list[bytes]) -> bytes:
    """With these lines at its end, or in the place of the block that is there."""
    found = _BLOCK.search(text)
    if found is not None:
        first = found[0].splitlines()[0]
        return text[: found.start()] + _block(first, lines) + text[found.end() :]
    if text and not text.endswith(b"\n"):
        return text + b"\n" + _block(BEGIN + JOINED, lines)
    return text + _block(BEGIN, lines)


def _block(begin: bytes, lines: list[bytes]) -> bytes:
    return b"\n".join([begin, *lines, END, b""])


def take(text: bytes, ours: list[bytes]) -> bytes:
    """Without the block. Lines in it that are not ours were written by the admin, and stay where they are."""
    found = _BLOCK.search(text)
    if found is None:
        return text
    kept = b"".join(line for line in found[1].splitlines(keepends=True) if line.rstrip(b"\r\n") not in ours)
    start = found.start()
    joined = JOINED in found[0].splitlines()[0] and not kept and found.end() == len(text)
    if joined and text[:start].endswith(b"\n"):
        start -= 1
    return text[:start] + kept + text[found.end() :]
