"""Both kinds of places for a store: what is tested on one is tested on the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from agi_screen.base.store_place import Place, Server
from tests.postgresql import ask

KINDS = ("embedded", "postgresql")
MakePlace = Callable[[], Place]


def rows_of(place: Place, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """What another program reads there."""
    if isinstance(place, Server):
        return ask(place, sql, values)
    with closing(sqlite3.connect(place)) as conn:
        return conn.execute(sql, values).fetchall()


def file_of(place: Place) -> Path:
    """Where that place must be a file."""
    assert isinstance(place, Path)
    return place


def store_table(place: Place) -> str:
    """What a configuration says of it."""
    return f'url = "{place.url}"\n' if isinstance(place, Server) else f'path = "{place}"\n'
