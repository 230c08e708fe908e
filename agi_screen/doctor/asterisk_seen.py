"""What the running Asterisk lets the daemon's own account do: tried, in one short AMI session."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import NamedTuple

from agi_screen.base.config import Ami
from agi_screen.base.dialplan import OPEN_EVENT
from agi_screen.inbound.ami_link import AmiLink, LinkError
from agi_screen.inbound.ami_types import AmiCounters, AmiError, AmiEvent, AmiTimes

SECONDS = 3.0
EVENT_SECONDS = 2.0
WHY = "doctor"  # no reason that the daemon counts


class Seen(NamedTuple):
    """`trouble`: why the rest is not known. `ahead`: Asterisk's clock before ours, in seconds."""

    trouble: str = ""
    actions: frozenset[str] = frozenset()
    ahead: float | None = None
    sent: bool = False
    heard: bool = False


async def seen(ami: Ami) -> Seen:
    """Never raises."""
    events: asyncio.Queue[AmiEvent] = asyncio.Queue()
    times = AmiTimes(connect=SECONDS, answer=SECONDS)
    link = AmiLink(ami, times, frozenset({"UserEvent"}), AmiCounters(), events.put_nowait)
    try:
        await link.open()
        listed = await link.ask("ListCommands", {})
        ahead = await _ahead(link)
        sent, heard = await _own_event(link, events)
    except LinkError as problem:
        return Seen(f"no log-in ({problem.state}): {problem.detail}")
    except AmiError as problem:
        return Seen(str(problem))
    finally:
        link.close()
    return Seen("", frozenset(listed.fields), ahead, sent, heard)


async def _ahead(link: AmiLink) -> float | None:
    """Asterisk's answer to a ping has its time; half of the way there and back is taken off."""
    before = time.time()
    stamp = (await link.ask("Ping", {})).fields.get("Timestamp", "")
    now = (before + time.time()) / 2
    return float(stamp) - now if stamp.replace(".", "", 1).isdecimal() else None


async def _own_event(link: AmiLink, events: asyncio.Queue[AmiEvent]) -> tuple[bool, bool]:
    """An event of ours, sent and heard again: class user in `write` and `read`, and the filters, at one go."""
    token = secrets.token_hex(8)
    reply = await link.ask("UserEvent", {"UserEvent": OPEN_EVENT, "Error": WHY, "Doctor": token})
    try:
        async with asyncio.timeout(EVENT_SECONDS):
            while reply.success and (await events.get()).fields.get("Doctor") != token:
                pass
    except TimeoutError:
        return reply.success, False
    return reply.success, reply.success
