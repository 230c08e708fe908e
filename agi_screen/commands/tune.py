"""`agi-screen tune FILE`: thresholds and weights for a wished rate of challenged people; proposed, never applied."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.text import escape
from agi_screen.base.units import parse_duration
from agi_screen.commands.history_options import (
    Contexts,
    File,
    PageFile,
    SkipBad,
    Zone,
    progress,
    tell_bad,
    write_page,
    zone_of,
)
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.settings import load
from agi_screen.what_if.replay.history import read_past
from agi_screen.what_if.replay.run import Run, without_gc
from agi_screen.what_if.tune.labels import label_calls, read_labels
from agi_screen.what_if.tune.picture import HEADS, rows
from agi_screen.what_if.tune.picture import page as page_of
from agi_screen.what_if.tune.tune import Tuned, Tuner

Challenged = Annotated[str, typer.Option(help="The part of people to be challenged on an ordinary day at most.")]
PersonTalk = Annotated[str, typer.Option(help="Who talked to an operator so long is a person.")]
LabelsFile = Annotated[Path | None, typer.Option(help="A CSV of uniqueid,label (person, robot): goes before all.")]

STEP = 2048
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%")


class OptionError(AgiScreenError):
    """An option's value that cannot be used."""


def tune(
    file: File,
    challenged: Challenged = "0.3%",
    person_talk: PersonTalk = "30s",
    labels: LabelsFile = None,
    config: ConfigOption = None,
    page: PageFile = None,
    timezone: Zone = "",
    context: Contexts = None,
    skip_bad: SkipBad = False,
    as_json: JsonOption = False,
) -> None:
    """Propose thresholds and weights from calls of which it is known who they were. Nothing is applied.

    A person is who talked for 30 s, or passed the CAPTCHA; a robot is who failed it; an operator's word (*77, *78)
    goes before both, and --labels before that. The proposal is made from the earlier part of the calls and shown on
    the later part. With too few labels nothing is proposed. Lists are left out: they decide without a score.
    """
    with or_exit_2(), without_gc():
        rate, talk = _share(challenged), _talk(person_talk)
        settings = load(config)
        told = read_labels(labels) if labels is not None else {}
        with progress() as bar:
            task = bar.add_task("reading", total=file.stat().st_size if file.is_file() else None)
            read = read_past(
                *(file, zone_of(timezone), frozenset(context or ())),
                skip_bad=skip_bad,
                read=lambda n: bar.advance(task, n),
            )
            bar.remove_task(task)
            task = bar.add_task("judging", total=len(read.calls))
            run = Run(settings, read.calls[0].start)
            for begin in range(0, len(read.calls), STEP):
                for call in read.calls[begin : begin + STEP]:
                    run.take(call)
                bar.update(task, completed=begin + STEP)
            bar.add_task("searching", total=None)
            tuned = Tuner(run, label_calls(read.calls, talk, told), rate).tuned()
        if page is not None:
            write_page(page, page_of(tuned, rate, str(file)))
    tell_bad(read)
    if as_json:
        typer.echo(json.dumps(tuned.as_json()))
    else:
        _show(tuned, rate)


def _share(text: str) -> float:
    match = _PERCENT.fullmatch(text.strip())
    share = float(match[1]) / 100 if match else 0.0
    if not 0.0001 <= share <= 0.5:
        raise OptionError(f'--challenged "{escape(text)}": write a part of the people from 0.01% to 50%, such as 0.3%')
    return share


def _talk(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise OptionError(f'--person-talk "{escape(text)}": {error}') from error


def _show(tuned: Tuned, rate: float) -> None:
    console = Console()
    known = f"{tuned.people:,} calls of people and {tuned.robots:,} of robots; of {tuned.unlabelled:,} nobody knows"
    console.print(known, highlight=False)
    if tuned.present is not None and tuned.proposed is not None:
        table = Table(*HEADS)
        for row in rows(tuned):
            table.add_row(*row)
        console.print(table)
        curve = Table("people challenged", "robots let through, present weights", "with the proposed weights")
        for point in tuned.curve:
            cells = (f"{point.rate:.2%}", f"{point.present_allowed:.2%}", f"{point.proposed_allowed:.2%}")
            curve.add_row(*cells, style="bold" if point.rate == rate else "")
        console.print(curve)
    if tuned.why:
        console.print(Text(f"Nothing is proposed: {tuned.why}."))
        return
    console.print(Text(f"\n{tuned.toml}"))
    console.print("Nothing has been applied. Try it first: agi-screen replay FILE --against CHANGED.toml", style="dim")
