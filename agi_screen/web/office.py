"""What the desk may ask of the daemon. `agi_screen/office.py` answers; a stage never imports another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from agi_screen.base.clock import Clock
from agi_screen.base.config import WebTable
from agi_screen.base.figures import Figure, Histogram
from agi_screen.base.late_store import LateStore
from agi_screen.base.live import Seen
from agi_screen.base.settings_change import FileChange, Preview, Saved
from agi_screen.base.store_audit import Doer


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

    def scenarios(self) -> list[tuple[str, str]]:
        """Names and titles of what `simulate` ships."""


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
