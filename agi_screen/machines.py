"""All machines that share a state, as each of them sees it: how every one is, and the attack level of all.

Once a second, and when its level changes, each says how it is and hears the others. No call waits for it, and without
Redis each goes by itself: what the others said is forgotten after some seconds.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agi_screen import __version__
from agi_screen.base.clock import Clock
from agi_screen.base.text import escape
from agi_screen.base.verdict import Level
from agi_screen.cluster.connect import Access
from agi_screen.cluster.room import AwayError, Meeting, Room
from agi_screen.cluster.said import NodeSaid, OrderSaid, read_node, read_order
from agi_screen.cluster.seal import Seal, SealError
from agi_screen.judge.level import ORDER, LevelKeeper, Override
from agi_screen.levels import Levels, Order

log = logging.getLogger("agi_screen.machines")

MEET_SECONDS: Final = 1.0
LIVE_SECONDS: Final = 5.0  # older words are marked
STALE_SECONDS: Final = 15.0  # and these count no more: the machine is gone
SHOWN_SECONDS: Final = 600.0
STATES: Final = ("live", "stale", "gone")
MAX_WHY: Final = 120
SUMMED: Final = ("captcha", "passed", "asked", "unscreened", "waiting")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a machine said last. `at` in seconds of our steady clock."""

    said: NodeSaid
    at: float

    def state(self, now: float) -> str:
        age = now - self.at
        return "live" if age < LIVE_SECONDS else "stale" if age < STALE_SECONDS else "gone"


class Machines:
    """`how` says how this one is: the fields of NodeSaid that it counts."""

    def __init__(
        self,
        access: Access,
        seal: Seal,
        levels: Levels,
        keeper: LevelKeeper,
        how: Callable[[], Mapping[str, Any]],
        clock: Clock,
    ) -> None:
        self.node = access.node
        self.state = "not connected yet"
        self.twin = False  # another machine goes by the same name
        self.now_us = 0  # by the clock of Redis, at the last meeting
        self.ahead_us = 0
        self._access, self._seal, self._levels, self._keeper = access, seal, levels, keeper
        self._how, self._clock = how, clock
        self._met, self._twin_at = False, -STALE_SECONDS
        self._run = secrets.token_hex(6)
        self._others: dict[str, Seen] = {}
        self._unread: set[str] = set()
        self._keys_told: set[str] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        levels.heard = self._wake.set

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="machines")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def counts(self) -> dict[str, int]:
        """Machines by how they are, this one with them."""
        now = self._seconds()
        found = [seen.state(now) for seen in self._others.values()]
        return {state: found.count(state) + (state == "live") for state in STATES}

    def problem(self) -> str:
        """What the machines do not have in common though they must; empty where all is well."""
        if self.twin:
            return f"another machine has the name {self.node} too: give each its own [cluster] node"
        other = self._other_numbers()
        return f"machines with another key of numbers than ours: {', '.join(other)}" if other else ""

    def look(self) -> dict[str, Any]:
        """For people: this machine first, the others by their names, and all together."""
        now, ours = self._seconds(), NodeSaid.model_validate(self._ours())
        rows = [_row(self.node, ours, "live", 0.0)]
        rows += [_row(name, s.said, s.state(now), now - s.at) for name, s in sorted(self._others.items())]
        live = [row for row in rows if row["state"] != "gone"]
        total = {name: sum(row[name] for row in live) for name in SUMMED}
        verdicts = sorted({verdict for row in live for verdict in row["calls"]})
        calls = {verdict: round(sum(row["calls"].get(verdict, 0.0) for row in live), 2) for verdict in verdicts}
        longest = max(row["longest"] for row in live)
        return {"problem": self._trouble(), "rows": rows, "total": {**total, "calls": calls, "longest": longest}}

    def _trouble(self) -> str:
        return self.problem() or ("" if self.state == "ok" else f"Redis is away: {self.state}")

    async def _keep(self) -> None:
        room = Room(self._access)
        try:
            while True:
                self._wake.clear()
                await self._meet(room)
                try:
                    await asyncio.wait_for(self._wake.wait(), MEET_SECONDS)
                except TimeoutError:
                    self._obey()  # also while Redis is away: words grow old
        finally:
            await room.close()

    async def _meet(self, room: Room) -> None:
        given = self._levels.given
        order = self._seal.write("order", self._order(given)) if given else ""
        said = self._seal.write(f"node {self.node}", self._ours())
        try:
            met = await room.meet(self.node, said, given.stamp if given else 0, order)
        except AwayError as error:
            if self.state != str(error):
                log.warning("nothing is heard of the other machines: %s", error)
            self.state = str(error)
        else:
            self._heard(met)
            await self._take_order(met, given, order)
            if self.state != "ok":
                log.info("machines seen: %s", ", ".join([self.node, *self._others]))
            self.state = "ok"
        self._obey()

    def _heard(self, met: Meeting) -> None:
        now = self._seconds()
        self.now_us = met.now
        self.ahead_us = met.now - round(self._clock.wall() * 1e6)
        self._levels.ahead = self.ahead_us / 1e6
        found: dict[str, Seen] = {}
        for node, age, sealed in met.nodes:
            try:
                found[node] = Seen(read_node(self._seal, node, sealed), now - age)
            except SealError as error:
                if node not in self._unread:
                    log.error("what machine %s says is not read: it %s", escape(node, 80), error)
                    self._unread.add(node)
        found.pop(self.node, None)
        self._look_for_twin(met.before)
        self._others = {escape(node, 80): seen for node, seen in found.items() if now - seen.at < SHOWN_SECONDS}
        for node in set(self._other_numbers()) - self._keys_told:
            log.error("machine %s hashes numbers with ANOTHER KEY: lists cannot match there and here", node)
            self._keys_told.add(node)

    def _look_for_twin(self, before: bytes) -> None:
        """After our first word nobody but us speaks under our name."""
        try:
            others = bool(before) and read_node(self._seal, self.node, before).run != self._run
        except SealError:
            others = True
        now = self._seconds()
        if others and self._met:
            if not self.twin:
                log.error("ANOTHER MACHINE HAS THE NAME %s TOO: give each its own [cluster] node", self.node)
            self._twin_at = now
        self._met = True
        self.twin = now - self._twin_at < STALE_SECONDS

    def _other_numbers(self) -> list[str]:
        ours = str(self._how().get("numbers", ""))
        return [node for node, seen in sorted(self._others.items()) if seen.said.numbers != ours]

    async def _take_order(self, met: Meeting, given: Order | None, ours: str) -> None:
        """Redis has the newest one; ours, where it is that, may have had its stamp put right."""
        if self._levels.given is not given or not met.order:
            return  # a person spoke meanwhile: the next meeting tells
        if given is not None and (given.stamp == met.stamp or met.order == ours.encode()):
            if given.stamp != met.stamp:
                await self._levels.keep(given._replace(stamp=met.stamp), "the clock of Redis")
            return
        try:
            said = read_order(self._seal, met.order)
        except SealError as error:
            log.error("the order on the attack level in Redis is not obeyed: it %s", error)
            return
        await self._levels.obey_other(Order(met.stamp, self._override(said), said.node))

    def _override(self, said: OrderSaid) -> Override | None:
        if said.level is None:
            return None
        until = said.until - self._levels.ahead if said.until else 0.0
        return Override(said.level, until, said.by, said.why)

    def _order(self, given: Order) -> dict[str, Any]:
        """The same text for the same order, on whichever machine it is told again."""
        override = given.override
        until = round(override.until + self._levels.ahead, 0) if override and override.until else 0.0
        return {
            "level": str(override.level) if override else None,
            "until": until,
            "by": override.by if override else "",
            "why": override.why if override else "",
            "node": given.node or self.node,
        }

    def _obey(self) -> None:
        """The level of the machine that is attacked most holds here too."""
        now = self._seconds()
        level, why = Level.NORMAL, ""
        for node, seen in sorted(self._others.items()):
            said = seen.said
            if seen.state(now) != "gone" and ORDER.index(said.own) > ORDER.index(level):
                level, why = said.own, f"{said.own} at machine {node}: {said.why}"[:MAX_WHY]
        self._keeper.elsewhere(level, why, self._clock.wall())

    def _ours(self) -> dict[str, Any]:
        change = self._keeper.change
        level = {"level": str(self._keeper.level), "own": str(self._keeper.learned)}
        told = {"run": self._run, "version": __version__, "since": change.since, "why": change.why[:MAX_WHY]}
        return {**told, **level, **self._how()}

    def _seconds(self) -> float:
        return self._clock.ticks() / 1e9


def _row(node: str, said: NodeSaid, state: str, age: float) -> dict[str, Any]:
    return {"node": node, "state": state, "age": round(max(0.0, age)), **said.model_dump(mode="json", exclude={"run"})}
