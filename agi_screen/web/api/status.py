"""How the daemon is."""

from __future__ import annotations

from typing import Any

from agi_screen.web.route import Ask, Model, Role, Route


class Status(Model):
    """As `agi-screen status --json` says it."""

    status: dict[str, Any]


async def status(ask: Ask) -> Status:
    return Status(status=dict(await ask.office.status()))


ROUTES = (Route("GET", "/status", "Mode, attack level, calls by verdict, AMI, records", Role.VIEWER, status, Status),)
