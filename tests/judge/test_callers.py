"""What is remembered of callers: bounded, right in its arithmetic, and kept whole."""

import random
from collections.abc import Callable
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.happened import CallBegun, CallLost, CallOver, CaptchaDone, Happened, Marked, MenuSeen
from agi_screen.base.records import Disposition
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.judge.callers import LONG_WAIT, NOBODY, ONE_SITTING, REAL_TALK, SHORT_TALK, Callers, History
from tests.judge.calls import MISSING, WITHHELD, a_call_at

CALLER = "+14155552671"


def over(
    caller: str = CALLER,
    talk: float = 60.0,
    how: Disposition = Disposition.TALKED,
    verdict: Verdict = Verdict.ALLOW,
    at: float = 100.0,
    wait: float = 0.0,
    cause: int = 16,
) -> CallOver:
    return CallOver(caller, "+18005550100", "t", at - talk, at, verdict, how, wait, talk, cause)


def learned(*happened: Happened) -> History:
    callers = Callers(10)
    for one in happened:
        callers.learn(one)
    return callers.peek(a_call_at(200.0, CALLER))


callers_of = st.sampled_from(["+1", "+2", "+3", "+4", "+5", "5", "anonymous", "", "absent", "\ud800", "x" * 99])
moments = st.floats(1, 1e6)  # 0 is never
events = st.one_of(
    st.builds(CallBegun, callers_of),
    st.builds(CallLost, callers_of),
    st.builds(over, callers_of, st.floats(0, 999), st.sampled_from(Disposition), st.sampled_from(Verdict), moments),
    st.builds(CaptchaDone, callers_of, st.just("t"), moments, st.sampled_from(CaptchaResult)),
    st.builds(Marked, callers_of, st.sampled_from(["robot", "person", "else"]), moments),
    st.builds(MenuSeen, callers_of, moments, st.booleans()),
)


@given(st.lists(st.one_of(events, st.tuples(callers_of, moments)), max_size=120), st.integers(1, 4))
def test_two_rooms_and_no_more(steps: list[Happened | tuple[str, float]], capacity: int) -> None:
    callers = Callers(capacity)
    for step in steps:
        if len(step) == 2 and not isinstance(step, CallBegun):
            callers.seen(a_call_at(float(step[1]), str(step[0])))
        else:
            callers.learn(step)
        assert callers.known <= capacity
        assert len(callers) <= 2 * capacity
    assert len(callers.changed()) <= capacity
    assert callers.changed() == []


@given(st.lists(events, max_size=60))
def test_nobody_is_never_written_to(steps: list[Happened]) -> None:
    callers = Callers(5)
    for step in steps:
        callers.learn(step)
        for who in (WITHHELD, MISSING):
            assert callers.seen(a_call_at(1.0, who)) is NOBODY
            assert callers.peek(a_call_at(1.0, who)) is NOBODY
    fresh = History()
    assert all(getattr(NOBODY, name) == getattr(fresh, name) for name in History.__slots__)


@pytest.mark.parametrize("call", [True, False])
def test_a_flood_of_strangers_pushes_out_nobody_who_is_known(call: bool) -> None:
    """By calling, or by failing CAPTCHAs, which makes news as well."""
    callers, capacity = Callers(100), 100
    known = [f"+1612{n:07d}" for n in range(capacity)]
    for caller in known:
        callers.learn(over(caller))
    for n in range(10 * capacity):
        stranger = f"+1415{n:07d}"
        if call:
            callers.seen(a_call_at(float(n), stranger))
        else:
            callers.learn(CaptchaDone(stranger, "t", float(n), CaptchaResult.HUNGUP))
    assert all(callers.peek(a_call_at(0.0, caller)).known for caller in known)
    assert len(callers) <= 2 * capacity


def test_of_each_room_the_longest_unheard_of_goes_first() -> None:
    callers = Callers(3)
    for caller in ("+1", "+2", "+3", "+1", "+4"):
        callers.seen(a_call_at(1.0, caller))
    assert [callers.peek(a_call_at(1.0, c)).calls for c in ("+1", "+2", "+3", "+4")] == [2, 0, 1, 1]


def test_peek_keeps_nothing() -> None:
    callers = Callers(3)
    assert callers.peek(a_call_at(1.0)) is NOBODY
    assert len(callers) == 0


@given(st.floats(0.1, ONE_SITTING - 1), st.integers(2, 40))
def test_a_clock_has_no_variation(gap: float, calls: int) -> None:
    history = History()
    for n in range(calls):
        history.called(1e6 + n * gap)
    assert history.gaps == calls - 1
    assert history.gap == pytest.approx(gap, rel=1e-4)
    assert history.evenness == pytest.approx(0.0, abs=1e-3)


def evenness_of(spaced: Callable[[random.Random], float], calls: int = 30) -> float:
    """The mean over many callers."""
    found = []
    for seed in range(200):
        chance, history, at = random.Random(seed), History(), 1e6
        for _ in range(calls):
            history.called(at)
            at += spaced(chance)
        found.append(history.evenness)
    return mean(found)


def test_gaps_by_chance_vary_as_much_as_their_mean() -> None:
    """The newest count most, so the estimate is of few gaps, and a little low."""
    assert evenness_of(lambda chance: chance.expovariate(1 / 60)) == pytest.approx(0.9, abs=0.15)


def test_gaps_that_waver_a_little_hardly_vary() -> None:
    assert evenness_of(lambda chance: chance.uniform(57, 63)) < 0.06


def test_the_first_gaps_count_alike() -> None:
    """The plain mean and variance, until the memory is full."""
    history = History()
    for at in (1e6, 1e6 + 10, 1e6 + 40):
        history.called(at)
    assert (history.gap, history.spread) == pytest.approx((20.0, 100.0))


def test_a_long_pause_begins_a_new_row() -> None:
    callers = Callers(10)
    for n in range(5):
        history = callers.seen(a_call_at(1e6 + n, CALLER))
    callers.learn(over(how=Disposition.ABANDONED, talk=0.0))
    callers.seen(a_call_at(1e6 + 4 + ONE_SITTING, CALLER))
    assert (history.calls, history.gaps, history.unserved_run, history.evenness) == (6, 0, 0, 1.0)


@given(st.lists(st.floats(-1e6, 1e6), max_size=40))
def test_clocks_that_jump_are_borne(moments_: list[float]) -> None:
    history = History()
    for at in moments_:
        history.called(at)
    assert history.calls == len(moments_)
    assert history.gap >= 0
    assert history.spread >= 0
    assert history.evenness >= 0


@given(st.lists(st.sampled_from(["begun", "lost", "over", "none"]), max_size=60))
def test_open_calls_are_those_begun_and_not_ended_and_never_under_none(steps: list[str]) -> None:
    callers, count = Callers(10), 0
    made: dict[str, Happened] = {"begun": CallBegun(CALLER), "lost": CallLost(CALLER), "over": over()}
    for step in steps:
        if step == "none":
            callers.none_open()
            count = 0
        else:
            callers.learn(made[step])
            count = count + 1 if step == "begun" else max(0, count - 1)
        assert callers.peek(a_call_at(0.0, CALLER)).open == count


def test_a_real_talk_makes_known_and_short_ones_do_not() -> None:
    assert learned(over(talk=REAL_TALK)).known
    many_short = learned(*[over(talk=SHORT_TALK - 1)] * 50)
    assert (many_short.known, many_short.shorts, many_short.talks) == (False, 50, 50)


def test_a_mark_makes_known_unless_as_many_say_otherwise() -> None:
    person, robot = Marked(CALLER, "person", 1.0), Marked(CALLER, "robot", 2.0)
    assert learned(person).known
    assert not learned(person, robot).known
    assert learned(person, robot, person).known


def test_a_passed_captcha_forgives_the_failed_ones() -> None:
    failed, hung = (CaptchaDone(CALLER, "t", 1.0, result) for result in (CaptchaResult.FAILED, CaptchaResult.HUNGUP))
    passed = CaptchaDone(CALLER, "t", 3.0, CaptchaResult.PASSED)
    assert learned(failed, hung).failed == 1
    assert learned(hung._replace(doubted=True), failed).failed == 2
    history = learned(failed, hung, passed)
    assert (history.failed, history.passed, history.captcha_at) == (0, 1, 3.0)
    assert learned(failed, passed, failed).failed == 1


def test_a_hang_up_is_a_failure_only_of_who_acts_like_a_machine() -> None:
    hung = CaptchaDone(CALLER, "t", 1.0, CaptchaResult.HUNGUP)
    annoyed = learned(hung, hung)
    assert (annoyed.failed, annoyed.hungup, annoyed.captcha_at) == (0, 2, 1.0)
    robot = learned(hung._replace(doubted=True))
    assert (robot.failed, robot.hungup) == (1, 0)
    assert learned(hung, hung._replace(result=CaptchaResult.PASSED)).hungup == 0


def test_a_captcha_that_was_not_held_is_none() -> None:
    skipped = CaptchaDone(CALLER, "t", 1.0, CaptchaResult.SKIPPED)
    assert learned(skipped).captcha_at == 0.0


BUSY = over(how=Disposition.HUNGUP, talk=0.0, at=50.0, cause=17)
GAVE_UP = over(how=Disposition.ABANDONED, talk=0.0, at=50.0, wait=LONG_WAIT)


@pytest.mark.parametrize("unserved", [BUSY, GAVE_UP])
def test_allowed_calls_that_reach_nobody_are_counted_until_one_talks(unserved: CallOver) -> None:
    history = learned(unserved, unserved)
    assert (history.unserved_run, history.unserved) == (2, 50.0)
    assert learned(unserved, over()).unserved_run == 0


@pytest.mark.parametrize("verdict", [Verdict.REJECT, Verdict.DIVERT, Verdict.CHALLENGE])
def test_a_call_that_we_turned_away_did_not_miss_an_operator(verdict: Verdict) -> None:
    assert learned(BUSY._replace(verdict=verdict)).unserved_run == 0


def test_who_hangs_up_at_once_did_not_miss_an_operator() -> None:
    assert learned(BUSY._replace(cause=16), GAVE_UP._replace(queue_wait=1.0)).unserved_run == 0


@given(st.lists(events, max_size=80), st.integers(2, 6))
def test_what_is_kept_is_restored_the_same(steps: list[Happened], capacity: int) -> None:
    callers, again = Callers(capacity), Callers(capacity)
    for step in steps:
        callers.learn(step)
    kept = list(callers.keep())
    again.restore(kept)
    assert list(again.keep()) == kept
    assert again.known == sum(record.talked >= REAL_TALK or record.person > record.robot for record in kept)
    assert again.changed() == []


@given(st.lists(events, max_size=80))
def test_news_written_one_after_the_other_are_what_is_kept(steps: list[Happened]) -> None:
    callers = Callers(100)
    written = {}
    for step in steps:
        callers.learn(step)
        written.update({record.caller: record for record in callers.changed()})
    assert written == {record.caller: record for record in callers.keep()}


def test_a_store_that_comes_late_adds_to_what_is_known() -> None:
    callers = Callers(10)
    callers.learn(over(talk=40.0, at=500.0))
    (now,) = callers.changed()
    callers.restore([now._replace(talks=2, talked=60.0, last_talk=100.0, robot=1, marked_at=90.0)])
    (sum_,) = callers.changed()
    assert (sum_.talks, sum_.talked, sum_.last_talk) == (3, 100.0, 500.0)
    assert (sum_.robot, sum_.marked_at) == (1, 90.0)
