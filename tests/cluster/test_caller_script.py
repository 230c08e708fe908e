"""The one script of the shared state on a real Redis: its buckets obey the law of ours, and nothing counts twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from agi_screen.base._bucket_py import BucketTable
from agi_screen.cluster.shared import SCRIPT
from tests.cluster.servers import Server

DAY_US = 86_400 * 10**6
REMEMBER_MS = 90 * DAY_US // 1000
NOTHING = [0] * 13
numbers = count(1_764_000_000_000_000)
names = count()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with Server(tmp_path_factory.mktemp("redis")) as server:
        asyncio.run(server.answers())
        with server.client() as client:
            yield client


def run(
    redis: Redis, caller: str, *news: Any, kinds: Any = (), node: str = "one", number: int = 0, trunk: str = "T"
) -> list[Any]:
    """One call of the script; `kinds` are (name, interval, deepest debt) in us."""
    flat = [part for kind in kinds for part in kind]
    head = (node, number or next(numbers), REMEMBER_MS, trunk, len(kinds), *flat)
    answer: list[Any] = redis.eval(SCRIPT, 1, caller, *head, *news)
    return answer


def caller() -> str:
    return f"c:{next(names)}"


limits = st.tuples(st.integers(1, DAY_US), st.integers(1, 1000), st.integers(0, 1000))
steps = st.lists(st.tuples(st.integers(0, 3 * DAY_US), st.integers(1, 40)), min_size=1, max_size=8)


@given(limits, steps)
@settings(max_examples=60, deadline=None)
def test_its_buckets_are_ours(redis: Redis, limit: tuple[int, int, int], steps: list[tuple[int, int]]) -> None:
    """Calls of the past, told with their age, leave what a table lacks that they were taken from as they came.

    Redis' clock goes on meanwhile: what it says may be less by the time that the test has taken.
    """
    interval, burst, overdraft = limit
    cap = interval * (burst + overdraft)
    table = BucketTable(8, [(interval * 1000, interval * burst * 1000, cap * 1000)], bytes(16))
    ages = [sum(gap for gap, _ in steps[place + 1 :]) for place in range(len(steps))]
    who, kinds, start = caller(), (("k", interval, cap),), 10 * DAY_US * 10
    begun = redis.time()
    for age, (_, tokens) in zip(ages, steps, strict=True):
        run(redis, who, "t", 1, age, age, tokens, kinds=kinds)
        table.take(0, "k", (start - age) * 1000, tokens)
    lacks = run(redis, who, kinds=kinds)[4]
    ended = redis.time()
    took = (ended[0] - begun[0]) * 10**6 + ended[1] - begun[1]
    left = table.peek(0, "k", start * 1000)
    ours = round(burst * interval - left * interval)
    assert ours - took * (len(steps) + 1) - 1 <= lacks <= ours + took + 1


def test_what_came_together_is_spread_over_its_time(redis: Redis) -> None:
    kinds = (("k", 10**6, 10**8),)
    dense, sparse = caller(), caller()
    run(redis, dense, "t", 1, 9 * 10**6, 10**6, 20, kinds=kinds)
    assert 10_800_000 < run(redis, dense, kinds=kinds)[4] <= 11_000_000, "20 s of tokens, 9 s ago"
    run(redis, sparse, "t", 1, 60 * 10**6, 500_000, 3, kinds=kinds)
    assert 300_000 < run(redis, sparse, kinds=kinds)[4] <= 500_000, "only the last is not forgiven yet"


def test_the_answer_tells_what_was_before(redis: Redis) -> None:
    kinds = (("a", 10**9, 10**10), ("b", 10**9, 10**10))
    who = caller()
    assert run(redis, who, "t", 1, 0, 0, 1, kinds=kinds) == [0, 0, 0, b"", 0, 0]
    known, *_, a, b = run(redis, who, "t", 1, 0, 0, 1, kinds=kinds, node="two")
    assert (known, b) == (1, 0)
    assert 0.99e9 < a <= 10**9
    assert run(redis, who, kinds=kinds, node="two")[0] == 2


def test_news_that_come_twice_count_once(redis: Redis) -> None:
    kinds, who = (("k", 10**9, 10**11),), caller()
    for number in (7, 7, 8, 7, 8):
        run(redis, who, "t", 1, 0, 0, 1, "d", *([1] + NOTHING[1:]), "", kinds=kinds, number=number)
    run(redis, who, "t", 1, 0, 0, 1, kinds=kinds, number=7, node="two")
    answer = run(redis, who, kinds=kinds)
    assert 2.9e9 < answer[4] <= 3e9
    assert answer[3].startswith(b"2,")


def test_what_is_learned_adds_up(redis: Redis) -> None:
    who = caller()
    first = [1, 31.5, 1_764_000_000.25, 0, 0, 2, 1, 1_764_000_100.5, 1, 0, 1_764_000_200.5, 3, 1]
    run(redis, who, "d", *first, "PJSIP/a,b")
    second = [1, 0, 1_763_000_000.0, 1, 1, -2, -5, 1_764_000_300.5, -1, 0, -1, 0, 0]
    record = run(redis, who, "d", *second, "")[3].decode()
    moments = "1764000000.250", "1764000300.500", "0.000"
    assert record == f"2,31.500,{moments[0]},1,1,0,0,{moments[1]},0,0,{moments[2]},3,1,PJSIP/a,b"
    whole = [5, 1.0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]
    assert run(redis, who, "m", *whole, "")[3].decode().split(",")[:6] == ["5", "31.500", moments[0], "1", "1", "4"]


def test_a_pass_is_granted_used_and_revoked(redis: Redis) -> None:
    who = caller()
    assert run(redis, who, "g", "T", 3, 60_000)[1:3] == [3, 60_000]
    run(redis, who, "g", "other", 5, 60_000)
    assert run(redis, who, "u", "T", 2, node="two")[1] == 1
    assert run(redis, who, trunk="other")[1] == 5
    assert run(redis, who, "u", "T", 1)[1] == 0
    assert run(redis, who, "r", "g", "T", 2, 60_000)[1] == 2, "revoked, and passed again"
    assert run(redis, who, trunk="other")[1:3] == [0, 0]
    assert run(redis, who, "u", "other", 1, trunk="other")[1] == 0


def test_everything_ends_by_itself(redis: Redis) -> None:
    rate, passed, known = caller(), caller(), caller()
    run(redis, rate, "t", 1, 0, 0, 1, kinds=(("k", 10**6, 10**7),))
    run(redis, passed, "g", "T", 1, 3_600_000)
    run(redis, known, "d", *NOTHING, "T")
    assert 0 < redis.pttl(rate) <= 61_000
    assert 3_500_000 < redis.pttl(passed) <= 3_600_000
    assert 0.99 * REMEMBER_MS < redis.pttl(known) <= REMEMBER_MS
    run(redis, known, "t", 1, 0, 0, 1, kinds=(("k", 10**6, 10**7),))
    assert redis.pttl(known) > 0.99 * REMEMBER_MS, "a call makes nobody forgotten sooner"


def test_nodes_of_old_are_forgotten(redis: Redis) -> None:
    who, now = caller(), redis.time()[0] * 10**6
    for node in range(120):
        run(redis, who, node=f"old{node}", number=now - 2 * DAY_US + node)
    assert redis.hlen(who) < 110
    run(redis, who, node="young", number=now)
    run(redis, who, node="new", number=now + 1)
    fields = set(redis.hkeys(who))
    assert {b"n:young", b"n:new"} <= fields
    assert len(fields) < 30, "of the twenty that came after the last look some are left"


def test_news_of_an_unknown_kind_change_nothing(redis: Redis) -> None:
    who = caller()
    with pytest.raises(Exception, match="unknown kind"):
        run(redis, who, "g", "T", 3, 60_000, "?")
    assert not redis.exists(who)
