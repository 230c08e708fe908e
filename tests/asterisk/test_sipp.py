"""The SIPp scenarios run against the shipped dialplan, so that the demo's calls are known to work."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.fakes.fake_daemon import FakeDaemon, verdict

SCENARIOS = Path(__file__).parent / "sipp"


async def sipp(scenario: str, *options: str) -> Process:
    program = shutil.which("sipp")
    assert program is not None, "SIPp is needed: apt-get install sip-tester"
    command = [program, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1", "-nostdin", *options]
    return await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=PIPE)


async def call(lab: Lab, scenario: str, *options: str) -> int:
    """Runs callers to their end; 0 when every call went as the scenario says."""
    process = await sipp(scenario, *options, f"127.0.0.1:{lab.ports.sip}")
    await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode


async def test_callers_reach_a_sipp_operator(lab: Lab) -> None:
    operator = await sipp("operator", "-p", str(lab.ports.operator))
    try:
        async with FakeDaemon(lab.options.agi_port, commands=[verdict("allow")]) as daemon:
            options = ("-s", "18005550100", "-key", "caller", "+14155550123", "-d", "300", "-m", "5", "-r", "20")
            assert await call(lab, "caller", *options) == 0
            assert len(daemon.sessions) == 5
    finally:
        operator.terminate()
        await operator.wait()


async def test_refused_callers_are_no_failures_of_the_scenario(lab: Lab, desk: Desk) -> None:
    async with FakeDaemon(lab.options.agi_port, commands=[verdict("reject")]) as daemon:
        options = ("-s", "18005550100", "-key", "caller", "+14155550177", "-d", "300", "-m", "3")
        assert await call(lab, "caller", *options) == 0
        assert len(daemon.sessions) == 3
    assert not desk.calls_of("+14155550177")


async def test_injected_scenario(lab: Lab, desk: Desk) -> None:
    async with FakeDaemon(lab.options.agi_port, commands=[verdict("allow")]) as daemon:
        assert await call(lab, "injected", "-m", "1") == 0
        session = await daemon.session()
    assert int(session.options["control"]) > 5
    assert all(line.startswith("agi_") for line in session.lines)
