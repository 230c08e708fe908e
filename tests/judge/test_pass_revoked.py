"""A pass is lost when the calls of its owner turn bad, whoever makes them; other callers keep theirs."""

from pathlib import Path

import pytest

from agi_screen.base.happened import CallOver, CaptchaDone, Happened, Marked, MenuSeen
from agi_screen.base.records import Disposition
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.settings import load
from agi_screen.what_if.rehearsal import Rehearsal

NUMBER, OTHER, DID = "+14155552671", "+14155552672", "+18005550100"
NOW = 1.7e9


def over(talk: float) -> CallOver:
    disposition = Disposition.TALKED
    return CallOver(NUMBER, DID, "t", NOW, NOW + talk, Verdict.ALLOW, disposition, talk_time=talk)


@pytest.mark.parametrize(
    ("happened", "kept"),
    [
        (over(talk=1.5), False),
        (over(talk=120.0), True),
        (Marked(NUMBER, "robot", NOW), False),
        (Marked(NUMBER, "person", NOW), True),
        (MenuSeen(NUMBER, NOW, idle=True), False),
        (MenuSeen(NUMBER, NOW, idle=False), True),
        (CaptchaDone(NUMBER, "t", NOW, CaptchaResult.FAILED), False),
        (CaptchaDone(NUMBER, "t", NOW, CaptchaResult.HUNGUP), True),
        (CaptchaDone(NUMBER, "t", NOW, CaptchaResult.PASSED), True),
    ],
)
def test_what_takes_a_pass_back(tmp_path: Path, happened: Happened, kept: bool) -> None:
    (tmp_path / "agi-screen.toml").write_text("")
    passes = Rehearsal(load(tmp_path / "agi-screen.toml"), NOW)
    for caller in (NUMBER, OTHER):
        passes.judge.passes.grant(caller, "t")
    passes.learn(happened)
    assert (passes.judge.passes.peek(NUMBER, "t") is not None) is kept
    assert passes.judge.passes.peek(OTHER, "t") is not None
