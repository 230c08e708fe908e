"""Environment → Call in pure Python: the twin of cext/request.pyx."""

from __future__ import annotations

import itertools
import secrets

from agi_screen.base.call import Call, Number
from agi_screen.base.clock import Clock
from agi_screen.base.numbers import NumberPlan
from agi_screen.inbound.environment import Environment

MAX_TEXT = 80
MAX_LANGUAGE = 20
MAX_IDENTITY = 4096
MAX_VERSTAT = 200
_PROCESS = secrets.token_hex(2)
_count = itertools.count()


def new_call_id(started: float) -> str:
    """A record's id: sorts by time (milliseconds), then this process, then a count; all in hex."""
    return f"{int(started * 1000):011x}{_PROCESS}{next(_count) & 0xFFFF:04x}"


def to_call(said: Environment, plan: NumberPlan, clock: Clock) -> Call:
    """The facts of the call behind an AGI environment. Never raises on any caller's text."""
    started = clock.wall()
    channel = said.channel[:MAX_TEXT]
    return Call(
        new_call_id(started),
        _caller(said.callerid, said.raw, plan),
        plan.dialled(said.did or said.dnid),
        said.trunk[:MAX_TEXT] or channel.rpartition("-")[0] or channel,
        channel,
        said.uniqueid[:MAX_TEXT],
        started,
        clock.ticks(),
        "" if said.calleridname == "unknown" else said.calleridname[:MAX_TEXT],  # Asterisk's word for no name
        said.language[:MAX_LANGUAGE] or "en",
        said.identity[:MAX_IDENTITY],
        said.tampering,
        said.agent[:MAX_TEXT],
        said.verstat[:MAX_VERSTAT],
        said.attest[:MAX_TEXT],
    )


def _caller(number: str, raw: str, plan: NumberPlan) -> Number:
    """The cleaned number; where cleaning left nothing, the words the trunk sent (`anonymous`) say which nothing."""
    return plan.number(number if number not in ("", "unknown") else raw or number)
