"""Errors a person will read: each names the field, the value and the mend."""

from __future__ import annotations

from dataclasses import dataclass


class AgiScreenError(Exception):
    """Base of all errors of this package that are meant for people."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file or input. `line` is 0 where it has none."""

    where: str
    field: str
    value: str
    mend: str
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}" if self.line else self.where
        value = f" = {self.value}" if self.value else ""
        return f"{place}: {self.field}{value}: {self.mend}"


class ConfigError(AgiScreenError):
    """The configuration cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class StoreError(AgiScreenError):
    """The database cannot be read or written."""


class ListEntryError(AgiScreenError):
    """A list entry is not a number, prefix or pattern we can match."""


class HangupError(AgiScreenError):
    """The caller is gone, the socket is closed or Asterisk did not answer in time."""


class ConflictError(AgiScreenError):
    """Something else was changed meanwhile: look again, then decide."""


class MissingError(AgiScreenError):
    """There is no such thing, or it is gone."""
