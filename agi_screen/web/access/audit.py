"""What every changing route writes down before it changes anything."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agi_screen.base.store_audit import Doer, insert_audit
from agi_screen.base.store_conn import Conn
from agi_screen.base.text import logfmt_value
from agi_screen.web.origin import address_of
from agi_screen.web.route import Ask

log = logging.getLogger("agi_screen.audit")


def doer(ask: Ask) -> Doer:
    """Who asks, for a change that writes its line itself."""
    return Doer(ask.who.name, address_of(ask.request, ask.office.web), ask.office.clock.wall())


async def audited(ask: Ask, what: str, before: str = "", after: str = "") -> None:
    """One line in the audit log, and in the daemon's. Call it when all is checked and BEFORE the change: what cannot
    be written down is not done (StoreError, which the caller of the API sees as 503). No secret in any of the texts."""
    async with audited_change(ask) as change:
        await change.says(what, before, after)


class Change:
    """A change under way: what is done by `conn`, and its line, is written as one."""

    def __init__(self, conn: Conn, by: Doer) -> None:
        self.conn = conn
        self.by = by
        self.said: list[tuple[str, str]] = []

    async def says(self, what: str, before: str = "", after: str = "") -> None:
        """The line in the audit log."""
        await insert_audit(self.conn, self.by, what, before, after)
        self.said.append((what, after or before))


@asynccontextmanager
async def audited_change(ask: Ask) -> AsyncIterator[Change]:
    """For a change in the store. Raises StoreError; what is raised inside undoes all of it."""
    async with ask.office.store.opened.transaction() as conn:
        change = Change(conn, doer(ask))
        yield change
    for what, after in change.said:
        texts = (("who", change.by.who), ("what", what), ("after", after))
        log.info("%s", " ".join(f"{key}={logfmt_value(value)}" for key, value in texts))
