"""What the dialplan is told, and who goes first in the queue."""

import pytest

from agi_screen.base.verdict import CaptchaResult, Decision, Level, Outcome, Verdict
from agi_screen.reply.variables import verdict_command

ALLOW, CHALLENGE, REJECT = Verdict.ALLOW, Verdict.CHALLENGE, Verdict.REJECT
SIEGE, NORMAL = Level.SIEGE, Level.NORMAL
PASSED, SKIPPED, FAILED = CaptchaResult.PASSED, CaptchaResult.SKIPPED, CaptchaResult.FAILED


@pytest.mark.parametrize(
    ("decision", "outcome", "first"),
    [
        (Decision(ALLOW, 0.0, SIEGE, first=True), Outcome(ALLOW), True),
        (Decision(ALLOW, 0.0, SIEGE), Outcome(ALLOW), False),
        (Decision(CHALLENGE, 5.0, SIEGE), Outcome(ALLOW, PASSED), True),
        (Decision(CHALLENGE, 5.0, NORMAL), Outcome(ALLOW, PASSED), False),
        (Decision(CHALLENGE, 5.0, SIEGE, first=True), Outcome(Verdict.DIVERT, FAILED), False),
        (Decision(REJECT, 20.0, SIEGE, first=True), Outcome(REJECT), False),
        (Decision(CHALLENGE, 5.0, SIEGE), Outcome(ALLOW, SKIPPED, "captcha_full"), False),
    ],
)
def test_who_goes_first_in_the_queue(decision: Decision, outcome: Outcome, first: bool) -> None:
    said = verdict_command("id", decision, outcome)
    assert (b",QUEUE_PRIO=10" in said) is first
    assert f"SCREEN_VERDICT={outcome.verdict}".encode() in said
