"""THE path of a call: environment → facts → verdict → reply → trail. Every stage is named here and nowhere else."""

from __future__ import annotations

import logging
from typing import Protocol

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import mset
from agi_screen.base.call import Call
from agi_screen.base.clock import Clock
from agi_screen.base.config import Captcha
from agi_screen.base.errors import HangupError
from agi_screen.base.happened import CaptchaDone
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import CaptchaResult, Decision, Outcome, Verdict
from agi_screen.inbound.agi import Route
from agi_screen.inbound.conversation import Steps, converse
from agi_screen.inbound.environment import Environment
from agi_screen.inbound.request import to_call
from agi_screen.inbound.sessions import Session
from agi_screen.judge.judge import Judge
from agi_screen.reply.captcha.ivr import Ivr, PromptError
from agi_screen.reply.variables import verdict_command
from agi_screen.trail.record import record_of

log = logging.getLogger("agi_screen.screen")


class Trail(Protocol):
    """What becomes of a decided call: record, event, metrics. Nothing here may wait."""

    def challenged(self, uniqueid: str) -> None: ...
    def decided(self, record: CallRecord) -> None: ...
    def feedback(self, operator: str, label: str) -> bool: ...


class Screen:
    """The routes of the AGI server. One call is one method, read from top to bottom."""

    def __init__(self, captcha: Captcha, plan: NumberPlan, judge: Judge, ivr: Ivr, trail: Trail, clock: Clock) -> None:
        self.captcha = captcha
        self._plan = plan
        self._judge = judge
        self._ivr = ivr
        self._trail = trail
        self._clock = clock

    @property
    def routes(self) -> dict[str, Route]:
        return {"screen": self.screen, "decide": self.decide, "captcha": self.ask, "feedback": self.feedback}

    def screen(self, environment: Environment, session: Session) -> None:
        """Decides; a challenged caller gets the CAPTCHA on the same session."""
        call = to_call(environment, self._plan, self._clock)
        decision = self._judge.decide(call)
        if decision.verdict is Verdict.CHALLENGE:
            self._challenge(call, decision, session)
        else:
            self._end(call, decision, session, Outcome(decision.verdict))

    def decide(self, environment: Environment, session: Session) -> None:
        """Decides only; `challenge` is left to the dialplan."""
        call = to_call(environment, self._plan, self._clock)
        decision = self._judge.decide(call)
        self._end(call, decision, session, Outcome(decision.verdict))

    def ask(self, environment: Environment, session: Session) -> None:
        """The CAPTCHA only, whatever the score would be."""
        call = to_call(environment, self._plan, self._clock)
        self._challenge(call, self._judge.unjudged(Verdict.CHALLENGE, "captcha"), session)

    def feedback(self, environment: Environment, session: Session) -> None:
        """Marks the last caller this operator's telephone talked to; argument `label=robot|person`."""
        call = to_call(environment, self._plan, self._clock)
        label = environment.label
        marked = label in ("robot", "person") and self._trail.feedback(call.trunk, label)
        session.finish(mset({dialplan.FEEDBACK: "marked" if marked else "unknown"}))

    def _challenge(self, call: Call, decision: Decision, session: Session) -> None:
        if self._ivr.full:
            self._end(call, decision, session, Outcome(Verdict(self.captcha.on_full), error="captcha_full"))
            return
        self._trail.challenged(call.uniqueid)
        converse(session, self._talk(call, decision, session, self._since(call)))

    def _talk(self, call: Call, decision: Decision, session: Session, decide_us: int) -> Steps:
        try:
            result = yield from self._ivr.run(call.language)
        except HangupError:
            outcome = Outcome(decision.verdict, CaptchaResult.HUNGUP)
            self._learn(call, CaptchaResult.HUNGUP)
        except PromptError as error:
            log.error("%s", error)
            outcome = Outcome(Verdict.ALLOW, error="prompts_missing")
        else:
            outcome = self._after(call, result)
        self._end(call, decision, session, outcome, decide_us)

    def _after(self, call: Call, result: CaptchaResult) -> Outcome:
        self._learn(call, result)
        if result is CaptchaResult.PASSED:
            self._judge.passes.grant(call.caller.e164, call.trunk)
            return Outcome(Verdict.ALLOW, result)
        return Outcome(Verdict(self.captcha.on_failure), result)

    def _learn(self, call: Call, result: CaptchaResult) -> None:
        self._judge.learn(CaptchaDone(call.caller.key, call.trunk, self._clock.wall(), result))

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
