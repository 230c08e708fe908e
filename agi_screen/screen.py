"""THE path of a call: environment → facts → verdict → reply → trail. Every stage is named here and nowhere else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import mset
from agi_screen.base.call import Call
from agi_screen.base.clock import Clock
from agi_screen.base.conduct import Conduct
from agi_screen.base.config import Captcha
from agi_screen.base.errors import HangupError
from agi_screen.base.happened import CaptchaDone
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import CaptchaResult, Decision, Outcome, Verdict
from agi_screen.base.ways import Way, verdict_of
from agi_screen.inbound.agi import Route
from agi_screen.inbound.conversation import Steps, converse, guarded
from agi_screen.inbound.environment import Environment
from agi_screen.inbound.request import to_call
from agi_screen.inbound.sessions import Session
from agi_screen.judge.judge import Judge
from agi_screen.reply.captcha.captcha import SURE, CaptchaRoom, Sitting
from agi_screen.reply.captcha.ivr import PromptError
from agi_screen.reply.variables import verdict_command
from agi_screen.trail.record import record_of

log = logging.getLogger("agi_screen.screen")


class Trail(Protocol):
    """What becomes of a decided call: record, event, metrics. Nothing here may wait."""

    @property
    def watches(self) -> bool: ...

    def challenged(self, uniqueid: str) -> None: ...
    def spoken(self, uniqueid: str) -> float: ...
    def decided(self, record: CallRecord) -> None: ...
    def feedback(self, operator: str, label: str) -> bool: ...


class Others(Protocol):
    """The other machines. What they know of the caller is in the judge's memory before `go_on`, or it is late.

    `counts`: the judge will take tokens for the call.
    """

    def before(self, call: Call, go_on: Callable[[], None], *, counts: bool = True) -> None: ...


class Screen:
    """The routes of the AGI server. One call is one method, read from top to bottom."""

    def __init__(
        self, captcha: Captcha, plan: NumberPlan, judge: Judge, room: CaptchaRoom, trail: Trail, clock: Clock
    ) -> None:
        self.captcha = captcha
        self.others: Others | None = None
        self._plan = plan
        self._judge = judge
        self._captcha = room
        self._trail = trail
        self._clock = clock

    @property
    def routes(self) -> dict[str, Route]:
        return {"screen": self.screen, "decide": self.decide, "captcha": self.ask, "feedback": self.feedback}

    def screen(self, environment: Environment, session: Session) -> None:
        """Decides; a challenged caller gets the CAPTCHA on the same session."""
        call = to_call(environment, self._plan, self._clock)
        if self.others is None:
            self._screened(call, session)
        else:
            self.others.before(call, lambda: guarded(session, lambda: self._screened(call, session)))

    def _screened(self, call: Call, session: Session) -> None:
        decision = self._judge.decide(call)
        if decision.verdict is Verdict.CHALLENGE:
            self._challenge(call, decision, session)
        else:
            self._end(call, decision, session, Outcome(decision.verdict))

    def decide(self, environment: Environment, session: Session) -> None:
        """Decides only; `challenge` is left to the dialplan."""
        call = to_call(environment, self._plan, self._clock)
        if self.others is None:
            self._decided(call, session)
        else:
            self.others.before(call, lambda: guarded(session, lambda: self._decided(call, session)))

    def _decided(self, call: Call, session: Session) -> None:
        decision = self._judge.decide(call)
        self._end(call, decision, session, Outcome(decision.verdict))

    def ask(self, environment: Environment, session: Session) -> None:
        """The CAPTCHA only, whatever the score would be."""
        call = to_call(environment, self._plan, self._clock)
        if self.others is None:
            self._asked(call, session)
        else:
            self.others.before(call, lambda: guarded(session, lambda: self._asked(call, session)), counts=False)

    def _asked(self, call: Call, session: Session) -> None:
        self._challenge(call, self._judge.unjudged(Verdict.CHALLENGE, "captcha"), session)

    def feedback(self, environment: Environment, session: Session) -> None:
        """Marks the last caller this operator's telephone talked to; argument `label=robot|person`."""
        call = to_call(environment, self._plan, self._clock)
        label = environment.label
        marked = label in ("robot", "person") and self._trail.feedback(call.trunk, label)
        session.finish(mset({dialplan.FEEDBACK: "marked" if marked else "unknown"}))

    def _challenge(self, call: Call, decision: Decision, session: Session) -> None:
        """On the same session; a caller who is offered no CAPTCHA is shown the way on."""
        self._trail.challenged(call.uniqueid)
        sitting = self._sitting(call, decision)
        refused, ways = self._captcha.refuses(call)
        if refused:
            converse(session, self._show_way(sitting, decision, session, ways, refused))
        else:
            converse(session, self._ask(sitting, decision, session))

    def _sitting(self, call: Call, decision: Decision) -> Sitting:
        def doubt(conduct: Conduct) -> float:
            return self._judge.conduct(call, conduct).points / self.captcha.doubt

        def spoken() -> float:
            return self._trail.spoken(call.uniqueid)

        return Sitting(call, decision.level, doubt, spoken, self._trail.watches, self._clock.ticks() / 1e9)

    def _show_way(self, sitting: Sitting, decision: Decision, session: Session, ways: Sequence[Way], why: str) -> Steps:
        decide_us = self._since(sitting.call)
        try:
            way = yield from self._captcha.show_way(sitting, ways)
            outcome = Outcome(verdict_of(way), error=why, way=way)
        except HangupError:
            outcome = Outcome(decision.verdict, CaptchaResult.HUNGUP, error=why)
        except PromptError as error:
            log.error("%s", error)
            outcome = Outcome(Verdict.ALLOW, error="prompts_missing")
        self._end(sitting.call, decision, session, outcome, decide_us)

    def _ask(self, sitting: Sitting, decision: Decision, session: Session) -> Steps:
        decide_us = self._since(sitting.call)
        try:
            ended = yield from self._captcha.run(sitting)
        except HangupError:
            outcome = self._after(sitting, decision.verdict, sitting.result)
        except PromptError as error:
            log.error("%s", error)
            outcome = Outcome(Verdict.ALLOW, error="prompts_missing")
        else:
            told = Verdict.ALLOW if ended.way is None else verdict_of(ended.way)
            outcome = self._after(sitting, told, ended.result, ended.way or "")
            if ended.result is CaptchaResult.PASSED:
                self._judge.passes.grant(sitting.call.caller.e164, sitting.call.trunk, sure=ended.chance <= SURE)
        self._end(sitting.call, decision, session, outcome, decide_us)

    def _after(self, sitting: Sitting, told: Verdict, result: CaptchaResult, way: str = "") -> Outcome:
        """What the judge and the record learn of the CAPTCHA."""
        call, now = sitting.call, self._clock.ticks() / 1e9
        conduct = sitting.conduct(hung_up=result is CaptchaResult.HUNGUP, now=now)
        scored = self._judge.conduct(call, conduct)
        doubted = scored.points >= self.captcha.doubt
        self._judge.learn(CaptchaDone(call.caller.key, call.trunk, self._clock.wall(), result, doubted))
        return Outcome(told, result, "", way, str(conduct), scored.evidence, conduct.after)

    def _end(
        self, call: Call, decision: Decision, session: Session, outcome: Outcome, decide_us: int | None = None
    ) -> None:
        """Tells the dialplan first, then the trail: the caller never waits for the record."""
        session.finish(verdict_command(call.id, decision, outcome))
        took = self._since(call) if decide_us is None else decide_us
        self._trail.decided(record_of(call, decision, outcome, took))

    def _since(self, call: Call) -> int:
        """Microseconds since the request was read."""
        return (self._clock.ticks() - call.ticks) // 1000
