"""One caller's data: exported, and erased. For admins; the number stands in the body, where no log sees it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from agi_screen.web.access.audit import audited, doer
from agi_screen.web.route import Ask, Model, Role, Route


class OneCaller(Model):
    """The caller's number, whole."""

    number: Annotated[str, Field(min_length=3, max_length=80)]


class ForgetCaller(Model):
    """`lists`: the number's own entries too; `reports`: and the reports that name it."""

    number: Annotated[str, Field(min_length=3, max_length=80)]
    lists: bool = False
    reports: bool = False


class CallerData(Model):
    """All that is kept: `data` by where it stands, `meaning` what each part is, `counts` how much."""

    number: str
    counts: dict[str, int]
    meaning: dict[str, str]
    data: dict[str, Any]


class Forgotten(Model):
    """Rows erased by table, and out of memory; reports `removed`; files that are `left` and name the caller."""

    rows: dict[str, int]
    memory: dict[str, int]
    removed: list[str]
    left: list[str]
    remarks: list[str]


async def export(ask: Ask) -> CallerData:
    body: OneCaller = ask.body
    shown, found = await ask.office.export_caller(body.number)
    await audited(ask, "caller exported", "", shown)
    kept = ("number", "counts", "meaning")
    data = {name: part for name, part in found.items() if name not in kept}
    return CallerData(number=found["number"], counts=found["counts"], meaning=found["meaning"], data=data)


async def forget(ask: Ask) -> Forgotten:
    body: ForgetCaller = ask.body
    found = await ask.office.forget_caller(body.number, doer(ask), lists=body.lists, reports=body.reports)
    return Forgotten.model_validate(found)


ROUTES = (
    Route(
        *("POST", "/callers/export", "All that is kept about one caller", Role.ADMIN, export, CallerData),
        body=OneCaller,
    ),
    Route(
        *("POST", "/callers/forget", "Erase all that is kept about one caller", Role.ADMIN, forget, Forgotten),
        body=ForgetCaller,
    ),
)
