"""A pass is for one call at a time: a robot that guessed right once must not bring five calls in at once."""

from pathlib import Path

from agi_screen.base.happened import CallBegun, CallLost
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.settings import load
from agi_screen.what_if.rehearsal import Rehearsal

NUMBER = "+14155552671"


def test_a_pass_is_not_used_by_many_calls_at_once(tmp_path: Path) -> None:
    (tmp_path / "agi-screen.toml").write_text("")
    place = Rehearsal(load(tmp_path / "agi-screen.toml"), 1.7e9)
    calls = [place.asks(1.7e9 + n * n, NUMBER, "+18005550100", "t")[0] for n in range(12)]
    place.captcha(1.7e9 + 150, calls[-1], CaptchaResult.PASSED)
    place.learn(CallBegun(NUMBER))
    assert place.asks(1.7e9 + 151, NUMBER, "+18005550100", "t")[1].final == "pass"
    place.learn(CallBegun(NUMBER))
    decision = place.asks(1.7e9 + 153, NUMBER, "+18005550100", "t")[1]
    assert (decision.verdict, decision.final) == (Verdict.CHALLENGE, "")
    place.learn(CallLost(NUMBER))
    assert place.asks(1.7e9 + 156, NUMBER, "+18005550100", "t")[1].final == "pass"
