"""`agi-screen investigate`: where the calls of a time came from, whether there is a pattern, and the evidence."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.moments import moment
from agi_screen.base.store_range import opened_range
from agi_screen.base.text import one_line
from agi_screen.commands.options import (
    ConfigOption,
    JsonOption,
    ProgressForm,
    ProgressLines,
    ProgressOption,
    or_exit_2,
)
from agi_screen.commands.with_store import CLOCK, give_to_folder_owner
from agi_screen.settings import load

From = Annotated[str, typer.Option("--from", help="Start: 2h, 7d (ago), 2026-11-24, 2026-11-24T08:00-06:00.")]
To = Annotated[str, typer.Option("--to", help="End, not included; written likewise. Default: now.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="A folder for report.html, four CSV tables and evidence.zip.")
]
Case = Annotated[str, typer.Option("--case", help="The report's title, such as a case number.")]
Mask = Annotated[
    bool, typer.Option("--mask", help="Hide callers' last four digits in report and summary, not in files.")
]
Verify = Annotated[
    Path | None, typer.Option("--verify", help="Check the hashes of an evidence pack, and nothing else.")
]

_PACKAGE = "agi_screen.what_if.investigate"
DIFFERS = 1


def investigate(
    since: From = "",
    until: To = "",
    output: Output = None,
    case: Case = "",
    mask: Mask = False,
    verify: Verify = None,
    config: ConfigOption = None,
    progress: ProgressOption = ProgressForm.BAR,
    as_json: JsonOption = False,
) -> None:
    """Report where the calls of a time came from: areas, number blocks, trunks, repeaters, the first sign of an attack.

    Prints a summary; with --output also writes the report as one HTML page, tables, and an evidence pack.

    What it calls suspected is a pattern in the records, no proof. Works beside a running daemon and without one.

    --verify evidence.zip checks a pack: exit code 0 when it is whole, 1 when something differs.
    """
    with or_exit_2():
        if verify is not None:
            _verify(verify, as_json)
        elif not since:
            raise AgiScreenError("--from: is missing: name the start of the time, such as --from 2h")
        else:
            _investigate(since, until, output, case, mask, config, progress, as_json)


def _investigate(
    since: str,
    until: str,
    output: Path | None,
    case: str,
    mask: bool,
    config: Path | None,
    progress: ProgressForm,
    as_json: bool,
) -> None:
    now = CLOCK.wall()
    start, end = moment(since, ahead=False, now=now), moment(until, ahead=False, now=now) if until else now
    if start >= end:
        raise AgiScreenError(
            f"--from {one_line(since)} is not before --to {one_line(until) or 'now'}: change one of them"
        )
    settings = load(config)
    run, words, numbers = (_loaded(name) for name in ("investigation", "words", "numbers"))
    asked = run.Asked(settings.path, settings.config, settings.signals, case, mask, now)
    try:
        with opened_range(settings.place, start, end, now) as stored, _progress(stored.count(), progress) as told:
            found, packed = run.investigate(stored, asked, output, told)
    finally:
        give_to_folder_owner(settings.database)
    if as_json:
        shown = words.as_json(found, numbers.masked if mask else str)
        typer.echo(json.dumps({**shown, "evidence": _packed(packed)}))
        return
    for sentence in (*words.summary(found), words.CAUTION):
        typer.echo(one_line(sentence))
    if packed is not None:
        typer.echo(f"\nWritten to {output}: report.html, calls.csv, callers.csv, blocks.csv, areas.csv, {run.PACK}")
        typer.echo(f"SHA-256 of the pack's MANIFEST: {packed.manifest}")


def _loaded(name: str) -> Any:
    """Only now: what knows all places of the world takes half a second to load, and `agi-screen --help` loads this."""
    return importlib.import_module(f"{_PACKAGE}.{name}")


def _packed(packed: Any) -> dict[str, str] | None:
    return packed and {"path": str(packed.path), "manifest_sha256": packed.manifest, "zip_sha256": packed.zip}


@contextmanager
def _progress(calls: int, form: ProgressForm) -> Iterator[Any]:
    """A bar on a terminal's stderr, nothing elsewhere; or lines of JSON."""
    if form is ProgressForm.JSON:
        yield ProgressLines(calls).advance
        return
    console = Console(stderr=True)
    columns = (TextColumn("reading calls"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=calls)
        yield lambda more: bar.advance(task, more)


def _verify(path: Path, as_json: bool) -> None:
    checked = _loaded("verify").verify(path)
    if as_json:
        hashes = {"manifest_sha256": checked.manifest, "zip_sha256": checked.zip}
        typer.echo(json.dumps({"good": checked.good, "files": checked.files, **hashes, "differs": checked.differs}))
    else:
        for line in checked.differs:
            typer.echo(f"{path}: {line}")
        if checked.good:
            typer.echo(f"{path}: all {checked.files} files are as the manifest says")
        typer.echo(f"SHA-256 of the MANIFEST: {checked.manifest} (compare it with the one written down)")
    if not checked.good:
        raise typer.Exit(DIFFERS)
