"""Where there is no C: every environment is read line by line."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def ordinary(kind: type[T], block: bytes) -> T | None:
    """In C: an environment such as Asterisk itself writes, read in one go; None for one with anything odd in it."""
    del kind, block
    return None
