"""The words of AGI: commands out, escaped so that nothing a caller sent becomes one; replies in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_COMMAND = 2048  # Asterisk reads a command into a buffer of this size
_WORD = re.compile(r"[A-Za-z0-9_.:/()&*#+-]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.:;+-]")
_REPLY = re.compile(r"(\d{3})(?:[ -](?:result=(-?[^ ]*))?(.*))?", re.DOTALL)
_ENDPOS = re.compile(r"endpos=(\d{1,18})")


def command(name: str, *arguments: str) -> bytes:
    """One AGI command line; `name` is ours and goes as it is, such as `GET DATA`.

    Raises ValueError on a control character, or a line too long for Asterisk.
    """
    words = (word if _WORD.fullmatch(word) else _quoted(word) for word in arguments)
    line = " ".join((name, *words)).encode() + b"\n"
    if len(line) > MAX_COMMAND:
        raise ValueError(f"AGI command of {len(line)} bytes: Asterisk takes {MAX_COMMAND}")
    return line


def _quoted(word: str) -> str:
    if not word.isprintable():
        raise ValueError(f"AGI argument {word!r}: control characters cannot be sent")
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def mset(variables: Mapping[str, str]) -> bytes:
    """Sets all variables in one round trip."""
    return mset_line(",".join([f"{name}={harmless(value)}" for name, value in variables.items()]))


def mset_line(pairs: str) -> bytes:
    """The same from `NAME=value,…` whose values are harmless."""
    return f'EXEC MSet "{pairs}"\n'.encode()


def harmless(value: str) -> str:
    """What MSet's own parser would trip over becomes `_`."""
    return _UNSAFE.sub("_", value)


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. `result` is the text after `result=`; `detail` what followed; 5xx codes are errors."""

    code: int
    result: str = ""
    detail: str = ""

    @property
    def endpos(self) -> int:
        """Where playing stopped, in samples; 0 where the command does not say."""
        found = _ENDPOS.search(self.detail)
        return int(found[1]) if found else 0


_DONE = Reply(200, "0")


def parse_reply(line: str) -> Reply | None:
    """A reply line, or None when the line is no reply: then it is noise, maybe forged, and counts for nothing."""
    if line == "200 result=0":  # nearly all of them
        return _DONE
    if len(line) > 3 and line[3] not in " -":
        return None
    found = _REPLY.fullmatch(line)
    if found is None or not line[:3].isascii():
        return None
    return Reply(int(found[1]), found[2] or "", (found[3] or "").strip())
