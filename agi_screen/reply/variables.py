"""Decision → channel variables, all in one command. None is set for nothing: each costs Asterisk an event."""

from __future__ import annotations

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import harmless, mset_line
from agi_screen.base.verdict import CaptchaResult, Decision, Level, Outcome, Verdict

MAX_REASONS = 400


def verdict_command(call_id: str, decision: Decision, outcome: Outcome) -> bytes:
    """The one command that tells the dialplan. All but reasons and error are words and figures of our own."""
    said = (
        f"{dialplan.VERDICT}={outcome.verdict._value_},{dialplan.SCORE}={decision.score:.2f},"
        f"{dialplan.CALL_ID}={call_id},{dialplan.CAPTCHA}={outcome.captcha._value_}"
    )
    if reasons := ";".join(filter(None, (decision.reasons, *_behaved(outcome)))):
        said += f",{dialplan.REASONS}={harmless(reasons[:MAX_REASONS])}"
    if outcome.way:
        said += f",{dialplan.WAY}={outcome.way}"
    if outcome.way == "last":
        said += f",{dialplan.QUEUE_PRIORITY}={dialplan.LAST}"
    elif outcome.verdict is Verdict.ALLOW and _goes_first(decision, outcome):
        said += f",{dialplan.QUEUE_PRIORITY}={dialplan.FIRST}"
    if outcome.error:
        said += f",{dialplan.ERROR}={harmless(outcome.error)}"
    return mset_line(said)


def _goes_first(decision: Decision, outcome: Outcome) -> bool:
    """In a siege: who is known, who had a pass, and who has just passed."""
    return decision.first or (decision.level is Level.SIEGE and outcome.captcha is CaptchaResult.PASSED)


def _behaved(outcome: Outcome) -> list[str]:
    """What the signals made of the caller's conduct, after the reasons of the verdict."""
    return [f"{evidence.signal}:{evidence.score:.2f}" for evidence in outcome.conduct if evidence.score]
