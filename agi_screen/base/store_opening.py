"""Opens the database of a place, whichever kind it is."""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from agi_screen.base.clock import Clock
from agi_screen.base.errors import StoreError
from agi_screen.base.store_conn import Engine, Reading
from agi_screen.base.store_embedded import EmbeddedEngine, file_reading
from agi_screen.base.store_place import INSTALL, Place, Server, driver_missing

_PACKAGE = "agi_screen.base.postgresql"


async def open_engine(place: Place, *, clock: Clock, create: bool, mend: bool) -> Engine:
    """`create`: make what is not there. `mend`: set a damaged file aside, which only the daemon may ask for.
    Raises StoreError."""
    if isinstance(place, Path):
        return await EmbeddedEngine.open(place, clock=clock, create=create, mend=mend)
    engine: Engine = await _loaded("engine", place).ServerEngine.open(place, create=create)
    return engine


def reading(place: Place, now: float) -> AbstractContextManager[Reading]:
    """One state of the database, for reading alone, in this thread, beside a running daemon. Raises StoreError."""
    if isinstance(place, Path):
        return file_reading(place, now)
    made: AbstractContextManager[Reading] = _loaded("reading", place).server_reading(place)
    return made


def _loaded(name: str, server: Server) -> Any:
    """Only where it is wanted: the driver comes with an extra, and takes its time to load."""
    if driver_missing():
        raise StoreError(f"{server}: the driver of PostgreSQL is not installed: {INSTALL}")
    return importlib.import_module(f"{_PACKAGE}.{name}")
