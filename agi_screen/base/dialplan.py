"""Every name the dialplan and the daemon share; `asterisk_conf/agi_screen.conf` uses the same words."""

from __future__ import annotations

VERDICT = "SCREEN_VERDICT"
SCORE = "SCREEN_SCORE"
REASONS = "SCREEN_REASONS"
CALL_ID = "SCREEN_CALL_ID"
CAPTCHA = "SCREEN_CAPTCHA"
ERROR = "SCREEN_ERROR"
FEEDBACK = "SCREEN_FEEDBACK"

ABSOLUTE_TIMEOUT = "TIMEOUT(absolute)"

WAY = "SCREEN_WAY"
LANGUAGE = "CHANNEL(language)"
TALK_DETECT = "TALK_DETECT(set)"
NO_TALK_DETECT = "TALK_DETECT(remove)"
NO_TONE_DETECT = "TONE_DETECT(0,,x)"
TONES_HEARD = "TONE_DETECT(rx)"


def tone_detect(hertz: int) -> str:
    """Counts this tone in what the caller sends, from 300 ms on; there is one such counter a channel."""
    return f"TONE_DETECT({hertz},300,r)"


QUEUE_PRIORITY = "QUEUE_PRIO"  # Asterisk's own: Queue() takes higher ones first
FIRST = "10"
LAST = "-10"

VERDICT_EVENT = "AgiScreenVerdict"
LEVEL_EVENT = "AgiScreenLevel"
OPEN_EVENT = "AgiScreenOpen"
SET_LEVEL_EVENT = "AgiScreenSetLevel"

# What an admin reads of them: docs/reference.md is written from here.
VARIABLES = {
    VERDICT: (
        "`allow`, `challenge`, `reject`, `divert`; empty when the daemon did not answer, which lets the call through"
    ),
    SCORE: "the score, with two decimals",
    REASONS: (
        "what ended the judging, then signals with their points, strongest first: `caller_rate:5.93;anonymous:2.00`"
    ),
    CALL_ID: "the record's id, the same in `agi-screen calls`, the AMI event and the log",
    CAPTCHA: "`passed`, `failed`, `hungup`, `skipped`",
    ERROR: "why there is no verdict, or why the caller was let through without one",
    WAY: (
        "the way on of a caller who did not pass the CAPTCHA: `human`, `last`, `callback`, `voicemail`, "
        "`redress`, `divert`, `goodbye`, `reject`, `allow`"
    ),
    QUEUE_PRIORITY: (
        "`10` in a siege, for callers who are known or have passed the CAPTCHA: Asterisk's `Queue()` "
        "takes them first. `-10` for the way `last`. Otherwise left as it is; one of your own set before"
        " the Gosub is lost then, set it after"
    ),
    FEEDBACK: "`marked` or `unknown`, after an operator's `*77` or `*78`",
}
