"""Asterisk finds the shipped prompts in every language and plays them to their end, as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.asterisk.caller import Caller, Dial
from tests.asterisk.lab import SHIPPED, Lab
from tests.fakes.fake_daemon import FakeDaemon, verdict

FOLDERS = sorted((SHIPPED / "sounds").glob("*/agi-screen"))
PLAYED = ("press", "pause", "digits/4-1", "digits/4-4")


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.parent.name for folder in FOLDERS])
async def test_prompts_are_played_whole(lab: Lab, folder: Path) -> None:
    """The reply names the sample at which playing ended: in raw mu-law that is the size of the file."""
    start = ["EXEC Progress", f"SET VARIABLE CHANNEL(language) {folder.parent.name}"]
    start += ["SET VARIABLE TIMEOUT(absolute) 30"]
    play = [f'STREAM FILE agi-screen/{name} ""' for name in PLAYED]
    async with FakeDaemon(lab.options.agi_port, commands=[*start, *play, verdict("reject")]) as daemon:
        async with await Caller.place(Dial(lab.ports.sip, caller="+14155550190")) as call:
            call.media.talk()
            assert await call.final() == 403
        session = await daemon.session()
    sizes = [(folder / f"{name}.ulaw").stat().st_size for name in PLAYED]
    assert session.replies[len(start) : -1] == [f"200 result=0 endpos={size}" for size in sizes]
