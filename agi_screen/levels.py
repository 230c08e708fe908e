"""The attack level as people meet it: who may set it, who is told, and what a restart keeps."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

from agi_screen.base.clock import Clock
from agi_screen.base.dialplan import LEVEL_EVENT, SET_LEVEL_EVENT
from agi_screen.base.errors import AgiScreenError, StoreError
from agi_screen.base.late_store import LateStore
from agi_screen.base.text import escape
from agi_screen.base.units import parse_duration
from agi_screen.base.verdict import Level
from agi_screen.inbound.ami import AmiEvent
from agi_screen.judge.level import LevelChange, LevelKeeper, Override
from agi_screen.trail.events import EventSink
from agi_screen.trail.webhook import Webhook

log = logging.getLogger("agi_screen.level")

AUTO = "auto"
LONGEST_SECONDS = 30 * 86400.0
MAX_TEXT = 80
SETTING = "level"


class Order(NamedTuple):
    """The last word a person gave on the level, on whichever machine. `stamp`: when, in us by the clock of Redis."""

    stamp: int
    override: Override | None
    node: str = ""  # the other machine it came from


class LevelError(AgiScreenError):
    """An order that is not understood: nothing was changed."""


def parse_order(fields: Mapping[str, Any], by: str, now: float) -> Override | None:
    """`level`, and perhaps `for` and `reason` → an override; None gives the level back. Raises LevelError."""
    level, lasts, why = (str(fields.get(key) or "").strip() for key in ("level", "for", "reason"))
    if level not in (AUTO, *Level):
        raise LevelError(f'level "{escape(level, 20)}": say {", ".join(Level)} or {AUTO}')
    if len(why) > MAX_TEXT:
        raise LevelError(f"reason: {len(why)} characters, say it in {MAX_TEXT}")
    until = now + _seconds(lasts) if lasts else 0.0
    if level == AUTO:
        if lasts:
            raise LevelError(f'for "{escape(lasts, 20)}": {AUTO} has no end, leave it out')
        return None
    return Override(Level(level), until, escape(by, MAX_TEXT), escape(why))


def _seconds(text: str) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise LevelError(f'for "{escape(text, 20)}": {error}') from error
    if not 0 < seconds <= LONGEST_SECONDS:
        raise LevelError(f'for "{escape(text, 20)}": over 0 and at most 30d')
    return seconds


class Levels:
    """Every change of the level in force goes to the log, to AMI and to the webhook."""

    def __init__(
        self, keeper: LevelKeeper, store: LateStore, asterisk: EventSink, webhook: Webhook, clock: Clock
    ) -> None:
        self._keeper = keeper
        self._store = store
        self._asterisk = asterisk
        self._webhook = webhook
        self._clock = clock
        self.given: Order | None = None  # as it is to be told to other machines
        self.ahead = 0.0  # by how many seconds the clock that they share is ahead of ours
        self.heard: Callable[[], None] = lambda: None  # called at each order and each change
        keeper.on_change = self._changed

    def state(self) -> dict[str, Any]:
        """The level in force, since when, why, by whom; and an override's end (0: until further notice)."""
        change, override = self._keeper.change, self._keeper.override
        return {
            **asdict(change),
            "level": str(self._keeper.level),
            "was": str(change.was),
            "override": {**asdict(override), "level": str(override.level)} if override else None,
        }

    async def order(self, fields: Mapping[str, Any], by: str) -> str:
        """A person's word, obeyed at once. Returns what keeps it from being kept over a restart, if anything does.

        Raises LevelError."""
        now = self._clock.wall()
        override = parse_order(fields, by, now)
        self._keeper.set(override, now)
        log.warning("attack level set to %s by %s", override.level if override else AUTO, escape(by, MAX_TEXT))
        order = Order(round((now + self.ahead) * 1e6), override)
        not_kept = await self.keep(order, by)
        self.heard()
        return not_kept

    async def obey_other(self, order: Order) -> None:
        """An order that was given on another machine, and is newer than all of ours."""
        now = self._clock.wall()
        override = order.override if order.override is None or not 0 < order.override.until <= now else None
        self._keeper.set(override, now)
        word = override.level if override else AUTO
        log.warning("attack level set to %s on another machine, %s", word, escape(order.node, MAX_TEXT))
        await self.keep(order, f"machine {escape(order.node, MAX_TEXT)}")

    async def keep(self, order: Order, by: str) -> str:
        """For the other machines, and for a restart. Returns what keeps it from the latter, if anything does."""
        self.given, now = order, self._clock.wall()
        override = asdict(order.override) if order.override else {}
        try:
            await self._store.set_setting(SETTING, json.dumps({**override, "stamp": order.stamp}), by, now)
        except StoreError as error:
            log.error("a restart will not know of the level set: %s", error)
            return str(error)
        return ""

    def wanted(self, event: AmiEvent) -> bool:
        """True for an order that came by AMI. One that a dialplan sent, for a call, is none: callers write there."""
        ours = event.name == "UserEvent" and event.fields.get("UserEvent") == SET_LEVEL_EVENT
        return ours and not {"Channel", "Uniqueid"} & event.fields.keys()

    async def obey(self, event: AmiEvent) -> None:
        """An order of an AMI client."""
        fields = {name.lower(): value for name, value in event.fields.items()}
        try:
            await self.order(fields, "AMI")
        except LevelError as error:
            log.warning("AMI event %s NOT obeyed: %s", SET_LEVEL_EVENT, error)

    async def restore(self) -> None:
        """What was set before a restart, unless its time is over, or somebody spoke since. Raises StoreError."""
        kept = await self._store.setting(SETTING)
        override, stamp = _kept(kept or "{}")
        now = self._clock.wall()
        spoken = self.given is not None or self._keeper.override is not None
        if not spoken and (override is not None or stamp):
            self.given = Order(stamp or 1, override)
        if override is not None and 0 < override.until <= now:
            override = None
        if not spoken and override != self._keeper.override:
            self._keeper.set(override, now)

    def hush(self) -> None:
        """From now on another daemon speaks of the level."""
        self._keeper.on_change = lambda _: None

    def _changed(self, change: LevelChange) -> None:
        since = datetime.fromtimestamp(change.since, UTC).isoformat(timespec="seconds")
        text = f"attack level {change.level}, was {change.was}: {change.why} ({change.by})"
        log.warning("%s", text)
        said = {"level": str(change.level), "was": str(change.was), "why": change.why, "since": since, "by": change.by}
        if self._asterisk.connected:
            self._asterisk.user_event(LEVEL_EVENT, {name.capitalize(): value for name, value in said.items()})
        self.heard()
        self._webhook.tell({"event": "level", **said, "text": f"agi-screen: {text}"})


def _kept(text: str) -> tuple[Override | None, int]:
    """What `keep` wrote; nothing for anything else."""
    stamp = 0
    try:
        found = json.loads(text)
        stamp = int(found.get("stamp", 0))
        return Override(Level(found["level"]), float(found["until"]), str(found["by"]), str(found["why"])), stamp
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, stamp
