"""One caller's data: found for an export, erased on request; by the running daemon, or by a command without it."""

from __future__ import annotations

import asyncio
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agi_screen.base.errors import AgiScreenError, StoreError
from agi_screen.base.files_naming import files_naming
from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer
from agi_screen.base.store_person import Person, erase, person_of, stored_of
from agi_screen.base.store_space import give_back
from agi_screen.daemon import Daemon
from agi_screen.settings import Settings

log = logging.getLogger("agi_screen.privacy")

MEANINGS = {
    "calls": "each call: caller and caller_raw are the number (in E.164, and as the trunk sent it), caller_name the "
    "name that came with it, dialled our number, trunk the line it came by, started the time in seconds since 1970; "
    "verdict is what the judge said, final_verdict what became of it after the spoken questions (captcha, asked, "
    "conduct), score and evidence why; end tells queue_wait and talk_time in seconds and which operator's telephone "
    "talked; uniqueid is Asterisk's own name of the call",
    "callers": "sums over all calls: talks with operators and their seconds, short ones, questions passed, failed and "
    "left, operators' marks (robot, person), ways through menus, and when each was last",
    "passes": "a passed question lets further calls through: so many uses, until expires",
    "feedback": "an operator's word on a call: robot or person, by which telephone, when",
    "list_entries": "the number on a list of ours: allow (always let through), deny (never), suspect (asked), why, by "
    "whom or from which file, since when and until when (0: no end)",
    "audit": "changes made at the operations desk that name the number",
    "memory": "what the running daemon remembers besides: recent calls and their spacing",
    "files": "files beside the database in which the number stands, such as reports",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What to erase besides records: the number's own list entries, reports that name it."""

    lists: bool = False
    reports: bool = False


def found_person(settings: Settings, written: str) -> Person:
    """Raises AgiScreenError for what is no number."""
    number = settings.plan(1).written(written)
    if not number.known_as[-1:].isdigit():
        raise AgiScreenError(f"number = {written[:40]!r}: write the caller's number, such as +14155552671")
    person = person_of(number.key, number.alias, written)
    if not person.names:
        raise AgiScreenError(f"number = {written[:40]!r}: is too short to be a caller's")
    return person


async def export_person(settings: Settings, store: Store, person: Person, daemon: Daemon | None) -> dict[str, Any]:
    """Everything that is stored, with what each part means. Raises StoreError."""
    if daemon is not None:
        await daemon.recorder.flush()
    found: dict[str, Any] = await stored_of(store, person)
    found["memory"] = remembered(daemon, person) if daemon is not None else {}
    found["files"] = await asyncio.to_thread(_naming, settings, person)
    counts = {name: len(part) for name, part in found.items()}
    return {"number": person.number, "known_as": list(person.names), "counts": counts, "meaning": MEANINGS, **found}


def remembered(daemon: Daemon, person: Person) -> dict[str, Any]:
    """Of each name, what the judge has in mind."""
    callers = daemon.judge.memory.callers
    return {name: about for name in person.names if (about := callers.about(name))}


async def forget_person(
    settings: Settings, store: Store, person: Person, wish: Wish, doer: Doer, daemon: Daemon | None
) -> dict[str, Any]:
    """Memory first, or it would be written again; then the database, its free pages and log; then the files.
    Raises StoreError."""
    memory = await _out_of_memory(daemon, person) if daemon is not None else {}
    rows = await erase(store, person, lists=wish.lists, keep_audit_line=(doer.at, doer.who, doer.address))
    if daemon is not None and wish.lists:
        await daemon.stock.load_lists()
    remarks = [await _space_back(settings)]
    naming = await asyncio.to_thread(_naming, settings, person)
    removed = await asyncio.to_thread(_remove_reports, settings, naming) if wish.reports else []
    left = [name for name in naming if not any(name.startswith(f"{gone}/") for gone in removed)]
    if left:
        remarks.append("files that still name the caller are yours to delete or to keep: see `left`")
    counts = " ".join(f"{name}={count}" for name, count in rows.items() if count) or "nothing"
    log.info("caller forgotten by %s: %s: %s", doer.who, person.shown, counts)
    return {"rows": rows, "memory": memory, "removed": removed, "left": left, "remarks": [r for r in remarks if r]}


async def _space_back(settings: Settings) -> str:
    """What is deleted is overwritten in its pages anyway; a busy database keeps nobody's number for it."""
    try:
        return await give_back(settings.place)
    except StoreError as error:
        return f"erased, but the database is not written anew (`agi-screen privacy purge --compact`): {error}"


async def _out_of_memory(daemon: Daemon, person: Person) -> dict[str, int]:
    await daemon.recorder.flush()
    told = daemon.trail.forget(person.names)
    callers = sum(daemon.judge.memory.callers.forget(name) for name in person.names)
    passes = sum(daemon.passes.forget(name) for name in person.names)
    daemon.plan.forget(person.number)
    for name in person.names:
        daemon.captcha.picker.forget(name)
    return {**told, "callers": callers, "passes": passes}


def _naming(settings: Settings, person: Person) -> list[str]:
    """Relative to the database's folder; the database itself is known."""
    database = settings.database
    besides = (database.name, f"{database.name}-wal", f"{database.name}-shm")
    folder = database.parent
    return [str(path.relative_to(folder)) for path in files_naming(folder, person.names, besides=besides)]


def _remove_reports(settings: Settings, naming: list[str]) -> list[str]:
    shelf, removed = settings.reports, []
    for place in sorted({Path(name).parts[:2] for name in naming if Path(name).parts[0] == shelf.name}):
        if len(place) == 2:  # the folder of one report
            shutil.rmtree(shelf / place[1], ignore_errors=True)
            removed.append("/".join(place))
    return removed
