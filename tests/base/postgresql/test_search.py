"""Each question about calls finds its page at the end of an index, with many calls and the server's own planner."""

from __future__ import annotations

import re

import pytest

from agi_screen.base.clock import ManualClock
from agi_screen.base.postgresql.dialect import postgresql as translated
from agi_screen.base.store import Store
from agi_screen.base.store_place import Server
from agi_screen.base.store_search import CallFilter, select_calls, select_nth
from agi_screen.base.verdict import CaptchaResult, Verdict
from tests.made import NOON, a_call
from tests.postgresql import OwnServer, ask

# Nearly all calls are to one number and let through; the callers are all different but one.
_MANY = """INSERT INTO calls (id, uniqueid, started, caller, caller_raw, caller_kind, caller_name, dialled, trunk,
 verdict, final_verdict, score, level, final, evidence, captcha, tampering, error, decide_us, way)
SELECT 'm' || n, 'u' || n, 1800000000 + n, CASE WHEN n % 5000 = 0 THEN '+1' ELSE '+1415' || n END, '', 'valid', '',
 CASE WHEN n % 1000 = 0 THEN '+9' ELSE '+8' END, 't',
 CASE WHEN n % 100 = 0 THEN 'reject' ELSE 'allow' END, 'allow', 0, 'normal', '', '[]', 'skipped', '[]', '', 1,
 CASE WHEN n % 400 = 0 THEN 'callback' ELSE '' END FROM generate_series(1, 60000) n"""


@pytest.fixture(scope="module")
def many(postgresql: OwnServer) -> Server:
    return postgresql.place("many")


async def _filled(place: Server) -> None:
    store = await Store.open(place, clock=ManualClock(NOON))
    if not await store.calls(CallFilter(limit=1)):
        await store.save_calls([a_call("c1")])
        await store.write((_MANY, [()]), ("ANALYZE calls", [()]))
    await store.close()


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CallFilter(), "calls_started"),
        (CallFilter(since=NOON + 10, before="m50000"), "calls_started"),
        (CallFilter(caller="+1"), "calls_caller"),
        (CallFilter(caller="+14155"), "calls_caller"),
        (CallFilter(dialled="+8", before="m50000"), "calls_(dialled|started)"),
        (CallFilter(dialled="+9", until=NOON + 50_000), "calls_dialled"),
        (CallFilter(verdict=Verdict.REJECT, since=NOON), "calls_verdict"),
        (CallFilter(way="callback", since=NOON), "calls_way"),
        (CallFilter(beginnings=("m1234", "m5")), "calls_id_key"),
        (CallFilter(id="m77"), "calls_id_key"),
        (CallFilter(captcha=CaptchaResult.PASSED, down_to="m59000"), "calls_started"),
    ],
)
async def test_each_question_walks_its_index_and_reads_a_page(many: Server, wanted: CallFilter, index: str) -> None:
    await _filled(many)
    sql, values = select_calls(wanted, by_hour=False)
    plan = [row[0] for row in ask(many, f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS) {sql}", tuple(values))]
    text = "\n".join(plan)
    assert re.search(rf" {index}\b", text), text
    assert "Seq Scan on calls" not in text, text
    read = next(line for line in plan if "Buffers:" in line)
    pages = sum(int(word.split("=")[1]) for word in read.split() if "=" in word)
    assert pages < 1500, text  # of some 3,000 of the table and as many of the indices


async def test_the_end_of_a_portion_is_found_in_the_index_alone(many: Server) -> None:
    await _filled(many)
    sql, values = select_nth(CallFilter(signal="caller_rate"), 2000, by_hour=False)
    assert ask(many, sql, tuple(values)) == [("m58001", NOON + 58_001)]


def test_what_the_dialect_changes() -> None:
    sql = "INSERT OR ROLLBACK INTO t VALUES (?,?)"
    assert translated(sql) == "INSERT INTO t VALUES ($1,$2)"
    assert translated("SELECT 1 FROM calls c INDEXED BY calls_started WHERE a = ?1 AND b = ?1") == (
        "SELECT 1 FROM calls c WHERE a = $1 AND b = $1"
    )
    assert translated("SELECT max(a), max(a, b_c, d) FROM t") == "SELECT max(a), greatest(a, b_c, d) FROM t"
    assert translated("CAST(started / 60 AS INTEGER)") == "CAST(floor(started / 60) AS BIGINT)"
