"""The law of replay: no verdict knows what was not known yet; and what the live judge said, the replay says."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from agi_screen.base.call import Call
from agi_screen.base.clock import SystemClock
from agi_screen.base.happened import CallBegun
from agi_screen.base.records import CallEnd, CallRecord, Disposition, Feedback
from agi_screen.base.store import Store
from agi_screen.base.verdict import CaptchaResult, Decision, Evidence, Level, Verdict
from agi_screen.settings import Settings
from agi_screen.what_if.rehearsal import Rehearsal
from agi_screen.what_if.replay.history import read_past
from agi_screen.what_if.replay.past import PastCall, Source
from agi_screen.what_if.replay.run import Run
from tests.made import a_call
from tests.what_if.made_cdr import NOON, SMALL, settings

START = NOON.timestamp()
SKIPPED, HUNGUP = CaptchaResult.SKIPPED, CaptchaResult.HUNGUP
MACHINE = (Evidence("talk_over", 1.0, 6.0, "spoke over 99% of our questions"),)
CALLERS = ("6125550101", "6125550102", "9525550199", "anonymous", "0005551234")

calls = st.builds(
    lambda at, src, lasts, how, talk: PastCall(
        *(START + at, f"{int(START) + at}.{at}", "", src, "18005550100", "PJSIP/t", START + at + lasts, how),
        *(0.0, float(min(talk, lasts)) if how is Disposition.TALKED else 0.0, 16),
    ),
    st.integers(0, 1800),
    st.sampled_from(CALLERS),
    st.integers(0, 900),
    st.sampled_from([Disposition.TALKED, Disposition.ABANDONED, Disposition.HUNGUP]),
    st.integers(0, 900),
)


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings(tmp_path_factory.mktemp("replay"), SMALL)


def decisions(configured: Settings, past: list[PastCall]) -> list[Decision]:
    run = Run(configured, START)
    return [run.take(call) for call in sorted(past, key=lambda call: call.start)]


@given(st.lists(calls, min_size=1, max_size=40), st.integers(0, 1800), st.data())
@hypothesis(max_examples=40, deadline=None)
def test_no_verdict_knows_the_future(configured: Settings, past: list[PastCall], cut: int, data: st.DataObject) -> None:
    """Whatever happens after a moment, in calls under way or in later ones, leaves the verdicts until then alone."""
    now = START + cut
    other = [c for c in data.draw(st.lists(calls, max_size=10)) if c.start > now]
    for call in past:
        if call.start <= now < call.ended:
            how = data.draw(st.sampled_from([Disposition.TALKED, Disposition.ABANDONED]))
            lasts = data.draw(st.sampled_from([now + 1, now + 700, inf]))
            other.append(call._replace(ended=lasts, disposition=how, talk_time=300.0))
        elif call.start <= now:
            other.append(call)
    until = sum(call.start <= now for call in past)
    assert decisions(configured, other)[:until] == decisions(configured, past)[:until]


def test_an_end_is_known_from_its_own_moment_on(configured: Settings) -> None:
    def call(at: float, ended: float) -> PastCall:
        how = (Disposition.TALKED, 0.0, ended - at, 16)
        return PastCall(START + at, "", "", CALLERS[0], "18005550100", "t", START + ended, *how)

    past = [call(0, 100), call(99, 99.5), call(100, 101)]
    spoke = [[e.signal for e in d.evidence] for d in decisions(configured, past)]
    assert ["known_caller" in names for names in spoke] == [False, False, True]


def test_a_siege_ends_in_silence(configured: Settings) -> None:
    """As in the daemon, which looks at the level every few seconds, and not only when somebody calls."""
    end = (inf, Disposition.HUNGUP, 0.0, 0.0, 16)
    flood = [
        PastCall(START + n / 20, "", "", f"6125{n % 90 + 10}{n:04}", "18005550100", "t", *end) for n in range(2000)
    ]
    late = flood[0]._replace(start=START + 6 * 3600)
    *during, after = decisions(configured, [*flood, late])
    assert during[-1].level is Level.SIEGE
    assert after.level is Level.NORMAL


def test_monitor_is_judged_in_earnest(tmp_path: Path) -> None:
    bad = PastCall(START, "", "", "0005551234", "18005550100", "t", inf, Disposition.HUNGUP, 0.0, 0.0, 16)
    run = Run(settings(tmp_path, 'mode = "monitor"\n'), START)
    assert run.take(bad).verdict is Verdict.CHALLENGE


class Live:
    """A day of calls through the judge as the daemon leads them, and what it would have recorded."""

    def __init__(self, configured: Settings, seed: int) -> None:
        self.judge = Rehearsal(configured, START)
        self.records: list[CallRecord] = []
        self.ends: list[CallEnd] = []
        self.marks: list[Feedback] = []
        self._chance = random.Random(seed)
        self._events: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._numbers = count()

    def run(self) -> None:
        at = START
        for number in range(400):
            at += self._chance.choice((0.5, 3.0, 20.0, 200.0)) + self._chance.random()  # no two at once
            self._later(at, self._arrives, number)
        while self._events:
            when, _, do, what = heappop(self._events)
            do(when, *what)

    def _later(self, at: float, do: Callable[..., None], *what: object) -> None:
        heappush(self._events, (at, next(self._numbers), do, what))

    def _arrives(self, at: float, number: int) -> None:
        call, decision = self.judge.asks(at, self._chance.choice(CALLERS), "18005550100", "PJSIP/t")
        passed = self._chance.random() < 0.5
        if decision.verdict is Verdict.CHALLENGE:
            result = CaptchaResult.PASSED if passed else self._chance.choice((CaptchaResult.FAILED, HUNGUP))
            self._later(at + 12.0, self._captcha, call, decision, result, f"u{number}")
        else:
            self._goes_on(at, call, decision, CaptchaResult.SKIPPED, decision.verdict, f"u{number}")

    def _captcha(self, at: float, call: Call, decision: Decision, result: CaptchaResult, uniqueid: str) -> None:
        acts = MACHINE if self._chance.random() < 0.5 else ()
        self.judge.captcha(at, call, result, doubted=bool(acts))
        if result is HUNGUP:
            self._record(call, decision, result, Verdict.CHALLENGE, uniqueid, acts)
            self.ends.append(CallEnd(uniqueid, at, 16, Disposition.HUNGUP))
            return
        told = Verdict.ALLOW if result is CaptchaResult.PASSED else Verdict.DIVERT
        self._goes_on(at, call, decision, result, told, uniqueid)

    def _goes_on(
        self, at: float, call: Call, decision: Decision, captcha: CaptchaResult, told: Verdict, uniqueid: str
    ) -> None:
        self._record(call, decision, captcha, told, uniqueid)
        self.judge.learn(CallBegun(call.caller.key))
        wait, talk = self._chance.choice(((0.0, 5.0), (30.0, 90.0), (60.0, 0.0)))
        self._later(at + wait + talk, self._over, call, told, wait, talk, uniqueid)

    def _record(
        self,
        call: Call,
        decision: Decision,
        captcha: CaptchaResult,
        told: Verdict,
        uniqueid: str,
        acts: tuple[Evidence, ...] = (),
    ) -> None:
        who = (f"c-{uniqueid}", uniqueid, call.started, call.caller.key, call.caller.raw, call.caller.kind, "")
        what = (call.dialled.key, call.trunk, decision.verdict, told, decision.score, decision.level, decision.final)
        self.records.append(CallRecord(*who, *what, decision.evidence, captcha, (), "", 100, conduct=acts))

    def _over(self, at: float, call: Call, told: Verdict, wait: float, talk: float, uniqueid: str) -> None:
        how = Disposition.TALKED if talk else Disposition.ABANDONED
        self.judge.over(at, call, told, how, wait, talk)
        self.ends.append(CallEnd(uniqueid, at, 16, how, "q", wait, talk))


@pytest.mark.parametrize("seed", range(4))
def test_the_replay_of_our_records_says_what_the_live_judge_said(
    configured: Settings, seed: int, tmp_path: Path
) -> None:
    live = Live(configured, seed)
    live.run()
    path = tmp_path / "calls.db"

    async def write() -> None:
        store = await Store.open(path, clock=SystemClock())
        await store.save_calls(live.records)
        await store.save_ends(live.ends)
        await store.close()

    asyncio.run(write())
    past = read_past(path)
    assert past.source is Source.RECORDS
    run = Run(configured, START)
    said = {call.uniqueid: run.take(call) for call in past.calls}
    for record in live.records:
        decision = said[record.uniqueid]
        assert (decision.verdict, decision.evidence) == (record.verdict, record.evidence), record.uniqueid
    assert any(record.captcha is CaptchaResult.PASSED for record in live.records)
    assert {record.verdict for record in live.records} >= {Verdict.ALLOW, Verdict.CHALLENGE}


def test_feedback_is_learned_when_it_was_given(configured: Settings, tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    who = {"caller": "+16125550101", "caller_raw": "6125550101", "verdict": Verdict.ALLOW, "captcha": SKIPPED}
    records = [a_call(f"c{n}", started=START + n * 100, tampering=(), **who) for n in range(3)]

    async def write() -> None:
        store = await Store.open(path, clock=SystemClock())
        await store.save_calls(records)
        await store.save_feedback(Feedback("c0", "+16125550101", "robot", "PJSIP/anna", START + 150))
        await store.close()

    asyncio.run(write())
    run = Run(configured, START)
    marked = [any(e.signal == "operator_feedback" for e in run.take(c).evidence) for c in read_past(path).calls]
    assert marked == [False, False, True]
