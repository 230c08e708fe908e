"""What the daemon tells others: figures, AMI events, channel variables, as the code makes them."""

from __future__ import annotations

from collections.abc import Iterator

from agi_screen.base import dialplan
from agi_screen.base.clock import ManualClock
from agi_screen.base.figures import Histogram
from agi_screen.base.toml_file import DEFAULTS
from agi_screen.daemon import Daemon
from agi_screen.figures import figures
from agi_screen.health import Health
from agi_screen.settings import load
from scripts.docs_.cells import table

WORDS = 6  # values of a label that are named


def metrics() -> Iterator[str]:
    """Those of a daemon of the shipped settings; labels that depend on the traffic stay without values."""
    clock = ManualClock()
    daemon = Daemon(load(DEFAULTS), clock)
    found = sorted(figures(daemon, Health(daemon, clock)), key=lambda figure: figure.name)
    return table(("figure", "kind", "labels", "what it is"), (_figure(figure) for figure in found))


def _figure(figure: object) -> tuple[str, ...]:
    if isinstance(figure, Histogram):
        return (f"`agi_screen_{figure.name}`", "histogram", "", figure.help)
    name, kind, labels = figure.name, figure.kind, figure.labels  # type: ignore[attr-defined]
    words = [key[0] for key in figure.values if key] if len(labels) == 1 else []  # type: ignore[attr-defined]
    shown = ", ".join(f"`{word}`" for word in words[:WORDS]) + (", …" if len(words) > WORDS else "")
    said = f"{', '.join(labels)}{': ' if shown else ''}{shown}"
    return (f"`agi_screen_{name}{'_total' if kind == 'counter' else ''}`", kind, said, figure.help)  # type: ignore[attr-defined]


def variables() -> Iterator[str]:
    """Channel variables that the subroutine leaves behind."""
    return table(("variable", "value"), ((f"`{name}`", said) for name, said in dialplan.VARIABLES.items()))
