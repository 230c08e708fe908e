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

QUEUE_PRIORITY = "QUEUE_PRIO"  # Asterisk's own: Queue() takes higher ones first
FIRST = "10"

VERDICT_EVENT = "AgiScreenVerdict"
LEVEL_EVENT = "AgiScreenLevel"
SET_LEVEL_EVENT = "AgiScreenSetLevel"
