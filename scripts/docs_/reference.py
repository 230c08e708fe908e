"""docs/reference.md: all that has a name, looked up in the code."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.docs_.commands import commands
from scripts.docs_.registered import challenges, signals
from scripts.docs_.told import metrics, variables

HEAD = """# Reference

<!-- Written by scripts/make-docs from the code; edit that, not this page. -->

Every name there is. Keys of the configuration have a page of their own, [configuration.md](configuration.md); the
fields of the AMI events are in [ami-events.md](ami-events.md); the API describes itself at `/api` of the desk.
"""
SIGNALS = """
## Signals

A call's score is the sum of weight times strength (0 to 1, below 0 in the caller's favour), each group capped by
`[groups]`. `[signals.NAME]` has the keys. How to write one: [writing-signals.md](writing-signals.md).
"""
CHALLENGES = """
## Challenges

The questions of the CAPTCHA ([captcha.md](captcha.md)). `[challenges.NAME]` has the keys.
"""
VARIABLES = """
## Channel variables

What `Gosub(agi-screen,s,1)` leaves on the channel ([dialplan.md](dialplan.md)).
"""
METRICS = """
## Metrics

Of `/metrics`; how to read them: [metrics.md](metrics.md).
"""
COMMANDS = """
## Commands

Every command takes `--config FILE`, and all but `serve` take `--json`. `--help` says more.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "\n".join(_sections()) + "\n"


def _sections() -> Iterator[str]:
    for head, lines in (
        (SIGNALS, signals()),
        (CHALLENGES, challenges()),
        (VARIABLES, variables()),
        (METRICS, metrics()),
        (COMMANDS, commands()),
    ):
        yield head
        yield from lines
