"""`agi-screen doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from agi_screen.base.errors import ConfigError
from agi_screen.base.text import escape
from agi_screen.commands.options import ConfigOption, JsonOption
from agi_screen.doctor.doctor import examine
from agi_screen.doctor.finding import Finding, Mark, error, ok
from agi_screen.doctor.patient import Patient
from agi_screen.settings import load

SHOWN = {Mark.OK: ("✔", "green"), Mark.WARNING: ("!", "yellow"), Mark.ERROR: ("✘", "bold red")}
MOST_SHOWN = 2000  # characters of one finding

EtcOption = Annotated[Path, typer.Option("--asterisk-etc", help="Where Asterisk's configuration is.")]
DEFAULT_ETC = Path("/etc/asterisk")


def doctor(config: ConfigOption = None, asterisk_etc: EtcOption = DEFAULT_ETC, as_json: JsonOption = False) -> None:
    """Look over the whole installation: what is wrong, and how to mend it. Nothing is changed.

    Looks at: the configuration; the running daemon, its FastAGI port and its AMI log-in; the prompts of each language
    and every recording; Asterisk's extensions.conf, manager.conf, modules.conf and pjsip.conf; the database, the disk
    and the limits of this machine.

    Run it as root on Asterisk's machine: what it may not read is said, and not looked at. It takes a second, and half
    a minute where something hangs. Best after each change of Asterisk or agi-screen, and when callers complain.

    Exit code: 0 when there is no error (there may be warnings), 1 when there is, 2 when the configuration is bad.
    """
    try:
        settings = load(config)
    except ConfigError as bad:
        _tell(
            [error("configuration", str(problem), "mend it, and run the doctor again") for problem in bad.problems],
            as_json,
        )
        raise typer.Exit(2) from bad
    good = ok("configuration", f"{settings.path}: good")
    errors = _tell([good, *examine(Patient(settings, asterisk_etc.absolute()))], as_json)
    raise typer.Exit(1 if errors else 0)


def _tell(findings: Iterable[Finding], as_json: bool) -> int:
    """Shows them; the number of errors."""
    findings = list(findings)
    counts = {mark: sum(finding.mark is mark for finding in findings) for mark in Mark}
    if as_json:
        listed = [finding._asdict() for finding in findings]
        typer.echo(json.dumps({"ok": not counts[Mark.ERROR], "findings": listed}))
        return counts[Mark.ERROR]
    console = Console(highlight=False)
    for finding in findings:
        sign, colour = SHOWN[finding.mark]
        said = Text.assemble((f"{sign} ", colour), (f"{finding.what}: ", "bold"), escape(finding.detail, MOST_SHOWN))
        console.print(said)
        if finding.mend:
            console.print(Padding(Text(f"→ {escape(finding.mend, MOST_SHOWN)}", colour), (0, 0, 0, 4)))
    console.print(f"{counts[Mark.ERROR]} errors, {counts[Mark.WARNING]} warnings, {counts[Mark.OK]} in order")
    return counts[Mark.ERROR]
