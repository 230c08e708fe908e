"""What an admin can set: reject codes, the trunk's name, the time limit, and contexts of their own."""

from __future__ import annotations

import re
import socket

import pytest

from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.fakes.fake_daemon import FakeDaemon, Manner, verdict

OWN_DIVERT = """
[agi-screen-divert]
exten => s,1,Answer()
 same => n,Queue(operators,r,,,60)
"""


@pytest.mark.parametrize(("number", "code"), [("18005550105", 607), ("18005550106", 486)])
async def test_reject_codes(lab: Lab, number: str, code: int) -> None:
    daemon = FakeDaemon(lab.options.agi_port, commands=[verdict("reject")])
    async with daemon, await Caller.place(Dial(lab.ports.sip, number)) as call:
        assert await call.final() == code
        session = await daemon.session()
    assert session.options.get("trunk", "") == ("carrier-1" if code == 486 else "")


async def test_own_divert_context_and_own_time_limit(lab: Lab) -> None:
    """In a second lab beside the first: two run at once on one machine."""
    agi_port = free_port(socket.SOCK_STREAM)
    with Lab(LabOptions(agi_port=agi_port, agi_timeout=0.6, site=OWN_DIVERT)) as other:
        async with await Desk.open(other.ports.operator) as desk:
            daemon = FakeDaemon(agi_port, commands=[verdict("divert")])
            async with daemon, await Caller.place(Dial(other.ports.sip)) as call:
                assert await call.final() == 200
                await desk.reached(1)
            async with FakeDaemon(agi_port, Manner.HANG), await Caller.place(Dial(other.ports.sip)) as call:
                assert await call.final() == 200
                assert 0.6 <= call.marks.post_dial_delay < 1.2


async def test_shipped_never_screened_numbers_reach_the_lab_dialplan(lab: Lab) -> None:
    """What the admin adds stands beside what is shipped, in one context."""
    shown = lab.cli("dialplan show agi-screen-never-did")
    assert all(f"'{number}'" in shown for number in ("911", "112", "933", "18005550104"))


def test_asterisk_can_read_every_file_it_is_given() -> None:
    """Anything said at start-up beyond a notice is a fault in a shipped or demo file."""
    with Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM), operators=3)) as fresh:
        said = fresh.messages.splitlines()
        assert "PJSIP/operator3" in fresh.cli("queue show operators")
    assert [line for line in said if re.search(r"(WARNING|ERROR)\[", line)] == []
