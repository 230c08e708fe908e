"""What a change of the settings file would do, and what one did."""

from __future__ import annotations

from typing import NamedTuple

from agi_screen.base.errors import Problem


class Preview(NamedTuple):
    """`base`: the hash of the file that was looked at; secrets in `diff` are masked. `waits`: keys that a restart
    takes. Nothing can be saved while there are problems."""

    base: str
    diff: str
    problems: tuple[Problem, ...] = ()
    waits: tuple[str, ...] = ()


class Saved(NamedTuple):
    """A change that was made: `waiting` for a restart since the last one; `not_applied` says why the daemon did not
    take the file."""

    base: str
    diff: str
    waiting: tuple[str, ...] = ()
    not_applied: str = ""


class FileChange(NamedTuple):
    """A change of the settings file as the history keeps it, whole texts with masked secrets."""

    n: int
    at: float
    who: str
    what: str
    before: str
    after: str
