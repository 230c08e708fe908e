"""SIPp's part: every call of the story is placed by it, one process a role."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from scripts.demo_.cast import SCREENED, Part, number
from tests.asterisk.sip import HOST
from tests.asterisk.tree import ROOT

SCENARIOS = ROOT / "tests/asterisk/sipp"
STAY_MS = 1500
RATE_SECONDS = 100  # rates are given to SIPp as calls in so long: it takes whole numbers only
GRACE_SECONDS = 100


class NoSippError(RuntimeError):
    """SIPp is not installed."""


def sipp_program() -> str:
    """Where SIPp is."""
    found = shutil.which("sipp")
    if found is None:
        raise NoSippError("SIPp is needed: apt-get install sip-tester")
    return found


def crowd_files(folder: Path, calls: int) -> list[str]:
    """The caller's scenario with a number of its own for each call."""
    text = (SCENARIOS / "caller.xml").read_text(encoding="utf-8")
    (folder / "crowd.xml").write_text(text.replace("[caller]", "[field0]"), encoding="utf-8")
    numbers = "\n".join(number(index) for index in range(calls))
    (folder / "crowd.csv").write_text(f"SEQUENTIAL\n{numbers}\n", encoding="utf-8")
    return ["-sf", str(folder / "crowd.xml"), "-inf", str(folder / "crowd.csv")]


def command(part: Part, folder: Path, sip_port: int, audio_port: int) -> list[str]:
    """The SIPp command of a role; it ends by itself when all its calls are over."""
    line = [sipp_program(), "-nostdin", "-i", HOST, "-s", SCREENED, "-d", str(STAY_MS), "-m", str(part.calls)]
    if part.number:
        line += ["-sf", str(SCENARIOS / f"{part.scenario}.xml"), "-key", "caller", part.number]
        line += ["-key", "audio", str(audio_port)]
    else:
        line += crowd_files(folder, part.calls)
    if part.spacing:
        line += ["-r", str(round(RATE_SECONDS / part.spacing)), "-rp", str(RATE_SECONDS * 1000)]
    return [*line, f"{HOST}:{sip_port}"]


async def calls(part: Part, folder: Path, sip_port: int, audio_port: int) -> str:
    """Places a role's calls. The empty string when each went as its scenario says, else what SIPp complained of."""
    line = command(part, folder, sip_port, audio_port)
    process = await asyncio.create_subprocess_exec(*line, cwd=folder, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
    try:
        bound = part.calls * part.spacing + GRACE_SECONDS
        _, errors = await asyncio.wait_for(process.communicate(), bound)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode == 0:
        return ""
    return f"SIPp ended with {process.returncode}: {errors.decode(errors='replace').strip()[-300:]}"
