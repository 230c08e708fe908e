"""One real Asterisk for all tests of this folder. Where none can be had the tests fail; they never skip."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port

# Contexts only tests need: an open pattern as careless admins write it, and what an admin may add of their own.
SITE = r"""
[from-trunk]
exten => _9X.,1,Gosub(agi-screen,s,1)
 same => n,Answer()
 same => n,Queue(operators,r,,,60)
exten => _8X.,1,Answer()
 same => n,Wait(30)
exten => 18005550101,1,Set(SCREEN_VERDICT=reject)
 same => n,Set(SCREEN_REASONS=forged)
 same => n,Set(TIMEOUT(absolute)=30)
 same => n,Gosub(agi-screen,s,1)
 same => n,Set(LEFT=${TIMEOUT(absolute)})
 same => n,UserEvent(Returned,Word: ${SCREEN_VERDICT},Why: ${SCREEN_REASONS},Left: ${LEFT},Exit: ${AGIEXITONHANGUP})
 same => n,Hangup()
exten => 18005550102,1,Gosub(agi-screen,s,1)
 same => n,Gosub(agi-screen,s,1)
 same => n,Answer()
 same => n,Queue(operators,r,,,60)
exten => 18005550103,1,Dial(Local/18005550100@from-trunk)
exten => 18005550104,1,Gosub(agi-screen,s,1)
 same => n,Answer()
exten => 18005550105,1,Set(AGI_SCREEN_REJECT_SIP=607)
 same => n,Gosub(agi-screen,s,1)
exten => 18005550106,1,Set(AGI_SCREEN_REJECT_CAUSE=17)
 same => n,Set(AGI_SCREEN_TRUNK=carrier-1)
 same => n,Gosub(agi-screen,s,1)
exten => 18005550108,1,Set(AGI_SCREEN_SECRET=0123456789abcdef)
 same => n,Gosub(agi-screen,s,1)
 same => n,Answer()
 same => n,Queue(operators,r,,,60)
exten => 18005550107,1,UserEvent(AgiScreenSetLevel,Level: elevated)
 same => n,Answer()
 same => n,Wait(5)

[agi-screen-never-did]
exten => 18005550104,1,NoOp()
"""


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    options = LabOptions(agi_port=free_port(socket.SOCK_STREAM), site=SITE)
    with Lab(options) as running:
        yield running


@pytest.fixture
async def desk(lab: Lab) -> AsyncIterator[Desk]:
    async with await Desk.open(lab.ports.operator) as sitting:
        yield sitting


@pytest.fixture
async def ami(lab: Lab) -> AsyncIterator[Ami]:
    """The daemon's own account, with the shipped rights and filters."""
    async with await Ami.login(lab.ports.ami, "agi_screen", lab.ami_secret) as connection:
        yield connection


@pytest.fixture
async def harness(lab: Lab) -> AsyncIterator[Ami]:
    """The account that sees more: what tests compare with."""
    async with await Ami.login(lab.ports.ami, "harness", lab.harness_secret) as connection:
        yield connection
