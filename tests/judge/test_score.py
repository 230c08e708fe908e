"""Score and verdict: weights times points, caps by group, thresholds."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import Call, Number, NumberKind
from agi_screen.base.clock import ManualClock
from agi_screen.base.conduct import Conduct
from agi_screen.base.config import Thresholds
from agi_screen.base.happened import CaptchaDone
from agi_screen.base.toml_file import DEFAULTS
from agi_screen.base.verdict import CaptchaResult, Decision, Evidence, Level, Verdict
from agi_screen.judge.judge import Judge
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.judge.score import Signals, score
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams
from agi_screen.judge.verdict import verdict
from agi_screen.settings import load

CALL = Call("", Number(""), Number(""), "", "", "", 0.0, 0)


def signal(name: str, group: str, weight: float, points: float) -> Signal[SignalParams]:
    class Fixed(Signal[SignalParams]):
        Params = SignalParams

        def evaluate(self, call: Call, facts: Facts) -> Finding | None:
            return Finding(points, "fixed")

    Fixed.name, Fixed.group = name, group
    return Fixed(SignalParams(weight=weight))


def test_a_group_is_capped_and_its_evidence_adds_up_to_the_score() -> None:
    signals = [signal("a", "rate", 6, 1), signal("b", "rate", 2, 1), signal("c", "number", 1, 0.5)]
    total, evidence, _ = score(CALL, Facts(), signals, {"rate": 4.0, "number": 9.0})
    assert total == pytest.approx(4.5)
    assert {e.signal: e.score for e in evidence} == pytest.approx({"a": 3.0, "b": 1.0, "c": 0.5})


def test_good_evidence_is_not_capped() -> None:
    total, _, _ = score(CALL, Facts(), [signal("a", "rate", 9, 1), signal("b", "rate", 5, -1)], {"rate": 4.0})
    assert total == pytest.approx(-1.0)


POINTS = st.floats(-3, 3)


@given(st.lists(st.tuples(st.sampled_from("xy"), st.floats(0, 20), POINTS), max_size=6), st.floats(0.1, 20))
def test_the_law_of_the_score(made: list[tuple[str, float, float]], cap: float) -> None:
    signals = [signal(str(n), group, weight, points) for n, (group, weight, points) in enumerate(made)]
    total, evidence, _ = score(CALL, Facts(), signals, {"x": cap, "y": cap})
    assert total == pytest.approx(sum(e.score for e in evidence))
    for group in "xy":
        names = {str(n) for n, (its, _, _) in enumerate(made) if its == group}
        assert sum(e.score for e in evidence if e.signal in names and e.score > 0) <= cap * 1.000001
    assert all(-1 <= e.points <= 1 for e in evidence)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_verdicts_follow_the_thresholds(points: float, own: float) -> None:
    expected = Verdict.REJECT if own >= 8 else Verdict.CHALLENGE if points >= 3 else Verdict.ALLOW
    assert verdict(points, own, Thresholds(challenge=3, reject=8)) is expected


def test_what_others_do_is_not_the_calls_own() -> None:
    signals = [signal("a", "rate", 2, 1), signal("all", "surge", 6, 1)]
    scored = score(CALL, Facts(), signals, {"rate": 9.0, "surge": 4.0})
    assert (scored.points, scored.own) == pytest.approx((6.0, 2.0))


def test_reasons_are_the_strongest_first() -> None:
    evidence = (
        Evidence("b", 1, 1.5, ""),
        Evidence("a", 1, 4.2, ""),
        Evidence("none", 0, 0, ""),
        Evidence("g", -1, -2, ""),
    )
    assert Decision(Verdict.ALLOW, 3.7, Level.NORMAL, evidence).reasons == "a:4.20;g:-2.00;b:1.50"
    assert Decision(Verdict.ALLOW, 0, Level.NORMAL, final="pass").reasons == "pass"


def test_no_three_groups_can_reject_by_the_shipped_figures() -> None:
    """What a robot does with a victim's number must not shut the victim out: all four must speak."""
    tables = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))
    caps, policy = tables["groups"], tables["policy"]
    own = [caps[group] for group in ("rate", "number", "identity", "behaviour")]
    least = min(policy[level.value]["reject"] for level in Level)
    assert sum(own) - min(own) < least <= sum(own)


class OfRegulars(Signal[SignalParams]):
    """A third party's: of the conduct of callers who have called before."""

    name, group, reads, Params = "of_regulars", "conduct", Reads.CONDUCT | Reads.HISTORY, SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        assert facts.conduct is not None, "asked before the CAPTCHA"
        return Finding(1.0, "called before") if facts.caller.calls and facts.conduct.silent else None


def test_who_reads_conduct_is_asked_in_the_captcha_alone_and_may_read_more() -> None:
    regulars = OfRegulars(SignalParams(weight=2.0))
    config = load(DEFAULTS).config
    judge = Judge(
        config, [regulars, signal("a", "rate", 1, 1)], Lists.build([], 0.0), PassBook(9, ManualClock(), 1, 60.0)
    )
    caller = CALL._replace(caller=Number("+14155552671", "+14155552671", NumberKind.VALID))
    assert [e.signal for e in judge.decide(caller).evidence] == ["a"]
    judge.learn(CaptchaDone(caller.caller.key, "", 1.0, CaptchaResult.FAILED))
    assert [e.signal for e in judge.decide(caller).evidence] == ["a"]
    assert judge.conduct(caller, Conduct()).points == 2.0
    assert judge.conduct(CALL, Conduct()).points == 0.0
    assert judge.signal_names == ("a",)


def test_signals_are_asked_for_what_they_read() -> None:
    regulars = OfRegulars(SignalParams(weight=2.0))
    assert Signals([regulars]).conduct == (regulars,)
    assert Signals([regulars]).asked(Facts()) == ()
