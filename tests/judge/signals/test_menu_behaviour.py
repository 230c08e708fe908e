"""What the judge makes of idle calls in the menu, at the caller's next call."""

from __future__ import annotations

from pathlib import Path

import pytest

from agi_screen.base.happened import MenuSeen
from agi_screen.base.records import Disposition
from agi_screen.base.verdict import Verdict
from agi_screen.settings import load
from agi_screen.what_if.rehearsal import Rehearsal

NOON = 1_800_000_000.0
CALLER, DIALLED = "+14155552671", "18005550100"


def next_call(folder: Path, *idle: bool, talked: float = 0.0) -> tuple[float, Verdict]:
    """The signal's score, and the verdict, after an earlier call for each of `idle`; days lie between them."""
    (folder / "agi-screen.toml").write_text("")
    rehearsal = Rehearsal(load(folder / "agi-screen.toml"), NOON)
    at = NOON
    for seen in idle:
        at += 86_400.0
        call, decision = rehearsal.arrives(at, CALLER, DIALLED)
        rehearsal.learn(MenuSeen(call.caller.key, at + 60.0, seen))
        rehearsal.over(at + 60.0, call, decision.verdict, Disposition.HUNGUP)
    if talked:
        call, decision = rehearsal.arrives(at + 3600.0, CALLER, DIALLED)
        rehearsal.over(at + 7200.0, call, decision.verdict, Disposition.TALKED, talk_time=talked)
    _, decision = rehearsal.arrives(at + 86_400.0, CALLER, DIALLED)
    score = sum(e.score for e in decision.evidence if e.signal == "menu_behaviour")
    return score, decision.verdict


@pytest.mark.parametrize(
    ("idle", "score"),
    [
        ((), 0.0),
        ((False, False), 0.0),
        ((True,), 1.0),
        ((True, True), 2.0),
        ((True, True, True), 3.0),
        ((True,) * 9, 3.0),
        ((True, False), 0.5),
        ((True, False, False, False), 0.25),
    ],
)
def test_idle_calls_add_up_and_a_way_through_the_menu_takes_off(
    tmp_path: Path, idle: tuple[bool, ...], score: float
) -> None:
    found, verdict = next_call(tmp_path, *idle)
    assert found == pytest.approx(score)
    assert verdict is Verdict.ALLOW


def test_who_talked_to_an_operator_is_no_robot(tmp_path: Path) -> None:
    assert next_call(tmp_path, True, True, True, talked=120.0)[0] == 0.0
