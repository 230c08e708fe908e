"""A server that is down, killed, frozen or slow: nothing is lost or double, and nobody waits for ever."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from pydantic import SecretStr

from agi_screen.base.clock import ManualClock
from agi_screen.base.errors import StoreError
from agi_screen.base.late_store import LateStore
from agi_screen.base.postgresql import connect, engine, link
from agi_screen.base.records import Feedback
from agi_screen.base.store import Store
from agi_screen.base.store_place import Server
from agi_screen.base.store_search import CallFilter
from agi_screen.trail.calls import BATCH, Recorder
from tests.made import NOON, a_call, an_end, an_entry
from tests.places import rows_of
from tests.postgresql import PASSWORD, OwnServer, own_server

NEVER = 3600.0
EACH_ONCE = "SELECT count(*), count(DISTINCT id) FROM calls"


@pytest.fixture(scope="module")
def mortal() -> Iterator[OwnServer]:
    """One that may be killed."""
    with own_server() as server:
        yield server


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@asynccontextmanager
async def opened(place: Server, clock: ManualClock) -> AsyncIterator[Store]:
    store = await Store.open(place, clock=clock)
    try:
        yield store
    finally:
        with suppress(StoreError):
            await store.close()


async def test_killed_in_the_middle_all_records_come_once(
    mortal: OwnServer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the second batch, between two of its statements."""
    real, done = engine.Transaction.executemany, count(1)

    async def killed(self: engine.Transaction, sql: str, rows: Iterable[Iterable[Any]], /) -> engine.Ran:
        ran = await real(self, sql, rows)
        if next(done) == 2:
            mortal.kill()
        return ran

    place = mortal.place()
    async with opened(place, clock) as store:
        recorder = Recorder(store, clock, flush_seconds=NEVER, backlog=100_000)
        for n in range(12_000):
            recorder.record(a_call(f"c{n:05d}", started=NOON + n))
            recorder.ended(an_end(f"u-c{n:05d}"))
        recorder.feedback(Feedback("c00001", "+1", "robot", "101", NOON))
        monkeypatch.setattr(engine.Transaction, "executemany", killed)
        await recorder.flush()
        # As the connection learns of it: from the server's last word, or from none.
        assert re.search("see that PostgreSQL runs there|start it again", recorder.state), recorder.state
        assert recorder.counters.written == BATCH
        clock.advance(1.0)
        await recorder.flush()  # while it is away
        assert recorder.state.startswith("behind: ")
        mortal.start()
        clock.advance(60.0)
        await recorder.flush()
        assert (recorder.state, recorder.waiting, recorder.counters.lost) == ("ok", 0, 0)
        await recorder.close()
    assert rows_of(place, EACH_ONCE) == [(12_000, 12_000)]
    assert rows_of(place, "SELECT count(*) FROM call_ends") == [(12_000,)]
    assert rows_of(place, "SELECT count(*) FROM feedback") == [(1,)]


async def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    postgresql: OwnServer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has written the batch, and the connection dies before it can say so."""
    real = engine.Transaction.end

    async def lost(self: engine.Transaction, word: str) -> None:
        await real(self, word)
        if word == "COMMIT":
            self.conn.close()
            await real(self, "SELECT 1")  # what a caller sees of a lost answer

    place = postgresql.place()
    async with opened(place, clock) as store:
        recorder = Recorder(store, clock, flush_seconds=NEVER, backlog=1000)
        for n in range(10):
            recorder.record(a_call(f"c{n}"))
        recorder.feedback(Feedback("c1", "+1", "robot", "101", NOON))
        with monkeypatch.context() as patched:
            patched.setattr(engine.Transaction, "end", lost)
            for _ in range(3):
                await recorder.flush()
                clock.advance(60.0)
        assert recorder.waiting == 11
        await recorder.flush()
        assert (recorder.state, recorder.waiting) == ("ok", 0)
        await recorder.close()
    assert rows_of(place, EACH_ONCE) == [(10, 10)]
    assert rows_of(place, "SELECT count(*) FROM feedback") == [(1,)]


async def test_a_restart_of_the_server_costs_no_question_and_no_write(mortal: OwnServer, clock: ManualClock) -> None:
    async with opened(mortal.place(), clock) as store:
        await store.save_calls([a_call("c1")])
        assert len(await store.calls(CallFilter())) == 1
        mortal.kill()
        mortal.start()
        assert len(await store.calls(CallFilter())) == 1
        await store.save_calls([a_call("c2")])
        assert len(await store.calls(CallFilter())) == 2


async def test_down_at_the_start_it_is_opened_later(mortal: OwnServer, clock: ManualClock) -> None:
    place = mortal.place()
    mortal.kill()
    late = LateStore(place, clock)
    recorder = Recorder(late, clock, flush_seconds=NEVER, backlog=10)
    recorder.record(a_call("c1"))
    with pytest.raises(StoreError, match=r"postgresql://agi@.*see that PostgreSQL runs there"):
        await late.open()
    await recorder.flush()
    assert recorder.waiting == 1
    mortal.start()
    await late.open()
    clock.advance(60.0)
    await recorder.close()
    await late.close()
    assert rows_of(place, EACH_ONCE) == [(1, 1)]


async def test_a_server_that_freezes_keeps_nobody_waiting(
    mortal: OwnServer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(mortal.place(), clock) as store:
        recorder = Recorder(store, clock, flush_seconds=NEVER, backlog=10)
        await store.save_calls([a_call("c0")])
        monkeypatch.setattr(engine, "PATIENCE_SECONDS", 0.3)
        monkeypatch.setattr(link, "PATIENCE_SECONDS", 0.3)
        recorder.record(a_call("c1"))
        mortal.freeze()
        try:
            await recorder.flush()
            assert "no answer in 0.3 s" in recorder.state
            with pytest.raises(StoreError, match="no answer"):
                await store.calls(CallFilter())
            await recorder.close()  # a daemon that stops waits no longer than that
        finally:
            mortal.thaw()
        monkeypatch.undo()
        assert recorder.waiting == 1
        clock.advance(60.0)
        await recorder.flush()
        assert {c.record.id for c in await store.calls(CallFilter())} == {"c0", "c1"}


async def test_a_lock_of_another_program_ends_in_an_error(
    postgresql: OwnServer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine_settings(), "lock_timeout", "100ms")
    place = postgresql.place("locked")
    async with opened(place, clock) as store, opened(place, clock) as other:
        async with other.transaction():
            with pytest.raises(StoreError, match="another program holds a lock"):
                await store.add_entries([an_entry("+1")])
            await store.save_calls([a_call("c1")])  # records wait for no import of another daemon
        assert await store.add_entries([an_entry("+1")]) == 1


async def test_a_statement_that_takes_too_long_is_ended(
    postgresql: OwnServer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine_settings(), "statement_timeout", "100ms")
    async with opened(postgresql.place(), clock) as store:
        with pytest.raises(StoreError, match="took too long"):
            await store.read(tuple, "SELECT pg_sleep(30)")
        assert await store.calls(CallFilter()) == []


async def test_the_password_is_asked_for_and_never_told(
    postgresql: OwnServer, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    url = postgresql.tcp()
    good, bad = Server(url, SecretStr(PASSWORD)), Server(url, SecretStr("wrong horse"))
    assert PASSWORD not in f"{good} {good!r}"
    with pytest.raises(StoreError, match="url and its password are right") as refused:
        await Store.open(bad, clock=clock)
    assert "wrong horse" not in f"{refused.value} {refused.value.__cause__} {caplog.text}"
    async with opened(good, clock) as store:
        assert await store.calls(CallFilter()) == []
    assert PASSWORD not in caplog.text


async def test_nobody_there_is_said_at_once(clock: ManualClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(StoreError, match=f"127.0.0.1:{port}/x.*refused.*see that PostgreSQL runs there"):
        await Store.open(Server(f"postgresql://agi@127.0.0.1:{port}/x", SecretStr("")), clock=clock)


async def test_what_one_daemon_lists_the_others_see(postgresql: OwnServer, clock: ManualClock) -> None:
    place = postgresql.place()
    async with opened(place, clock) as one, opened(place, clock) as other:
        seen = [await other.lists_version()]
        await one.add_entries([an_entry("+1", source="a")])
        seen.append(await other.lists_version())
        await one.remove_source("a")
        seen.append(await other.lists_version())
        assert len(set(seen)) == 3
        await one.purge_entries()
        await one.remove_source("none")
        assert await other.lists_version() == seen[-1]


async def test_two_asterisks_may_have_the_same_uniqueid(postgresql: OwnServer, clock: ManualClock) -> None:
    place = postgresql.place()
    async with opened(replace(place, node="a"), clock) as one, opened(replace(place, node="b"), clock) as other:
        for store, ident, talk in ((one, "c1", 1.0), (other, "c2", 2.0)):
            await store.save_calls([a_call(ident, uniqueid="1.1")])
            await store.save_ends([an_end("1.1", talk_time=talk)])
        found = {c.record.id: (c.node, c.end and c.end.talk_time) for c in await one.calls(CallFilter())}
    assert found == {"c1": ("a", 1.0), "c2": ("b", 2.0)}


def engine_settings() -> dict[str, str]:
    """What each connection is set to."""
    return connect._SET
