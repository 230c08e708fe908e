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
    started = clock.wall()
    channel = environment.get("agi_channel")[:MAX_TEXT]
    return Call(
        id=new_call_id(started),
        caller=_caller(environment.get("agi_callerid"), options.get("raw", ""), plan),
        dialled=plan.number(options.get("did") or environment.get("agi_dnid")),
        trunk=options.get("trunk") or channel.rpartition("-")[0] or channel,
        channel=channel,
        uniqueid=environment.get("agi_uniqueid")[:MAX_TEXT],
        started=started,
        ticks=clock.ticks(),
        name=_name(environment.get("agi_calleridname")),
        language=environment.get("agi_language")[:20] or "en",
        identity=options.get("identity", ""),
        tampering=environment.tampering + odd + _control(options.get("control", "")),
        options=options,
    )


def _caller(number: str, raw: str, plan: NumberPlan) -> Number:
    """The cleaned number; where cleaning left nothing, the words the trunk sent (`anonymous`) say which nothing."""
    return plan.number(number if number not in ("", "unknown") else raw or number)


def _name(shown: str) -> str:
    """Asterisk writes `unknown` where the trunk sent no name."""
    return "" if shown == "unknown" else shown[:MAX_TEXT]


def _options(arguments: tuple[str, ...]) -> tuple[dict[str, str], tuple[str, ...]]:
    """`key=value` arguments of the dialplan; the first of a key counts."""
    options: dict[str, str] = {}
    odd: tuple[str, ...] = ()
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if equals and key in _OPTIONS and key not in options:
            options[key] = value[: MAX_IDENTITY if key == "identity" else MAX_TEXT]
        elif argument:
            odd = ("unknown_argument",)
    return options, odd


def _control(count: str) -> tuple[str, ...]:
    """How many control characters the dialplan took out of the caller's texts."""
    return (f"control_{count}",) if count.isascii() and count.isdecimal() and count.strip("0") else ()
