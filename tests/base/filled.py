"""A database with something in it, made and closed again."""

from pathlib import Path

from agi_screen.base.clock import ManualClock
from agi_screen.base.records import ListEntry
from agi_screen.base.store import Store
from tests.made import NOON, a_call, an_entry

CLOCK = ManualClock(NOON)


async def filled(path: Path, calls: int = 0, entries: int = 0) -> list[ListEntry]:
    """`path` with so many calls, and so many numbers on the deny list."""
    store = await Store.open(path, clock=CLOCK)
    await store.save_calls([a_call(f"c{n}", started=NOON + n) for n in range(calls)])
    added = [an_entry(f"+1415{n:07d}", reason="fraud") for n in range(entries)]
    await store.add_entries(added)
    await store.close()
    return added
