"""A store in a folder of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agi_screen.base.clock import ManualClock
from agi_screen.base.store import Store
from tests.made import NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agi-screen.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(path, clock=ManualClock(NOON))
    yield opened
    await opened.close()
