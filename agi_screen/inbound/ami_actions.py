"""Outgoing AMI text: one header is one line, whatever is in the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from agi_screen.base.text import escape
from agi_screen.inbound.ami_types import AmiValueError

# Asterisk cuts a line at 1024 bytes and an action at 128 headers.
MAX_LINE = 1000
MAX_FIELDS = 100
MAX_EVENT_BYTES = 500
TAKEN = frozenset({"action", "actionid"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check_fields(fields: Mapping[str, object]) -> None:
    """Refuses what would not arrive as one line a field; the error names the field, never a secret's value."""
    if len(fields) > MAX_FIELDS:
        raise AmiValueError(f"{len(fields)} fields: Asterisk takes at most {MAX_FIELDS}, leave some out")
    for name, value in fields.items():
        if not _NAME.fullmatch(name):
            raise AmiValueError(f"field {escape(name)!r}: use letters, digits, _ and -")
        for line in value if isinstance(value, (list, tuple)) else (value,):
            _check_value(name, str(line))


def _check_value(name: str, value: str) -> None:
    if bad := re.search(r"[\r\n\x00\ud800-\udfff]", value):
        raise AmiValueError(f"field {name}: the value holds {escape(bad[0])} at {bad.start()}: take it out")
    if len(value.encode()) > MAX_LINE:
        raise AmiValueError(f"field {name}: longer than {MAX_LINE} bytes: shorten it")


def user_event(name: str, fields: Mapping[str, object]) -> bytes:
    """The whole action, on the path of a call: panoramisk's Action takes many times as long.

    Values are made fit: control characters become `?`, and the end is cut.
    """
    _check_names((name, *fields))
    lines = [f"{field}: {value}" for field, value in fields.items()]
    text = "".join(lines)
    if len(text) > MAX_EVENT_BYTES or not (text.isascii() and text.isprintable()):
        lines = list(map(_fit, lines))
    return "\r\n".join(["Action: UserEvent", f"UserEvent: {name}", *lines, "\r\n"]).encode()


def _fit(line: str) -> str:
    return _CONTROL.sub("?", line[:MAX_EVENT_BYTES]).encode()[:MAX_EVENT_BYTES].decode("utf-8", "ignore")


@lru_cache(256)
def _check_names(names: tuple[str, ...]) -> None:
    check_fields(dict.fromkeys(names, ""))
    check_taken(names[1:])


def check_taken(names: Iterable[str]) -> None:
    """Refuses fields the client sets itself."""
    for name in names:
        if name.lower() in TAKEN:
            raise AmiValueError(f"field {name}: is set by the client, leave it out")
