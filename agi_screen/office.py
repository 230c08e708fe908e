"""What the desk may ask of the running daemon, answered: the one place where pages and API meet the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agi_screen.base.clock import Clock
from agi_screen.base.config import Thresholds, WebTable
from agi_screen.base.figures import Figure, Histogram
from agi_screen.base.late_store import LateStore
from agi_screen.base.live import Seen
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import ListEntry
from agi_screen.base.store_audit import Doer
from agi_screen.base.verdict import Level
from agi_screen.daemon import Daemon
from agi_screen.figures import figures
from agi_screen.forgetting import Wish, export_person, forget_person, found_person
from agi_screen.health import NEEDED, Health
from agi_screen.operate import Operator
from agi_screen.settings_desk import SettingsDesk
from agi_screen.tuning_desk import TuningDesk
from agi_screen.web.office import Marks, SignalNow
from agi_screen.what_if.simulate.scenario import read_scenario, shipped


class DaemonReportFiles:
    """`web.office.ReportFiles` over a Daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self.config = daemon.settings.path
        self.folder = daemon.settings.reports

    @property
    def keep(self) -> float:
        return self._daemon.settings.config.privacy.keep_reports

    def scenarios(self) -> list[tuple[str, str]]:
        found = (read_scenario(str(path)) for path in shipped())
        return [(scenario.name, scenario.title) for scenario in found]


class DaemonOffice:
    """`web.office.Office` over a Daemon and the handlers of its commands."""

    def __init__(self, daemon: Daemon, operator: Operator, health: Health, clock: Clock) -> None:
        self._daemon = daemon
        self._operator = operator
        self._health = health
        self.clock = clock
        self._web = daemon.settings.config.web
        self.settings = SettingsDesk(daemon, operator)
        self.tuning = TuningDesk(daemon.settings.path)
        self.report_files = DaemonReportFiles(daemon)

    @property
    def web(self) -> WebTable:
        """As it was at the start, but for `mask_numbers`: the rest waits for a restart."""
        mask = self._daemon.settings.config.web.mask_numbers
        if mask != self._web.mask_numbers:
            self._web = self._web.model_copy(update={"mask_numbers": mask})
        return self._web

    @property
    def store(self) -> LateStore:
        return self._daemon.store

    async def status(self) -> Mapping[str, Any]:
        return await self._operator.status({})

    def ready(self) -> tuple[bool, Mapping[str, bool]]:
        parts = {part: not why for part, why in self._health.now().items()}
        return all(parts[part] for part in NEEDED), parts

    def figures(self) -> Iterable[Figure | Histogram]:
        return figures(self._daemon, self._health)

    def look(self, seen: Seen) -> tuple[dict[str, Any], Seen]:
        return self._operator.watching.look(seen)

    @property
    def plan(self) -> NumberPlan:
        return self._daemon.plan

    def signals(self) -> Mapping[str, SignalNow]:
        caps = self._daemon.settings.config.groups
        found = self._daemon.settings.signals
        return {s.name: SignalNow(s.group, s.params.weight, caps[s.group]) for s in found}

    def thresholds(self, level: Level) -> Thresholds:
        return self._daemon.settings.config.policy.of(level)

    def listed(self, number: str, alias: str = "") -> Sequence[ListEntry]:
        lists, now = self._daemon.judge.lists, self.clock.wall()
        who = (number, now, alias)
        found = (lists.match(*who), lists.suspect(*who))
        return [entry for entry in found if entry is not None]

    async def load_lists(self) -> int:
        return await self._daemon.stock.load_lists()

    async def export_caller(self, number: str) -> tuple[str, dict[str, Any]]:
        daemon = self._daemon
        person = found_person(daemon.settings, number)
        return person.shown, await export_person(daemon.settings, daemon.store.opened, person, daemon)

    async def forget_caller(self, number: str, by: Doer, *, lists: bool, reports: bool) -> dict[str, Any]:
        daemon = self._daemon
        person = found_person(daemon.settings, number)
        return await forget_person(daemon.settings, daemon.store.opened, person, Wish(lists, reports), by, daemon)

    def marks(self, caller: str) -> Marks:
        return Marks(*self._daemon.judge.memory.callers.marks(caller))

    def marked(self, caller: str, label: str, undone: str) -> None:
        self._daemon.trail.marked(caller, label, undone)

    def level(self) -> Mapping[str, Any]:
        return self._daemon.levels.state()

    async def set_level(self, order: Mapping[str, Any], by: str) -> str:
        return await self._daemon.levels.order(order, by)
