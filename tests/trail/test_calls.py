"""Records are written behind, survive a broken store in memory, and lose the oldest first, counted."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from agi_screen.base.clock import ManualClock
from agi_screen.base.records import Feedback, Pass
from agi_screen.base.store import Store
from agi_screen.base.store_place import Place
from agi_screen.base.store_search import CallFilter
from agi_screen.trail import calls as trail
from agi_screen.trail.calls import Recorder
from tests.fakes.fake_store import FakeStore
from tests.made import NOON, a_call, an_end

NEVER = 3600.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
async def recorder(store: FakeStore, clock: ManualClock) -> AsyncIterator[Recorder]:
    made = Recorder(store, clock, flush_seconds=1.0, backlog=10)
    yield made
    await made.close()


def ids(store: FakeStore) -> list[str]:
    return [str(row[0]) for row in store.calls]


async def test_everything_reaches_a_real_store(place: Place, clock: ManualClock) -> None:
    store = await Store.open(place, clock=clock)
    recorder = Recorder(store, clock, flush_seconds=NEVER, backlog=10_000)
    recorder.start()
    made = [a_call(f"c{n:05d}", started=NOON + n) for n in range(trail.BATCH + 1000)]
    for call in made:
        recorder.record(call)
    recorder.ended(an_end(made[0].uniqueid))
    recorder.passes([Pass("+1", "t", 2, NOON + 9)])
    recorder.feedback(Feedback("c00001", "+1", "robot", "101", NOON))
    await recorder.close()
    assert (recorder.waiting, recorder.state, recorder.counters.written) == (0, "ok", len(made) + 3)
    found = await store.calls(CallFilter(limit=9999))
    assert [c.record for c in reversed(found)] == made
    assert found[-1].end == an_end(made[0].uniqueid)
    assert await store.passes() == [Pass("+1", "t", 2, NOON + 9)]
    await store.close()


async def test_the_timer_writes_a_single_call(store: FakeStore, clock: ManualClock) -> None:
    recorder = Recorder(store, clock, flush_seconds=0.01, backlog=10)
    recorder.start()
    recorder.record(a_call("c1"))
    await asyncio.wait_for(store.tried.wait(), 10)
    await recorder.close()
    assert ids(store) == ["c1"]


async def test_many_calls_do_not_wait_for_the_timer(store: FakeStore, clock: ManualClock) -> None:
    recorder = Recorder(store, clock, flush_seconds=NEVER, backlog=10_000)
    recorder.start()
    for n in range(trail.BATCH):
        recorder.record(a_call(f"c{n}"))
    await asyncio.wait_for(store.tried.wait(), 10)
    await recorder.close()


async def a_turn_of_the_loop() -> None:
    turned = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turned.set_result, None)
    await turned


async def test_however_many_wait_calls_do_not_wake_the_writer_one_by_one(
    store: FakeStore, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "agi_screen.calls")
    recorder = Recorder(store, clock, flush_seconds=NEVER, backlog=10**6)
    recorder.start()
    store.broken = "no"
    for n in range(2 * trail.BATCH):
        recorder.record(a_call(f"c{n}"))
        await a_turn_of_the_loop()
    await asyncio.wait_for(store.tried.wait(), 10)
    store.broken = ""
    await recorder.close()
    assert len(store.calls) == 2 * trail.BATCH
    batches = [r for r in caplog.records if r.name == "agi_screen.calls"]
    assert len(batches) <= 4


async def test_a_broken_store_loses_the_oldest_beyond_the_backlog(
    store: FakeStore, recorder: Recorder, clock: ManualClock
) -> None:
    store.broken = "disk full"
    for n in range(8):
        recorder.record(a_call(f"c{n}"))
    await recorder.flush()
    assert (recorder.state, recorder.waiting, recorder.counters.lost) == ("behind: disk full", 8, 0)
    for n in range(8, 13):
        recorder.record(a_call(f"c{n}"))
    assert (recorder.waiting, recorder.counters.lost) == (10, 3)
    store.broken = ""
    clock.advance(1.0)
    await recorder.flush()
    assert ids(store) == [f"c{n}" for n in range(3, 13)]
    assert (recorder.state, recorder.waiting, recorder.counters.lost) == ("ok", 0, 3)


async def test_retries_back_off_and_start_anew_after_success(
    store: FakeStore, recorder: Recorder, clock: ManualClock
) -> None:
    store.broken = "no"
    recorder.record(a_call("c1"))
    tried_at = []
    for second in range(100):
        before = store.tries
        await recorder.flush()
        if store.tries > before:
            tried_at.append(second)
        clock.advance(1.0)
    assert tried_at == [0, 1, 3, 7, 15, 31, 61, 91]
    store.broken = ""
    clock.advance(30.0)
    await recorder.flush()
    assert ids(store) == ["c1"]
    store.broken = "again"
    recorder.record(a_call("c2"))
    await recorder.flush()
    clock.advance(1.0)
    before = store.tries
    await recorder.flush()
    assert store.tries == before + 1
    store.broken = ""


async def test_breaking_and_mending_are_told_once_each(
    store: FakeStore, recorder: Recorder, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        store.broken = "x.db: full: free space"
        for n in range(5):
            recorder.record(a_call(f"c{n}"))
            await recorder.flush()
            clock.advance(60.0)
        store.broken = ""
        await recorder.flush()
        await recorder.flush()
    told = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert (
        told
        == [
            "calls are not being written, they wait in memory: x.db: full: free space",
            "calls are written again; 0 were lost meanwhile",
        ]
        * 2
    )


async def test_calls_that_come_while_a_batch_is_being_written_follow_it(store: FakeStore, recorder: Recorder) -> None:
    store.gate.clear()
    recorder.record(a_call("c1"))
    writing = asyncio.create_task(recorder.flush())
    await asyncio.wait_for(store.tried.wait(), 10)
    recorder.record(a_call("c2"))
    assert recorder.waiting == 2
    store.gate.set()
    await writing
    await recorder.flush()
    assert ids(store) == ["c1", "c2"]


async def test_calls_that_come_while_a_batch_is_written_are_left_to_the_next_round(
    store: FakeStore, recorder: Recorder
) -> None:
    """Else a writer that is never done writes a few calls a batch, and takes more time than the calls."""
    for n in range(3):
        store.gate.clear()
        recorder.record(a_call(f"c{n}"))
        writing = asyncio.create_task(recorder.flush())
        await asyncio.wait_for(store.tried.wait(), 10)
        store.tried.clear()
        recorder.record(a_call(f"d{n}"))
        store.gate.set()
        await asyncio.wait_for(writing, 10)
        assert (store.tries, recorder.waiting) == (n + 1, 1)


async def test_a_cancelled_flush_keeps_its_batch(store: FakeStore, recorder: Recorder) -> None:
    store.gate.clear()
    recorder.record(a_call("c1"))
    writing = asyncio.create_task(recorder.flush())
    await asyncio.wait_for(store.tried.wait(), 10)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    store.gate.set()
    await recorder.flush()
    assert ids(store) == ["c1"]


async def test_what_is_lost_at_shutdown_is_told(
    store: FakeStore, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(store, clock, flush_seconds=NEVER, backlog=10)
    recorder.start()
    store.broken = "gone"
    recorder.record(a_call("c1"))
    await recorder.close()
    assert "1 records are lost at shutdown: gone" in caplog.text


async def test_the_log_has_each_call_once_even_while_the_store_is_broken(
    store: FakeStore, recorder: Recorder, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "agi_screen.calls")
    store.broken = "no"
    for n in range(3):
        recorder.record(a_call(f"c{n}"))
        await recorder.flush()
    store.broken = ""
    clock.advance(99.0)
    await recorder.flush()
    lines = [r.getMessage() for r in caplog.records if r.name == "agi_screen.calls"]
    assert [line.split()[1] for line in lines] == ["id=c0", "id=c1", "id=c2"]
