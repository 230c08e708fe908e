"""A signal of a third party that never returns: the loop stands, calls go on, the log says where, the process ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agi_screen.watchdog import EXIT_STALLED
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until

BLOCKS = "+14155559999"
PLUGIN = """
import threading
from agi_screen.judge.signal import Signal, SignalParams

class Blocks(Signal[SignalParams]):
    name = "blocks"
    group = "behaviour"
    Params = SignalParams

    def evaluate(self, call, facts):
        if call.caller.e164 == "%s":
            threading.Event().wait()
        return None
"""
TOLD = '[watchdog]\nstall = "1s"\nend = "4s"\n[signals.blocks]\nweight = 1.0\n'


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed as a third party's would be."""
    place = tmp_path / "site"
    info = place / "blocks-1.0.dist-info"
    info.mkdir(parents=True)
    (place / "blocks.py").write_text(PLUGIN % BLOCKS)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: blocks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[agi_screen.signals]\nblocks = blocks:Blocks\n")
    monkeypatch.setenv("PYTHONPATH", str(place))


@pytest.mark.usefixtures("hostile")
async def test_calls_go_on_the_log_says_where_and_the_process_ends(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    with DaemonProcess(lab, tmp_path, TOLD) as daemon:
        process = daemon._process
        assert process is not None
        async with (
            await Caller.place(Dial(lab.ports.sip, caller=BLOCKS)) as first,
            await Caller.place(Dial(lab.ports.sip, caller="+14155552671")) as second,
        ):
            assert [await first.final(), await second.final()] == [200, 200]
            await desk.reached(2)
        assert await asyncio.to_thread(process.wait, 20) == EXIT_STALLED
        assert "STANDS STILL" in daemon.said
        assert "blocks.py" in daemon.said  # where it stands
        assert daemon.said.count("STANDS STILL") == 1
        daemon.stop()
        daemon.start()  # as a supervisor does
        async with await Caller.place(Dial(lab.ports.sip, caller="+14155552671")) as call:
            assert await call.final() == 200
        assert await until(lambda: daemon.query("SELECT verdict FROM calls"))
        assert daemon.status()["loop_stalls"] == 0
