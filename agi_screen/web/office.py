"""What the desk may ask of the daemon. `agi_screen/office.py` answers; a stage never imports another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from agi_screen.base.clock import Clock
from agi_screen.base.config import Thresholds, WebTable
from agi_screen.base.figures import Figure, Histogram
from agi_screen.base.late_store import LateStore
from agi_screen.base.live import Seen
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import ListEntry
from agi_screen.base.settings_change import FileChange, Preview, Saved
from agi_screen.base.store_audit import Doer
from agi_screen.base.verdict import Level


class SettingsOffice(Protocol):
    """The settings file. Raises ConflictError, MissingError, ConfigError and others for people."""

    async def view(self) -> dict[str, Any]: ...
    async def preview(self, changes: Mapping[str, Any]) -> Preview: ...
    async def save(self, changes: Mapping[str, Any], base: str, doer: Doer) -> Saved: ...
    async def history(self, below: int, limit: int) -> list[FileChange]: ...
    async def rollback_preview(self, n: int) -> Preview: ...
    async def rollback(self, n: int, base: str, doer: Doer) -> Saved: ...


class TuningOffice(Protocol):
    """Recorded calls judged again with other weights and thresholds, in a process of its own."""

    async def sample(self, who: str, since: float, until: float) -> dict[str, Any]:
        """Reads the calls of a time and keeps them for a while; one sample a person."""

    async def tried(self, who: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """MissingError: the sample is gone, make another."""

    async def attacks(self, until: float) -> list[dict[str, Any]]:
        """The times of the last days at a level over normal, newest first."""

    async def close(self) -> None: ...


class ReportFiles(Protocol):
    """What the commands of the reports need."""

    @property
    def config(self) -> Path: ...
    @property
    def folder(self) -> Path:
        """Where finished reports are kept."""

    @property
    def keep(self) -> float:
        """For how many seconds; 0 for ever."""

    def scenarios(self) -> list[tuple[str, str]]:
        """Names and titles of what `simulate` ships."""


class SignalNow(NamedTuple):
    """A signal as it is configured now. `cap`: the most that its group may add to a score."""

    group: str
    weight: float
    cap: float


class Marks(NamedTuple):
    """How often operators called a caller a robot, and a person; when last, 0 for never."""

    robot: int
    person: int
    at: float


class Office(Protocol):
    """Methods that change something take `who` did it, for the audit log. Errors are AgiScreenErrors."""

    @property
    def clock(self) -> Clock: ...
    @property
    def web(self) -> WebTable: ...
    @property
    def store(self) -> LateStore: ...
    @property
    def settings(self) -> SettingsOffice: ...
    @property
    def tuning(self) -> TuningOffice: ...
    @property
    def report_files(self) -> ReportFiles: ...

    async def status(self) -> Mapping[str, Any]:
        """As `agi-screen status --json`."""

    def ready(self) -> tuple[bool, Mapping[str, bool]]:
        """Whether calls sent here are screened; and each part, whether it works."""

    def figures(self) -> Iterable[Figure | Histogram]:
        """What is counted, for `/metrics`."""

    def look(self, seen: Seen) -> tuple[dict[str, Any], Seen]:
        """The live picture's parts: series, calls and ends as far as they were not seen; and what is seen now."""

    @property
    def plan(self) -> NumberPlan:
        """How numbers are written at this place."""

    def signals(self) -> Mapping[str, SignalNow]:
        """All signals by name, those of weight 0 left out."""

    def thresholds(self, level: Level) -> Thresholds:
        """Those of a level, as they are configured now."""

    def listed(self, number: str, alias: str = "") -> Sequence[ListEntry]:
        """The entries that match now, those that decide first. `number` is a `Number.key`, `alias` its own."""

    async def load_lists(self) -> int:
        """Takes the lists as the store has them now; returns how many entries. Raises AgiScreenError."""

    async def export_caller(self, number: str) -> tuple[str, dict[str, Any]]:
        """The number as a log may have it, and all that is kept."""

    async def forget_caller(self, number: str, by: Doer, *, lists: bool, reports: bool) -> dict[str, Any]:
        """Erases it, and says what went and what is left."""

    def marks(self, caller: str) -> Marks:
        """Of a caller, by `Number.key`."""

    def marked(self, caller: str, label: str, undone: str) -> None:
        """The judge hears of an operator's word that is written down already, and of one that is taken back."""

    def level(self) -> Mapping[str, Any]:
        """As `agi-screen level --json`."""

    async def set_level(self, order: Mapping[str, Any], by: str) -> str:
        """Returns what keeps it from being kept over a restart, if anything does. Raises AgiScreenError."""
