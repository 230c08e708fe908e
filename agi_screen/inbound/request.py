"""Environment → Call: the frozen facts, cleaned and bounded."""

from __future__ import annotations

import itertools
import secrets

from agi_screen.base.call import Call, Number
from agi_screen.base.clock import Clock
from agi_screen.base.numbers import NumberPlan
from agi_screen.inbound.environment import Environment

MAX_TEXT = 80
_PROCESS = secrets.token_hex(2)
_count = itertools.count()
MAX_IDENTITY = 4096
_OPTIONS = frozenset({"raw", "removed", "control", "did", "pres", "trunk", "identity", "label"})


def new_call_id(started: float) -> str:
    """A record's id: sorts by time (milliseconds), then this process, then a count; all in hex."""
    return f"{int(started * 1000):011x}{_PROCESS}{next(_count) & 0xFFFF:04x}"


def to_call(environment: Environment, plan: NumberPlan, clock: Clock) -> Call:
    """The facts of the call behind an AGI environment. Never raises on any caller's text."""
    options, odd = _options(environment.arguments)
    value = environment.values.get
    started = clock.wall()
    channel = value("agi_channel", "")[:MAX_TEXT]
    return Call(
        new_call_id(started),
        _caller(value("agi_callerid", ""), options.get("raw", ""), plan),
        plan.number(options.get("did") or value("agi_dnid", "")),
        options.get("trunk", "")[:MAX_TEXT] or channel.rpartition("-")[0] or channel,
        channel,
        value("agi_uniqueid", "")[:MAX_TEXT],
        started,
        clock.ticks(),
        _name(value("agi_calleridname", "")),
        value("agi_language", "")[:20] or "en",
        options.get("identity", "")[:MAX_IDENTITY],
        environment.tampering + odd + _control(options.get("control", "")),
    )


def _caller(number: str, raw: str, plan: NumberPlan) -> Number:
    """The cleaned number; where cleaning left nothing, the words the trunk sent (`anonymous`) say which nothing."""
    return plan.number(number if number not in ("", "unknown") else raw or number)


def _name(shown: str) -> str:
    """Asterisk writes `unknown` where the trunk sent no name."""
    return "" if shown == "unknown" else shown[:MAX_TEXT]


def _options(arguments: list[tuple[str, str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """`key=value` arguments of the dialplan; the first of a key counts."""
    options = dict(reversed(arguments))
    if len(options) == len(arguments) and options.keys() <= _OPTIONS:
        return options, ()
    known = {key: value for key, value in options.items() if key in _OPTIONS}
    return known, ("unknown_argument",) if len(options) - ("" in options) > len(known) else ()


def _control(count: str) -> tuple[str, ...]:
    """How many control characters the dialplan took out of the caller's texts."""
    return (f"control_{count}",) if count.isascii() and count.isdecimal() and count.strip("0") else ()
