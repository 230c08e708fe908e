"""Each row of `tests/calls/situations.toml` is one test of the shipped policy: callers with a past, and attacks."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from agi_screen.base.call import Call
from agi_screen.base.happened import Marked
from agi_screen.base.records import Disposition
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.judge.arrivals import HOURS
from agi_screen.settings import load
from agi_screen.what_if.rehearsal import Rehearsal

ROWS = tomllib.loads((Path(__file__).parents[1] / "calls/situations.toml").read_text())["situation"]
NOW = 1.7e9
DAY = 86_400.0
CALLER, DID, TRUNK = "14155552671", "18005550100", "PJSIP/trunk"
RATE = 0.2  # usual calls a second
KNOWN = 2000  # customers

CAPTCHAS = {
    "failed": CaptchaResult.FAILED,
    "hung up in the CAPTCHA": CaptchaResult.HUNGUP,
    "passed": CaptchaResult.PASSED,
}
ENDS = {
    "talked yesterday": (Disposition.TALKED, 0.0, 300.0, 16),
    "a short talk": (Disposition.TALKED, 1.0, 3.0, 16),
    "busy": (Disposition.HUNGUP, 0.0, 0.0, 17),
    "hung up at once": (Disposition.HUNGUP, 0.0, 0.0, 16),
    "gave up waiting": (Disposition.ABANDONED, 60.0, 0.0, 16),
}


class Centre:
    """A centre that knows its rate, and what the row says of the caller."""

    def __init__(self, folder: Path) -> None:
        (folder / "agi-screen.toml").write_text("")
        self.rehearsal = Rehearsal(load(folder / "agi-screen.toml"), NOW - 2 * DAY)
        baseline = {"rates": [RATE] * HOURS, "lessons": [500.0] * HOURS}
        shares = {"sorts": {"known": 5000.0, "unknown": 5000.0}}
        self.rehearsal.judge.take_over({"surge": {"baseline": baseline, "shares": shares}})
        self.now = NOW - DAY
        self.chance = random.Random(1)

    def before(self, what: str) -> None:
        """One earlier call, and a while of this caller's doing something else."""
        if what != "talked yesterday":
            self.now = max(self.now, NOW - 600.0)
        call, decision = self.rehearsal.arrives(self.now, CALLER, DID, TRUNK)
        self.now += 5.0
        if what in CAPTCHAS:
            self.rehearsal.captcha(self.now, call, CAPTCHAS[what])
        elif what in ENDS:
            self.rehearsal.over(self.now, call, decision.verdict, *ENDS[what])
        else:
            self.rehearsal.learn(Marked(call.caller.key, what.rsplit(maxsplit=1)[-1], self.now))
        self.now += self.chance.uniform(20.0, 70.0)

    def around(self, what: str) -> None:
        """Two minutes of attack, thirty-one times the usual."""
        known = what == "flood of known numbers"
        if known:
            for n in range(KNOWN):
                call = self.stranger(NOW - DAY / 2 + 10 * n, n, 1)
                self.rehearsal.over(NOW - DAY / 2 + 10 * n + 5, call, Verdict.ALLOW, Disposition.TALKED, 0.0, 300.0)
        self.now = NOW
        for n in range(round(120 * 31 * RATE)):
            self.now += 1 / (31 * RATE)
            if what == "flood from the same block":
                self.rehearsal.arrives(self.now, f"{CALLER[:-3]}{n % 600:03d}", DID, TRUNK)
            else:
                self.stranger(self.now, n if known else KNOWN + n, 1 if known else 2)

    def stranger(self, at: float, n: int, seed: int) -> Call:
        """Number n of a list of chance numbers of many areas."""
        chance = random.Random(n * 10 + seed)
        area = chance.choice((612, 651, 763, 952, 218, 320, 507, 212, 718, 305, 404, 503, 206, 303))
        return self.rehearsal.arrives(at, f"1{area}{chance.randrange(2_200_000, 9_000_000)}", DID, TRUNK)[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_situation(row: dict[str, Any], tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    for what in row.get("before", ()):
        centre.before(what)
    if "around" in row:
        centre.around(row["around"])
    decision = centre.rehearsal.arrives(max(centre.now, NOW), CALLER, DID, TRUNK)[1]
    found = {e.signal for e in decision.evidence}
    assert decision.verdict == row["verdict"], decision
    assert decision.level == row.get("level", decision.level)
    assert decision.first is row.get("first", decision.first)
    assert found >= set(row.get("says", ()))
    assert not found & set(row.get("silent", ()))
