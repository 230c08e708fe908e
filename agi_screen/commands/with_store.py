"""Opens the database for one command, beside the daemon or without it."""

from __future__ import annotations

import asyncio
import getpass
import glob
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from agi_screen.base.clock import Clock, SystemClock
from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer
from agi_screen.settings import Settings

T = TypeVar("T")
CLOCK: Clock = SystemClock()


def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]], *, create: bool) -> T:
    """Runs `work` on the open store. Never sets a damaged file aside: a daemon may be using it."""

    async def run() -> T:
        store = await Store.open(settings.place, clock=CLOCK, create=create, mend=False)
        try:
            return await work(store)
        finally:
            await store.close()
            give_to_folder_owner(settings.database)

    return asyncio.run(run())


def person() -> str:
    """Who sits at the keyboard, also behind sudo."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def command_doer() -> Doer:
    """The same, for the audit log."""
    return Doer(f"{person()} (command)", "", CLOCK.wall())


def give_to_folder_owner(database: Path) -> None:
    """A command run by root must not leave files that the daemon's own user cannot write. On a read-only disk it leaves
    none, and what the command has to say matters more."""
    if os.geteuid() != 0:
        return
    with suppress(OSError):
        owner = database.parent.stat()
        for file in database.parent.glob(f"{glob.escape(database.name)}*"):
            os.chown(file, owner.st_uid, owner.st_gid, follow_symlinks=False)


def shown(seconds: float) -> str:
    """A moment as people read it, in local time."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
