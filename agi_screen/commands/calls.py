"""`agi-screen calls`: what was decided of the last calls, and why."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agi_screen.base.call import case_number, ids_of_case
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.moments import moment
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import CallRecord
from agi_screen.base.store_calls import StoredCall
from agi_screen.base.store_search import CallFilter
from agi_screen.base.text import escape, one_line
from agi_screen.base.verdict import Decision, Verdict
from agi_screen.base.ways import Way
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import CLOCK, shown, with_store
from agi_screen.settings import load

Caller = Annotated[str, typer.Option(help="Only calls of this number.")]
Did = Annotated[str, typer.Option(help="Only calls to this number.")]
Says = Annotated[Verdict | None, typer.Option("--verdict", help="Only calls the judge gave this verdict.")]
Since = Annotated[str, typer.Option(help="Only calls of the last 1h, 30m, 7d, or since a date.")]
Until = Annotated[str, typer.Option(help="Only calls before: a time ago, or a date.")]
Id = Annotated[str, typer.Option("--id", help="The one call with this SCREEN_CALL_ID.")]
OfWay = Annotated[
    Way | None, typer.Option("--way", help="Only calls shown this way on after the CAPTCHA: callback lists call-backs.")
]
Case = Annotated[str, typer.Option(help="Calls with this case number, as the caller was told it: of the last 60 days.")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many, newest first.")]

COLOURS = {Verdict.ALLOW: "green", Verdict.CHALLENGE: "yellow", Verdict.REJECT: "red", Verdict.DIVERT: "magenta"}
COLUMNS = ("when", "caller", "did", "verdict", "score", "captcha", "way", "end", "reasons")


def calls(
    caller: Caller = "",
    did: Did = "",
    verdict: Says = None,
    since: Since = "",
    until: Until = "",
    ident: Id = "",
    way: OfWay = None,
    case: Case = "",
    limit: Limit = 20,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the last calls, newest first. Works beside a running daemon and without one."""
    with or_exit_2():
        settings = load(config)
        plan = settings.plan(2)
        wanted = CallFilter(
            *(
                plan.written(caller).known_as if caller else "",
                _key(plan, did),
                verdict,
                _ago(since),
                _ago(until),
                ident,
            ),
            *(way or "", _ids(case)),
            limit=limit,
        )
        found = with_store(settings, lambda store: store.calls(wanted), create=False)
    if as_json:
        for call in found:
            typer.echo(json.dumps(as_object(call)))
    else:
        Console().print(_table(found))


def as_object(call: StoredCall) -> dict[str, object]:
    """A call for programs: the fields of its record, its reasons, and its end or null."""
    end = asdict(call.end) if call.end else None
    r = call.record
    seen = {name: [e._asdict() for e in found] for name, found in (("evidence", r.evidence), ("conduct", r.conduct))}
    why = {"reasons": _reasons(call), "conduct_reasons": _conduct(call)}
    return {**r._asdict(), **seen, **why, "case": case_number(r.id), "node": call.node, "end": end}


def _key(plan: NumberPlan, written: str) -> str:
    return plan.number(written).key if written else ""


def _ids(case: str) -> tuple[str, ...]:
    try:
        return ids_of_case(case, CLOCK.wall()) if case else ()
    except ValueError as error:
        raise AgiScreenError(f"--case {one_line(case)}: {error}") from error


def _ago(written: str) -> float | None:
    return moment(written, ahead=False, now=CLOCK.wall()) if written else None


def _reasons(call: StoredCall) -> str:
    r = call.record
    return Decision(r.verdict, r.score, r.level, r.evidence, r.final).reasons


def _conduct(call: StoredCall) -> str:
    """What the caller's behaviour in the CAPTCHA said, as `reasons` are written."""
    r = call.record
    return Decision(r.verdict, 0.0, r.level, r.conduct).reasons


def _table(found: list[StoredCall]) -> Table:
    table = Table(*COLUMNS)
    for call in found:
        r = call.record
        name = f' "{r.caller_name}"' if r.caller_name else ""
        end = f"{call.end.disposition.value} {call.end.talk_time:.0f}s" if call.end else ""
        why = ";".join(filter(None, (_reasons(call) or r.error, _conduct(call))))
        cells = (f"{r.score:.2f}", _captcha(r), r.way, end, why)
        table.add_row(*map(_cell, (shown(r.started), r.caller + name, r.dialled)), _verdict(r), *map(_cell, cells))
    return table


def _captcha(r: CallRecord) -> str:
    """How it ended and after how long, and each question."""
    took = f" {r.captcha_time:.0f}s" if r.captcha_time else ""
    asked = f" ({r.asked.replace(',', ', ')})" if r.asked else ""
    return f"{r.captcha.value}{took}{asked}"


def _verdict(r: CallRecord) -> Text:
    """The judge's verdict, and what a CAPTCHA made of it."""
    text = Text(r.verdict.value, COLOURS[r.verdict])
    if r.final_verdict is not r.verdict:
        text.append(" → ").append(r.final_verdict.value, COLOURS[r.final_verdict])
    return text


def _cell(text: str) -> Text:
    """As it is: a caller's `[red]` is no markup of ours, and an escape sequence is none at all."""
    return Text(escape(text))
