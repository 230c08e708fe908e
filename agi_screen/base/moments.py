"""Moments as people write them."""

from __future__ import annotations

from datetime import datetime

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.text import escape
from agi_screen.base.units import parse_duration


class TimeError(AgiScreenError):
    """A time that is neither a duration nor a date."""


def moment(text: str, *, ahead: bool, now: float) -> float:
    """`7d` (from now, or ago) or a date such as `2026-12-31` or `2026-12-31T18:00`, local → seconds since 1970."""
    try:
        seconds = parse_duration(text)
    except ValueError:
        return _date(text)
    return now + seconds if ahead else now - seconds


def _date(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        mend = 'write a time with its unit, such as "7d", or a date, such as "2026-12-31"'
        raise TimeError(f'time "{escape(text)}": {mend}') from error
