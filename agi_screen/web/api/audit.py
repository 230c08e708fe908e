"""The audit log, page by page."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.store_audit import NEWEST, read_audit
from agi_screen.web.route import Ask, Model, Role, Route


class AuditQuery(Model):
    """`below`: the last `n` of the page before."""

    below: Annotated[int, Field(ge=1, le=NEWEST)] = NEWEST
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class AuditSaid(Model):
    """One change: `at` is seconds since 1970."""

    n: int
    at: float
    who: str
    address: str
    what: str
    before: str
    after: str


class Audit(Model):
    """Newest first."""

    lines: list[AuditSaid]


async def audit(ask: Ask) -> Audit:
    query: AuditQuery = ask.query
    found = await read_audit(ask.office.store.opened, query.below, query.limit)
    return Audit.model_validate({"lines": [line._asdict() for line in found]})


ROUTES = (Route("GET", "/audit", "Who changed what, when, from where", Role.ADMIN, audit, Audit, query=AuditQuery),)
