"""Lists and passes in the database: all or none, and nothing that was acknowledged is lost."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from agi_screen.base.clock import ManualClock, SystemClock
from agi_screen.base.errors import StoreError
from agi_screen.base.list_entries import grouped
from agi_screen.base.records import ListName, Pass
from agi_screen.base.store import Store
from agi_screen.base.store_place import Place
from tests.made import NOON, an_entry

WRITER = """
import asyncio, sys
from pathlib import Path
from agi_screen.base.clock import SystemClock
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.base.store import Store
from agi_screen.base.store_place import Server
from pydantic import SecretStr

async def main():
    place = Server(sys.argv[1], SecretStr("")) if ":" in sys.argv[1] else Path(sys.argv[1])
    store = await Store.open(place, clock=SystemClock())
    for batch in range(100_000):
        values = [f"+1{batch:05d}{n:05d}" for n in range(20)]
        await store.add_entries([ListEntry(ListName.DENY, MatchKind.NUMBER, v, source=str(batch)) for v in values])
        print(batch, flush=True)

asyncio.run(main())
"""


async def test_entries_are_added_replaced_and_removed(store: Store) -> None:
    first = [an_entry("+1415*", reason="a"), an_entry("+14155550100"), an_entry("+14155550100", ListName.ALLOW)]
    assert await store.add_entries(first) == 3
    again = an_entry("+1415*", reason="b", source="x", added=1.5, expires=2.5)
    assert await store.add_entries([again]) == 1
    assert sorted(map(repr, await store.entries())) == sorted(map(repr, [again, *first[1:]]))
    assert await store.remove_entry(ListName.ALLOW, "+14155550100")
    assert not await store.remove_entry(ListName.ALLOW, "+14155550100")
    assert {e.value for e in await store.entries()} == {"+1415*", "+14155550100"}


async def test_groups_that_lose_their_last_entry_go(store: Store) -> None:
    await store.add_entries([an_entry("+1", reason=str(n)) for n in range(5)])
    await store.remove_entry(ListName.DENY, "+1")
    assert await store.entry_groups() == []
    await store.add_entries([an_entry("+2")])
    assert await store.entries() == [an_entry("+2")]


async def test_one_bad_entry_and_none_is_added(store: Store) -> None:
    with pytest.raises(StoreError, match=r"(?i)constraint"):
        await store.add_entries([an_entry("+1"), an_entry("+1\n+2")])
    assert await store.entries() == []
    await store.add_entries([an_entry("+3")])
    assert await store.entries() == [an_entry("+3")]


async def test_a_cancelled_write_leaves_no_open_transaction(store: Store) -> None:
    writing = asyncio.create_task(store.add_entries([an_entry(f"+{n}") for n in range(1, 50_000)]))
    reading = await store.entries()
    assert reading == []
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await store.entries() == []
    await store.add_entries([an_entry("+3")])
    assert await store.entries() == [an_entry("+3")]


async def test_two_programs_write_and_read_at_the_same_time(store: Store) -> None:
    other = await Store.open(store.place, clock=ManualClock(NOON), mend=False)
    adding = [s.add_entries([an_entry(f"+{n}{k}")]) for n in range(1, 40) for k, s in ((1, store), (2, other))]
    await asyncio.gather(*adding, *(store.entries() for _ in range(20)))
    assert len(await other.entries()) == len(adding)
    await other.close()


async def test_killed_while_writing_no_acknowledged_entry_is_lost(place: Place, tmp_path: Path) -> None:
    writer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WRITER, str(place)), stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout is not None
    for _ in range(50):
        await asyncio.wait_for(writer.stdout.readline(), 30)
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged = 50 + len((await writer.stdout.read()).splitlines())
    await writer.wait()
    store = await Store.open(place, clock=SystemClock())
    found = await store.entries()
    await store.close()
    assert {e.source for e in found} >= {str(batch) for batch in range(acknowledged)}
    assert len(found) % 20 == 0
    assert not list(tmp_path.glob("*.damaged*"))


async def test_passes_used_up_or_expired_go(store: Store) -> None:
    good = Pass("+1", "a", 2, NOON + 10)
    await store.save_passes([good, Pass("+1", "b", 0, NOON + 10), Pass("+2", "a", 2, NOON)])
    assert await store.passes() == [good]
    await store.save_passes([Pass("+1", "a", 1, NOON + 10)])
    assert await store.passes() == [Pass("+1", "a", 1, NOON + 10)]
    await store.save_passes([Pass("+1", "a", 0, NOON + 10)])
    assert await store.passes() == []


async def test_a_source_is_replaced_whole_and_others_stay(store: Store) -> None:
    own = an_entry("+9", source="me")
    await store.add_entries([own, an_entry("+1", source="a"), an_entry("+2", ListName.ALLOW, source="a")])
    new = [an_entry("+1", source="a", reason="new"), an_entry("+9", source="a")]
    told: list[int] = []
    assert await store.add_groups(grouped(new), replaced="a", progress=told.append) == 1
    assert sum(told) == 2
    assert sorted(map(repr, await store.entries())) == sorted(map(repr, [own, new[0]]))
    assert await store.remove_source("a") == 1
    assert await store.entries() == [own]


async def test_a_replacement_that_fails_changes_nothing(store: Store) -> None:
    await store.add_entries([an_entry("+1", source="a")])
    with pytest.raises(StoreError, match=r"(?i)constraint"):
        await store.add_groups(grouped([an_entry("+2", source="a"), an_entry("+1\n", source="a")]), replaced="a")
    assert await store.entries() == [an_entry("+1", source="a")]


async def test_readers_see_the_old_or_the_new_and_never_half(store: Store) -> None:
    other = await Store.open(store.place, clock=ManualClock(NOON), mend=False)
    seen: set[tuple[int, frozenset[str]]] = set()
    for turn in range(4):
        groups = grouped([an_entry(f"+{turn + 1}{n}", source="a") for n in range(3000)])
        replacing = asyncio.create_task(store.add_groups(groups, replaced="a"))
        while not replacing.done():
            found = await other.entries()
            seen.add((len(found), frozenset(e.value[:2] for e in found)))
    assert seen <= {(0, frozenset()), *((3000, frozenset({f"+{n}"})) for n in range(1, 5))}
    assert len(seen) > 1
    await other.close()


async def test_entries_that_expired_a_week_ago_are_forgotten(store: Store) -> None:
    week = 7 * 86400
    kept = [an_entry("+1"), an_entry("+2", expires=NOON + 1), an_entry("+3", expires=NOON - week + 1)]
    old = [an_entry(f"+4{n}", expires=NOON - week - n % 3) for n in range(12_000)]
    await store.add_entries([*kept, *old])
    assert await store.purge_entries() == len(old)
    assert await store.entries() == kept
    assert await store.purge_entries() == 0
