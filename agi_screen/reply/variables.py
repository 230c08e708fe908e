"""Decision → channel variables, all in one command."""

from __future__ import annotations

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import mset
from agi_screen.base.verdict import CaptchaResult, Decision, Verdict

MAX_REASONS = 400


def verdict_command(
    call_id: str,
    decision: Decision,
    verdict: Verdict,
    captcha: CaptchaResult = CaptchaResult.SKIPPED,
    error: str = "",
) -> bytes:
    """The one command that tells the dialplan; `verdict` is the final one, after a CAPTCHA perhaps not the judge's."""
    variables = {
        dialplan.VERDICT: verdict.value,
        dialplan.SCORE: f"{decision.score:.2f}",
        dialplan.REASONS: decision.reasons[:MAX_REASONS],
        dialplan.CALL_ID: call_id,
        dialplan.CAPTCHA: captcha.value,
    }
    if error:
        variables[dialplan.ERROR] = error
    return mset(variables)
