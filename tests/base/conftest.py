"""A store in a folder or a database of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agi_screen.base.clock import ManualClock
from agi_screen.base.store import Store
from agi_screen.base.store_place import Place
from tests.made import NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agi-screen.db"


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    """Of each kind in turn."""
    opened = await Store.open(place, clock=ManualClock(NOON))
    yield opened
    await opened.close()
