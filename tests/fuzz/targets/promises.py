"""What must hold of everything that leaves us because of a call, whatever the caller wrote."""

from __future__ import annotations

import json
import re

from agi_screen.base.call import Call
from agi_screen.base.records import CallRecord
from agi_screen.base.store_calls import call_row
from agi_screen.base.text import storable
from agi_screen.inbound.ami_actions import user_event
from agi_screen.trail.call_line import call_line
from agi_screen.trail.events import verdict_event

# All that we ever say to Asterisk: our own words, with arguments that hold nothing but these signs.
COMMAND = re.compile(rb'(?:[A-Z]+(?: [A-Za-z]+)*)(?: (?:[A-Za-z0-9_.:/()&*#+-]+|"[^"\\\x00-\x1f\x7f-\xff]*"))*\n')
MSET = re.compile(rb'EXEC MSet "[A-Z_]+=[A-Za-z0-9_.:;+-]*(?:,[A-Z_]+=[A-Za-z0-9_.:;+-]*)*"\n')
MOST_COMMAND = 2048
MOST_TEXT, MOST_IDENTITY, MOST_VERSTAT = 80, 4096, 200
WORD = re.compile(r"[A-Za-z0-9_]*", re.ASCII)
LINES_OF_EVENT = re.compile(rb"(?:[^\x00-\x1f\x7f]*\r\n)+\r\n")


def check_commands(sent: bytes) -> None:
    """Each line is a command of ours."""
    assert not sent or sent.endswith(b"\n"), sent
    for line in sent.splitlines(keepends=True):
        assert len(line) <= MOST_COMMAND, line
        assert (MSET if line.startswith(b"EXEC MSet") else COMMAND).fullmatch(line), line


def check_call(call: Call) -> None:
    """Bounded, whatever was sent."""
    short = (call.name, call.uniqueid, call.channel, call.trunk, call.language, call.agent, call.attest)
    assert max(map(len, short)) <= MOST_TEXT, call
    assert len(call.identity) <= MOST_IDENTITY
    assert len(call.verstat) <= MOST_VERSTAT
    assert max(len(call.caller.raw), len(call.dialled.raw)) <= MOST_TEXT, call
    assert call.caller.e164.isascii()
    assert len(call.caller.e164) <= 20


def check_record(record: CallRecord) -> None:
    """One log line, one AMI event, one row of the database, one JSON text."""
    line = call_line(record)
    assert line.isprintable(), line
    fields = verdict_event(record)
    action = user_event("AgiScreenVerdict", fields)
    assert action.count(b"\r\n") == len(fields) + 3, action
    assert LINES_OF_EVENT.fullmatch(action), action
    for cell in call_row(record):
        if isinstance(cell, str):
            storable(cell).encode()
    json.dumps(record._asdict()).encode()
