"""Numbers without their last four digits, for those who need not know who called."""

from __future__ import annotations

import re

MASK = "••••"
_LONG = re.compile(r"\d{7,}")
_SEPARATED = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}")


def masked(number: str) -> str:
    """A number, or what a trunk sent in its place. The start of a short one stays hidden too."""
    return (number[:-4] if len(number) > 6 else "") + MASK if any(map(str.isdigit, number)) else number


def masked_text(text: str) -> str:
    """A caller's name, which may be a number: every run of seven digits or more is masked, however it is written."""
    return _SEPARATED.sub(lambda found: masked(_cut(found[0])), _LONG.sub(lambda found: masked(found[0]), text))


def _cut(written: str) -> str:
    return "".join(c for c in written if c.isdigit() or c == "+")
