"""The language a caller is spoken to in."""

from __future__ import annotations

from collections.abc import Generator

from agi_screen.base.call import Call
from agi_screen.base.config import Captcha
from agi_screen.reply.captcha.dialogue import Ask, Heard, Say

AUTO = "auto"
MOMENT, AT_THE_END = 0.02, 0.3  # of key_time: who wants a language presses its key while, or soon after, it is named


def language_of(call: Call, config: Captcha) -> str:
    """That of the dialled number, else the one configured for all, else that of Asterisk's channel."""
    by_did = config.did_languages.get(call.dialled.key, config.language)
    return call.language if by_did == AUTO else by_did


def choice(key: str, *, last: bool) -> Generator[Ask | Say, Heard, str]:
    """Names the language that is spoken now, with its key; returns the key that was pressed."""
    heard = yield Ask(("choose", key), (0,), AT_THE_END if last else MOMENT)
    return heard.keys
