"""The AGI environment: lines `agi_key: value` up to an empty line. First value wins; what is odd is tampering."""

from __future__ import annotations

from typing import NamedTuple

from agi_screen.base.pure import PURE

if PURE:
    from agi_screen.inbound._environment_py import ordinary
else:
    try:
        from agi_screen.inbound._environment import ordinary
    except ImportError:
        from agi_screen.inbound._environment_py import ordinary

MAX_LINES = 200
_NAMES = """
network network_script request channel language type uniqueid version callerid calleridname callingpres callingani2
callington callingtns dnid rdnis context extension priority enhanced accountcode threadid
"""
KEYS = tuple(f"agi_{name}" for name in _NAMES.split())
OPTIONS = frozenset(
    {"raw", "removed", "control", "did", "pres", "trunk", "identity", "label", "agent", "verstat", "attest", "secret"}
)


class Environment(NamedTuple):
    """What Asterisk said of the call, as text; nothing of it is believed yet.

    `route` is the path of `agi://host/path`; from `raw` on: the arguments after the URL in the dialplan's `AGI()`.
    """

    route: str
    channel: str
    language: str
    uniqueid: str
    callerid: str
    calleridname: str
    dnid: str
    raw: str = ""
    did: str = ""
    trunk: str = ""
    identity: str = ""
    label: str = ""
    agent: str = ""
    verstat: str = ""
    attest: str = ""
    secret: str = ""
    tampering: tuple[str, ...] = ()


def parse_environment(block: bytes) -> Environment:
    """Reads the lines before the empty line. Never raises: odd lines are named in `tampering`."""
    return ordinary(Environment, block) or _line_by_line(block.decode("utf-8", "replace"))


def _line_by_line(text: str) -> Environment:
    values: dict[str, str] = {}
    arguments: list[tuple[str, str]] = []
    tampering: list[str] = []
    lines = text.split("\n")
    for line in lines[:MAX_LINES]:
        key, colon, value = line.partition(":")
        if key in values:
            tampering.append(f"repeated_{key[4:]}")
        elif key in KEYS:
            values[key] = value[1:]
        elif colon and key == f"agi_arg_{len(arguments) + 1}":  # out of its order it was forged
            values[key] = value[1:]
            word, _, text_of_word = value[1:].partition("=")
            arguments.append((word, text_of_word))
        else:
            tampering.append("unknown_line")
    if len(lines) > MAX_LINES:
        tampering.append("too_many_lines")
    return _told(values, arguments, tampering)


def _told(values: dict[str, str], arguments: list[tuple[str, str]], tampering: list[str]) -> Environment:
    options = dict(reversed(arguments))  # the first of a word counts
    if not options.keys() <= OPTIONS | {""}:
        tampering.append("unknown_argument")
    control = options.get("control", "")  # how many control characters the dialplan took out of the caller's texts
    if control.isascii() and control.isdecimal() and control.strip("0"):
        tampering.append(f"control_{control}")
    return Environment(
        route=values.get("agi_network_script", "").partition("?")[0].strip("/"),
        channel=values.get("agi_channel", ""),
        language=values.get("agi_language", ""),
        uniqueid=values.get("agi_uniqueid", ""),
        callerid=values.get("agi_callerid", ""),
        calleridname=values.get("agi_calleridname", ""),
        dnid=values.get("agi_dnid", ""),
        raw=options.get("raw", ""),
        did=options.get("did", ""),
        trunk=options.get("trunk", ""),
        identity=options.get("identity", ""),
        label=options.get("label", ""),
        agent=options.get("agent", ""),
        verstat=options.get("verstat", ""),
        attest=options.get("attest", ""),
        secret=options.get("secret", ""),
        tampering=tuple(tampering),
    )
