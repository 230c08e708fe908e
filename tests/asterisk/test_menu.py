"""Callers in the menu of a real Asterisk, seen by AMI: one early key and then nothing, against a way through it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.until import until

ROBOT, PERSON = "+14155550141", "+14155550142"
MENU = """
[from-trunk]
exten => 18005550110,1,Gosub(agi-screen,s,1)
 same => n,Answer()
 same => n,Read(LANGUAGE,,1,,1,3)
 same => n,Read(CHOICE,,1,,1,0.4)
 same => n,Hangup()
"""
QUICK = '[menu]\nsilence = "200ms"\n'


@pytest.fixture
def menu(tmp_path: Path) -> Iterator[DaemonProcess]:
    """A daemon beside an Asterisk that asks for a language, then for a choice, and hangs up who makes none."""
    options = LabOptions(agi_port=free_port(socket.SOCK_STREAM), site=MENU)
    with Lab(options) as lab, DaemonProcess(lab, tmp_path, QUICK) as running:
        yield running


async def call(daemon: DaemonProcess, caller: str, keys: str) -> None:
    """One call that presses these keys and stays until it is hung up; told to its end."""
    before = len(daemon.query("SELECT 1 FROM call_ends"))
    async with await Caller.place(Dial(daemon.lab.ports.sip, "18005550110", caller)) as placed:
        assert await placed.final() == 200
        await placed.press(keys)
        assert await placed.over() == "theirs"
    await until(lambda: len(daemon.query("SELECT 1 FROM call_ends")) > before)


def said_of(daemon: DaemonProcess, caller: str) -> list[str]:
    """What the signal would say of this caller's next call."""
    found = json.loads(daemon.run("explain", caller, "--json"))["signals"]
    return [str(e["reason"]) for e in found if e["signal"] == "menu_behaviour" and e["points"] > 0]


async def test_one_early_key_and_then_nothing_speaks_against_the_next_call(menu: DaemonProcess) -> None:
    await until(lambda: menu.status()["ami"] == "up")
    await call(menu, ROBOT, "1")
    await call(menu, PERSON, "12")
    assert said_of(menu, ROBOT) == ["1 of 1 calls idle in the menu"]
    assert said_of(menu, PERSON) == []
