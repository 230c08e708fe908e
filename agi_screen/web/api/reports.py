"""Investigations and simulations: started, watched, opened, taken away."""

from __future__ import annotations

from datetime import UTC, datetime
from os import cpu_count
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, field_validator, model_validator

from agi_screen.web.access.audit import audited
from agi_screen.web.reports.runner import REPORTS, Reports
from agi_screen.web.reports.shelf import PAGE, Report
from agi_screen.web.route import ApiError, Ask, Model, Nothing, Role, Route

Moment = Annotated[float, Field(ge=0, le=1e11)]
# These pages have style inside and no script: shut off from the desk, they may do nothing but be looked at.
PAGE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


class Scenario(Model):
    name: str
    title: str


class ReportList(Model):
    """Newest first, and the scenarios that can be simulated."""

    reports: list[Report]
    scenarios: list[Scenario]


class NewReport(Model):
    """An investigation of the calls from `since` to `until` (seconds since 1970), or a simulation of a scenario.

    `own`: simulated with the settings in force, else with the shipped ones. `compare`: beside it the normal day, the
    attack without its robots, and unscreened. `mask`: the report shows no whole numbers."""

    kind: Literal["investigation", "simulation"]
    since: Moment = 0.0
    until: Moment = 0.0
    title: Annotated[str, Field(max_length=80)] = ""
    mask: bool = False
    scenario: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$")] = ""
    seeds: Annotated[int, Field(ge=1, le=50)] = 5
    compare: bool = False
    own: bool = True

    @field_validator("title")
    @classmethod
    def _shown(cls, title: str) -> str:
        if not title.isprintable():
            raise ValueError("write it on one line, without control characters")
        return title

    @model_validator(mode="after")
    def _whole(self) -> NewReport:
        if self.kind == "investigation" and self.since >= self.until:
            raise ValueError("since must be before until")
        if self.kind == "simulation" and not self.scenario:
            raise ValueError("name a scenario")
        return self


async def listed(ask: Ask) -> ReportList:
    scenarios = [Scenario(name=name, title=title) for name, title in _reports(ask).scenarios.items()]
    return ReportList(reports=_reports(ask).all(), scenarios=scenarios)


async def start(ask: Ask) -> Report:
    body: NewReport = ask.body
    reports = _reports(ask)
    reports.check_room()
    masked = body.mask or _must_mask(ask)
    if body.kind == "simulation":
        arguments, what = _simulation(ask, body)
    else:
        arguments, what = _investigation(ask, body, masked)
    await audited(ask, f"{body.kind} started", after=what)
    return await reports.add(body.kind, what, ask.who.name, arguments, masked=masked or body.kind == "simulation")


async def one(ask: Ask) -> Report:
    return _reports(ask).one(ask.path["id"])


async def cancel(ask: Ask) -> Nothing:
    report = _reports(ask).one(ask.path["id"])
    await audited(ask, "report cancelled", before=report.what)
    await _reports(ask).cancel(report.id)
    return Nothing()


async def remove(ask: Ask) -> Nothing:
    report = _reports(ask).one(ask.path["id"])
    await audited(ask, "report deleted", before=report.what)
    await _reports(ask).remove(report.id)
    return Nothing()


async def page(ask: Ask) -> web.StreamResponse:
    report = _finished(ask)
    file = _reports(ask).shelf.place(report.id) / PAGE
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": PAGE_POLICY}
    return web.FileResponse(file, headers=headers | {"Cache-Control": "no-store"})


async def pack(ask: Ask) -> web.StreamResponse:
    """The evidence pack holds whole numbers, whatever the report shows."""
    report = _finished(ask)
    if report.kind == "investigation" and _must_mask(ask):
        raise ApiError(403, "role", str(ask.who.role), "the evidence holds whole numbers: ask an admin")
    file = _reports(ask).shelf.packed(report)
    name = f'attachment; filename="{report.kind}-{report.id}.zip"'
    headers = {"Content-Type": "application/zip", "Content-Disposition": name, "Cache-Control": "no-store"}
    return web.FileResponse(file, headers=headers)


def _finished(ask: Ask) -> Report:
    report = _reports(ask).one(ask.path["id"])
    if report.state != "done":
        raise ApiError(404, "id", report.id, f"is {report.state}: there is nothing to open")
    if _must_mask(ask) and not report.masked:
        raise ApiError(403, "role", str(ask.who.role), "this report shows whole numbers: ask an admin")
    return report


def _investigation(ask: Ask, body: NewReport, masked: bool) -> tuple[list[str], str]:
    since, until = (datetime.fromtimestamp(at, UTC).isoformat() for at in (body.since, body.until))
    arguments = ["investigate", f"--from={since}", f"--to={until}", f"--config={ask.office.report_files.config}"]
    arguments += [f"--case={body.title}"] if body.title else []
    arguments += ["--mask"] if masked else []
    said = " to ".join(at[:16].replace("T", " ") for at in (since, until)) + " UTC"
    return arguments, f"{body.title}: {said}" if body.title else said


def _simulation(ask: Ask, body: NewReport) -> tuple[list[str], str]:
    titles = _reports(ask).scenarios
    if body.scenario not in titles:
        raise ApiError(400, "body.scenario", body.scenario, "there is no such scenario")
    jobs = max(1, (cpu_count() or 1) - 1)
    arguments = ["simulate", body.scenario, f"--seeds={body.seeds}", f"--jobs={jobs}"]
    arguments += ["--compare"] if body.compare else []
    arguments += [f"--config={ask.office.report_files.config}"] if body.own else []
    own = "settings in force" if body.own else "shipped settings"
    return arguments, f"{titles[body.scenario]}, {body.seeds} seeds, {own}"


def _must_mask(ask: Ask) -> bool:
    return ask.office.web.mask_numbers and ask.who.role < Role.ADMIN


def _reports(ask: Ask) -> Reports:
    return ask.request.app[REPORTS]


OPERATOR = Role.OPERATOR
ROUTES = (
    Route("GET", "/reports", "All reports, and the scenarios", OPERATOR, listed, ReportList),
    Route("POST", "/reports", "Start one", OPERATOR, start, Report, body=NewReport, errors=(429,)),
    Route("GET", "/reports/{id}", "How far one is", OPERATOR, one, Report, errors=(404,)),
    Route("DELETE", "/reports/{id}", "Delete one with its files", OPERATOR, remove, Nothing, errors=(404,)),
    Route("POST", "/reports/{id}/cancel", "End one that waits or runs", OPERATOR, cancel, Nothing, errors=(404,)),
    Route("GET", "/reports/{id}/page", "The report", OPERATOR, page, Nothing, errors=(404,), media="text/html"),
    Route("GET", "/reports/{id}/pack", "Its files", OPERATOR, pack, Nothing, errors=(404,), media="application/zip"),
)
