"""The AGI environment: lines `agi_key: value` up to an empty line. First value wins; what is odd is tampering."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_LINES = 200
_NAMES = """
network network_script request channel language type uniqueid version callerid calleridname callingpres callingani2
callington callingtns dnid rdnis context extension priority enhanced accountcode threadid
"""
_KEYS = tuple(f"agi_{name}" for name in _NAMES.split())
_KEPT = (
    "agi_network_script",
    "agi_channel",
    "agi_language",
    "agi_uniqueid",
    "agi_callerid",
    "agi_calleridname",
    "agi_dnid",
)  # in the order they come


def _line(key: str) -> str:
    value = "([^\n]*)" if key in _KEPT else "[^\n]*"
    return f"{key}: {value}(?:\n|$)"


_ORDINARY = re.compile(
    f"(?:{_KEYS[0]}: [^\n]*\n)?"
    + "".join(map(_line, _KEYS[1:]))
    + rf"((?:agi_arg_\d{{1,2}}: [^\n]*(?:\n|$)){{0,{MAX_LINES - len(_KEYS)}}})"
)
_ARGUMENT = re.compile(r"agi_arg_(\d+): ([^=\n]*)=?([^\n]*)")
_NUMBERS = [str(number) for number in range(1, MAX_LINES)]


class Environment(NamedTuple):
    """What Asterisk said of the call. `arguments` are the words after the URL in the dialplan's `AGI()`,

    each parted at its first `=`.
    """

    values: dict[str, str]
    arguments: list[tuple[str, str]]
    tampering: tuple[str, ...]

    def get(self, key: str) -> str:
        return self.values.get(key, "")

    @property
    def route(self) -> str:
        """The path of `agi://host/path`, without what follows a question mark."""
        return self.get("agi_network_script").partition("?")[0].strip("/")


def parse_environment(block: bytes) -> Environment:
    """Reads the lines before the empty line. Never raises: odd lines are named in `tampering`."""
    text = block.decode("utf-8", "replace")
    ordinary = _ORDINARY.fullmatch(text)
    return _plain(ordinary) if ordinary else _line_by_line(text)


def _plain(found: re.Match[str]) -> Environment:
    """What Asterisk itself wrote, each line once and in its order: one look in C instead of thirty lines read here."""
    *kept, arguments = found.groups()
    numbered = _ARGUMENT.findall(arguments)
    if [number for number, _, _ in numbered] != _NUMBERS[: len(numbered)]:
        return _line_by_line(found.string)
    return Environment(dict(zip(_KEPT, kept, strict=True)), [(key, value) for _, key, value in numbered], ())


def _line_by_line(text: str) -> Environment:
    values: dict[str, str] = {}
    arguments: list[tuple[str, str]] = []
    tampering: list[str] = []
    lines = text.split("\n")
    for line in lines[:MAX_LINES]:
        key, colon, value = line.partition(":")
        if key in values:
            tampering.append(f"repeated_{key[4:]}")
        elif key in _KEYS:
            values[key] = value[1:]
        elif colon and key == f"agi_arg_{len(arguments) + 1}":  # out of its order it was forged
            values[key] = value[1:]
            word, _, text_of_word = value[1:].partition("=")
            arguments.append((word, text_of_word))
        else:
            tampering.append("unknown_line")
    if len(lines) > MAX_LINES:
        tampering.append("too_many_lines")
    return Environment(values, arguments, tuple(tampering))
