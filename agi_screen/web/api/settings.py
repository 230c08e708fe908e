"""The settings file: what is in force, a change tried and made, its history, and the mode."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from agi_screen.base.errors import ConflictError, MissingError
from agi_screen.base.file_write import WriteError
from agi_screen.base.settings_change import FileChange, Preview, Saved
from agi_screen.base.store_audit import NEWEST
from agi_screen.base.toml_edit import unified
from agi_screen.web.access.audit import doer
from agi_screen.web.route import ApiError, Ask, Model, Role, Route

T = TypeVar("T")
Base = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
N = Annotated[int, Field(ge=1, le=NEWEST)]
Changes = Annotated[dict[Annotated[str, Field(max_length=200)], Any], Field(min_length=1, max_length=300)]


class Key(Model):
    """A setting. `written`: it stands in the file; `restart`: a change waits for one."""

    key: str
    name: str
    value: Any
    default: Any
    comment: str
    differs: bool
    written: bool
    restart: bool
    secret: bool


class SettingsTable(Model):
    name: str
    comment: str
    keys: list[Key]


class Settings(Model):
    """All settings. `base` is the file's hash; `unloaded`: it says something that the daemon has not taken;
    `waiting`: what waits for a restart."""

    path: str
    base: str
    problems: list[str]
    unloaded: bool
    waiting: list[str]
    tables: list[SettingsTable]


class Wanted(Model):
    """Dotted keys and their values; null takes a key out of the file, and its default counts."""

    changes: Changes


class Change(Wanted):
    """`base`: the hash that the settings, or the preview, said."""

    base: Base


class Trial(Model):
    """What a change would do: nothing is changed. With problems it cannot be saved."""

    base: str
    diff: str
    problems: list[str]
    waits: list[str]


class Done(Model):
    """What was done. `not_applied`: why the daemon did not take the file."""

    base: str
    diff: str
    waiting: list[str]
    not_applied: str


class HistoryQuery(Model):
    """`below`: the last `n` of the page before."""

    below: N = NEWEST
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class PastChange(Model):
    n: int
    at: float
    who: str
    what: str
    diff: str


class History(Model):
    """Newest first."""

    changes: list[PastChange]


class Undo(Model):
    """Takes the file back to what it was before change `n`."""

    n: N
    base: Base


class UndoQuery(Model):
    n: N


class NewMode(Model):
    """`confirm`: somebody was asked whether it is meant."""

    mode: Literal["enforce", "monitor", "off"]
    confirm: Literal[True]


async def settings(ask: Ask) -> Settings:
    return Settings.model_validate(await told(ask.office.settings.view()))


async def preview(ask: Ask) -> Trial:
    return _trial(await told(ask.office.settings.preview(ask.body.changes)))


async def change(ask: Ask) -> Done:
    body: Change = ask.body
    return _done(await told(ask.office.settings.save(body.changes, body.base, doer(ask))))


async def history(ask: Ask) -> History:
    query: HistoryQuery = ask.query
    found = await ask.office.settings.history(query.below, query.limit)
    return await asyncio.to_thread(lambda: History(changes=[_past(change) for change in found]))


async def rollback_preview(ask: Ask) -> Trial:
    return _trial(await told(ask.office.settings.rollback_preview(ask.query.n)))


async def rollback(ask: Ask) -> Done:
    body: Undo = ask.body
    return _done(await told(ask.office.settings.rollback(body.n, body.base, doer(ask))))


async def mode(ask: Ask) -> Done:
    body: NewMode = ask.body
    changes = {"mode": body.mode}
    base = (await told(ask.office.settings.preview(changes))).base
    return _done(await told(ask.office.settings.save(changes, base, doer(ask))))


async def told(work: Awaitable[T]) -> T:
    """Errors with their status."""
    try:
        return await work
    except ConflictError as error:
        raise ApiError(409, "base", "", str(error)) from error
    except MissingError as error:
        raise ApiError(404, "n", "", str(error)) from error
    except WriteError as error:
        raise ApiError(503, "file", "", str(error)) from error


def _past(c: FileChange) -> PastChange:
    return PastChange(n=c.n, at=c.at, who=c.who, what=c.what, diff=unified(c.before, c.after, "settings"))


def _trial(found: Preview) -> Trial:
    problems = [str(problem) for problem in found.problems]
    return Trial(base=found.base, diff=found.diff, problems=problems, waits=list(found.waits))


def _done(found: Saved) -> Done:
    return Done(base=found.base, diff=found.diff, waiting=list(found.waiting), not_applied=found.not_applied)


ADMIN, VIEWER = Role.ADMIN, Role.VIEWER
ROUTES = (
    Route("GET", "/settings", "All settings, their defaults and what waits for a restart", VIEWER, settings, Settings),
    Route("PUT", "/settings", "Change the settings file", ADMIN, change, Done, body=Change, errors=(409,)),
    Route(
        *("POST", "/settings/preview", "What a change would do to the file", ADMIN, preview, Trial),
        body=Wanted,
    ),
    Route("GET", "/settings/history", "Who changed the file, when, and how", ADMIN, history, History, HistoryQuery),
    Route(
        *("GET", "/settings/rollback", "What taking back a change would do", ADMIN, rollback_preview, Trial),
        query=UndoQuery,
        errors=(404,),
    ),
    Route(
        *("POST", "/settings/rollback", "The file as it was before a change", ADMIN, rollback, Done),
        body=Undo,
        errors=(404, 409),
    ),
    Route("POST", "/mode", "Enforce, monitor, or off", ADMIN, mode, Done, body=NewMode, errors=(409,), tag="settings"),
)
