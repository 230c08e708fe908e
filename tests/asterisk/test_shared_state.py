"""Two daemons share their state, one with a real Asterisk: what a real caller did there is known to the other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.person import Ear, solve
from tests.asterisk.until import until
from tests.cluster.daemons import SECRET, Machine
from tests.cluster.servers import Server

HAMMER = "+14155552690"


class Sharing(DaemonProcess):
    """A daemon with a state that others have too."""

    state = ""

    def write(self, more: str) -> None:
        super().write(more)
        path = self.folder / "agi-screen.toml"
        path.write_text(f'state = "{self.state}"\n{path.read_text()}')

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **super().environment, "AGI_SCREEN_CLUSTER_SECRET": SECRET}


async def test_who_passes_on_one_machine_is_not_asked_on_another(
    lab: Lab, desk: Desk, harness: Ami, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = Ear(harness)
    with Server(tmp_path) as redis:
        await redis.answers()
        monkeypatch.setattr(Sharing, "state", redis.url)
        with Machine(tmp_path, "other", redis.url) as other, Sharing(lab, tmp_path) as here:
            other.is_ready()
            await until(other.in_touch)
            await until(lambda: here.status()["shared"]["state"] == "ok")
            for _ in range(7):  # there it hammers, and here it is asked
                await other.call(HAMMER)
            async with await Caller.place(Dial(lab.ports.sip, caller=HAMMER)) as call:
                await solve(call, ear)
                await desk.reached(1)
            rows = await until(lambda: here.query("SELECT verdict, final_verdict, captcha, trunk FROM calls"))
            *verdicts, trunk = rows[0]
            assert verdicts == ["challenge", "allow", "passed"]
            await until(lambda: here.status()["shared"]["untold"] == 0)
            assert "pass" in await other.call(HAMMER, trunk=trunk)
            assert "SCREEN_VERDICT=challenge" in await other.call(HAMMER, trunk="PJSIP/elsewhere")
