"""What every changing route writes down before it changes anything."""

from __future__ import annotations

import logging

from agi_screen.base.store_audit import Doer, write_audit
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
    by = doer(ask)
    await write_audit(ask.office.store.opened, by, what, before, after)
    log.info("%s", " ".join(f"{k}={logfmt_value(v)}" for k, v in (("who", by.who), ("what", what), ("after", after))))
