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
