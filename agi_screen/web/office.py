"""What the desk may ask of the daemon. `agi_screen/office.py` answers; a stage never imports another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from agi_screen.base.clock import Clock
from agi_screen.base.config import WebTable
from agi_screen.base.figures import Figure, Histogram
from agi_screen.base.late_store import LateStore
from agi_screen.base.live import Seen


class Office(Protocol):
    """Methods that change something take `who` did it, for the audit log. Errors are AgiScreenErrors."""

    @property
    def clock(self) -> Clock: ...
    @property
    def web(self) -> WebTable: ...
    @property
    def store(self) -> LateStore: ...

    async def status(self) -> Mapping[str, Any]:
        """As `agi-screen status --json`."""

    def ready(self) -> tuple[bool, Mapping[str, bool]]:
        """Whether calls sent here are screened; and each part, whether it works."""

    def figures(self) -> Iterable[Figure | Histogram]:
        """What is counted, for `/metrics`."""

    def look(self, seen: Seen) -> tuple[dict[str, Any], Seen]:
        """The live picture's parts: series, calls and ends as far as they were not seen; and what is seen now."""
