"""What an ordinary screened call costs Asterisk, in dialplan lines run and variables set: each is an event it makes."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.fakes.fake_daemon import FakeDaemon, verdict

LINES = ["Gosub", "GotoIf", "AGI", "GotoIf", "Return", "UserEvent", "Hangup"]
VARIABLES = [
    "LOCAL(ARGC)",
    "LOCAL(AGIEXITONHANGUP)",
    "SCREEN_VERDICT",
    "SCREEN_SCORE",
    "AGISTATUS",
    "AGIEXITONHANGUP",
    "ARGC",
    "GOSUB_RETVAL",
]
SITE = """
[from-trunk]
exten => 18005550300,1,Gosub(agi-screen,s,1)
 same => n,UserEvent(Over,Left: ${TIMEOUT(absolute)},Exit: ${AGIEXITONHANGUP})
 same => n,Hangup()
"""


@pytest.fixture
def telling() -> Iterator[Lab]:
    """An Asterisk that tells AMI of each dialplan line and each variable."""
    options = LabOptions(agi_port=free_port(socket.SOCK_STREAM), site=SITE, disabled_events="")
    with Lab(options) as running:
        yield running


async def test_an_ordinary_call_runs_four_lines_and_sets_one_variable_of_its_own(telling: Lab) -> None:
    commands = [verdict("allow", SCREEN_SCORE="0.00")]
    async with (
        FakeDaemon(telling.options.agi_port, commands=commands),
        await Ami.login(telling.ports.ami, "harness", telling.harness_secret) as ami,
        await Caller.place(Dial(telling.ports.sip, "18005550300")) as call,
    ):
        await call.final()
        await ami.event("Hangup")
        over = await ami.event("UserEvent", UserEvent="Over")
    assert (over["Left"], over["Exit"]) == ("0", "")
    assert [e["Application"] for e in ami.events if e["Event"] == "Newexten"] == LINES
    variables = [e["Variable"] for e in ami.events if e["Event"] == "VarSet"]
    assert {*variables} - {"SIPDOMAIN"} == {*VARIABLES}
    assert len(variables) <= len(VARIABLES) + 3  # an older Asterisk tells of a pushed variable twice
