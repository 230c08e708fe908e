"""Signals and challenges, as their files describe themselves."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from typing import Any

from agi_screen.base.toml_file import DEFAULTS
from agi_screen.judge.registry import signal_classes
from agi_screen.reply.captcha.registry import challenge_classes
from scripts.docs_.cells import first_line, table


def signals() -> Iterator[str]:
    """By group; those of conduct speak in the CAPTCHA alone."""
    tables = _defaults("signals")
    rows = (
        (
            kind.group,
            f"`{name}`",
            str(tables[name]["weight"]),
            _reads(kind),
            " ".join(f"`{key}`" for key in tables[name] if key != "weight"),
            _told(kind),
        )
        for name, kind in sorted(signal_classes().items(), key=lambda item: (item[1].group, item[0]))
        if name in tables
    )
    return table(("group", "signal", "weight", "looks at", "its other keys", "what it is"), rows)


def challenges() -> Iterator[str]:
    """The spoken questions."""
    tables = _defaults("challenges")
    rows = (
        (f"`{name}`", " ".join(f"`{key}`" for key in tables[name]), _told(kind))
        for name, kind in sorted(challenge_classes().items())
        if name in tables
    )
    return table(("challenge", "its keys", "what it is"), rows)


def _defaults(of: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))[of]
    return found


def _told(kind: type[Any]) -> str:
    return first_line(sys.modules[kind.__module__].__doc__)


def _reads(kind: type[Any]) -> str:
    words = [str(fact.name).lower() for fact in kind.reads]
    return ", ".join(words) or "the call"
