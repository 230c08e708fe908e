"""Old rows go, others stay; dry runs change nothing; an upgrade gives notice; writers write meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agi_screen.base import store_retention
from agi_screen.base.clock import ManualClock
from agi_screen.base.records import CallerRecord, Feedback
from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer, read_audit, write_audit
from agi_screen.base.store_retention import Keep, begins, purge
from agi_screen.base.store_space import free_bytes, give_back
from tests.made import NOON, a_call, an_end

DAY = 86400.0
KEEP = Keep(100 * DAY, 100 * DAY, 100 * DAY, 1000 * DAY)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "calls.db", clock=ManualClock(NOON))
    yield opened
    await opened.close()


def a_caller(name: str, last_talk: float, menus: int = 0) -> CallerRecord:
    return CallerRecord(name, 1, 61.0, last_talk, 0, 0, 0, 0, 0.0, 0, 0, 0.0, menus, 0, "t")


async def filled(store: Store) -> None:
    """Each twice: a day too old, and a day not old enough."""
    for name, age in (("old", 101), ("new", 99)):
        at = NOON - age * DAY
        await store.save_calls([a_call(name, started=at, caller=f"+1{name}1")])
        await store.save_ends([an_end(f"u-{name}", ended=at), an_end(f"lone-{name}", ended=at)])
        await store.save_feedback(Feedback(name, f"+1{name}1", "robot", "op", at))
        await store.save_callers([a_caller(f"+1{name}1", at)])
        await write_audit(store, Doer("ann", "", NOON - age * 10 * DAY), name)
    # Of a caller of menus alone no moment is kept: what counts is the last call.
    await store.save_callers([a_caller("+1undated9", 0.0, 3), a_caller("+1lately9", 0.0, 3)])
    await store.save_calls([a_call("lately", started=NOON - 29 * DAY, caller="+1lately9")])


GONE = {"calls": 1, "call_ends": 1, "feedback": 1, "callers": 2, "audit": 1}


async def test_old_ones_go(store: Store) -> None:
    await filled(store)
    told: list[str] = []
    would = await purge(store, KEEP, NOON, dry=True, forgotten=told.append)
    assert would == GONE | {"call_ends": 2}  # the end of a call goes with it, and is told of the call alone
    assert told == []
    assert await purge(store, KEEP, NOON, forgotten=told.append) == GONE
    assert sorted(told) == ["+1old1", "+1undated9"]
    assert await purge(store, KEEP, NOON) == dict.fromkeys(GONE, 0)
    assert await store.read(lambda row: row[0], "SELECT id FROM calls ORDER BY id") == ["lately", "new"]
    ends = await store.read(lambda row: row[0], "SELECT uniqueid FROM call_ends ORDER BY uniqueid")
    assert ends == ["lone-new", "u-new"]
    assert [line.what for line in await read_audit(store)] == ["new"]


async def test_for_ever(store: Store) -> None:
    await filled(store)
    assert set((await purge(store, Keep(0, 0, 0, 0), NOON * 10)).values()) == {0}


async def test_the_audit_log_is_guarded_again(store: Store) -> None:
    await filled(store)
    await purge(store, KEEP, NOON)
    with pytest.raises(Exception, match="the audit log is kept"):
        await store.write(("DELETE FROM audit", [()]))


async def test_an_upgrade_deletes_nothing_unannounced(store: Store) -> None:
    assert await begins(store, KEEP, NOON) == NOON  # a new database: from the start
    await store.write(("DELETE FROM settings", [()]))
    await filled(store)
    assert await begins(store, KEEP, NOON) == NOON + 30 * DAY
    assert await begins(store, KEEP, NOON + 10 * DAY) == NOON + 30 * DAY  # and does not move


async def test_records_are_written_in_between(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_retention, "AT_ONCE", 2)
    await store.save_calls([a_call(f"c{n}", started=NOON - 200 * DAY + n) for n in range(40)])
    deleting = asyncio.create_task(purge(store, KEEP, NOON))
    left: list[int] = []
    while not deleting.done():
        await store.save_calls([a_call("now", started=NOON)])
        left += await store.read(lambda row: row[0], "SELECT count(*) FROM calls WHERE started < ?", [NOON - DAY])
    assert (await deleting)["calls"] == 40
    assert len({count for count in left if 0 < count < 40}) > 2


async def test_the_space_comes_back(store: Store, tmp_path: Path) -> None:
    await store.save_calls([a_call(f"c{n}", started=NOON - 200 * DAY, caller_name="x" * 200) for n in range(500)])
    assert await give_back(store.place) == ""  # all is in the file now
    before = (tmp_path / "calls.db").stat().st_size
    await purge(store, KEEP, NOON)
    assert free_bytes(store.place) > 100_000
    assert await give_back(store.place) == ""
    assert free_bytes(store.place) == 0
    assert (tmp_path / "calls.db").stat().st_size < before / 2
