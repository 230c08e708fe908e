"""Decision → channel variables, all in one command."""

from __future__ import annotations

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import mset
from agi_screen.base.verdict import Decision, Outcome

MAX_REASONS = 400


def verdict_command(call_id: str, decision: Decision, outcome: Outcome) -> bytes:
    """The one command that tells the dialplan."""
    variables = {
        dialplan.VERDICT: outcome.verdict,
        dialplan.SCORE: f"{decision.score:.2f}",
        dialplan.REASONS: decision.reasons[:MAX_REASONS],
        dialplan.CALL_ID: call_id,
        dialplan.CAPTCHA: outcome.captcha,
    }
    if outcome.error:
        variables[dialplan.ERROR] = outcome.error
    return mset(variables)
