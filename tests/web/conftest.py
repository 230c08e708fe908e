"""`desk`: a desk with one account of each role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agi_screen.base.store_place import Place, Server
from agi_screen.web.route import Role
from tests.places import store_table
from tests.web.made_desk import MadeDesk, made_desk
from tests.web.made_desk import daemon_desk as made_daemon_desk


@pytest.fixture
def store_kind() -> str:
    """In a file, where a module does not want both."""
    return "embedded"


@pytest.fixture
async def desk(tmp_path: Path, place: Place) -> AsyncIterator[MadeDesk]:
    async with made_desk(tmp_path, place=place if isinstance(place, Server) else None) as made:
        for role in Role:
            await made.account(str(role), role)
        yield made


@pytest.fixture
async def daemon_desk(tmp_path: Path, place: Place) -> AsyncIterator[MadeDesk]:
    """The same over a real daemon that takes no calls."""
    async with made_daemon_desk(tmp_path, f"[store]\n{store_table(place)}") as made:
        for role in Role:
            await made.account(str(role), role)
        yield made


@pytest.fixture
async def masked_desk(tmp_path: Path) -> AsyncIterator[MadeDesk]:
    """The same, where viewers and operators see numbers masked."""
    async with made_daemon_desk(tmp_path, "[web]\nmask_numbers = true") as made:
        for role in Role:
            await made.account(str(role), role)
        yield made
