"""Batches and threads: the same as one take after the other, wherever the GIL is."""

from __future__ import annotations

import threading
from array import array
from concurrent.futures import ThreadPoolExecutor

import pytest

from agi_screen.base.buckets import Buckets, Limit
from tests.base.buckets_both import BOTH, Compiled

HOUR = 3_600 * 10**9

both = pytest.mark.parametrize("table", BOTH, ids=["compiled", "pure"])


def columns(buckets: Buckets, keys: list[str]) -> tuple[array[int], bytes, array[int], array[float]]:
    """Kinds in turn, times one apart."""
    kinds = bytes(i % 2 for i in range(len(keys)))
    hashes = array("Q", [buckets.hash_key(kind, key) for kind, key in zip(kinds, keys, strict=True)])
    return hashes, kinds, array("q", range(len(keys))), array("d", bytes(8 * len(keys)))


@both
def test_a_batch_is_one_take_after_the_other(table: type[Buckets]) -> None:
    limits, seed = [Limit(10, 3), Limit(HOUR, 5)], bytes(range(16))
    one, other = table(100, limits, seed=seed), table(100, limits, seed=seed)
    keys = [str(n * n % 77) for n in range(2_000)]
    hashes, kinds, times, left = columns(one, keys)
    one.take_batch(hashes, kinds, times, left)
    assert left.tolist() == [other.take(k, key, t) for k, key, t in zip(kinds, keys, times, strict=True)]
    assert one.stats() == other.stats()


@both
def test_a_bad_kind_ends_a_batch_there(table: type[Buckets]) -> None:
    buckets = table(100, [Limit(HOUR, 3)])
    hashes, _, times, left = columns(table(1, [Limit(1, 1)] * 2), list("abcd"))
    with pytest.raises(IndexError, match=r"kinds\[2\] = 9: this table has 1 limits"):
        buckets.take_batch(hashes, bytes([0, 0, 9, 0]), times, left)
    assert left.tolist() == [2, 2, 0, 0]
    with pytest.raises(ValueError, match="one length"):
        buckets.take_batch(hashes, b"", times, left)
    buckets.take_batch(array("Q"), b"", array("q"), array("d"))
    assert buckets.stats().used == 2


@both
def test_a_bad_kind_far_into_a_long_batch(table: type[Buckets]) -> None:
    """Beyond the keys that are taken under one lock, and beyond those asked for ahead."""
    buckets = table(2_000, [Limit(HOUR, 3)])
    hashes = array("Q", [buckets.hash_key(0, str(n)) for n in range(1_500)])
    kinds, left = bytearray(1_500), array("d", bytes(8 * 1_500))
    kinds[1_300] = 1
    with pytest.raises(IndexError, match=r"kinds\[1300\] = 1: this table has 1 limits"):
        buckets.take_batch(hashes, bytes(kinds), array("q", bytes(8 * 1_500)), left)
    assert left.tolist() == [2] * 1_300 + [0] * 200
    assert buckets.stats().used == 1_300


@pytest.mark.parametrize(("table", "takes"), [(BOTH[0], 20_000), (BOTH[1], 500)])
def test_threads_lose_no_take(table: type[Buckets], takes: int) -> None:
    """Half of them in batches without the GIL, half one at a time: the sum of tokens taken is exact."""
    buckets = table(1_000, [Limit(HOUR, 10**6)] * 2)
    keys = [str(n % 50) for n in range(takes)]
    start = threading.Barrier(4)

    def in_batches(_: int) -> None:
        hashes, _kinds, _times, left = columns(buckets, keys)
        start.wait(30)
        buckets.take_batch(hashes, bytes(n % 2 for n in range(takes)), array("q", bytes(8 * takes)), left)

    def one_by_one(_: int) -> None:
        start.wait(30)
        for n, key in enumerate(keys):
            buckets.take(n % 2, key, 0)

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(job, 0) for job in (in_batches, one_by_one, in_batches, one_by_one)]
        for job in jobs:
            job.result(60)
    taken = sum(10**6 - buckets.peek(kind, str(n), 0) for kind in range(2) for n in range(50))
    assert taken == 4 * takes


def test_no_take_is_lost_between_a_batch_and_others() -> None:
    """Milliseconds of three threads at one and the same bucket: without the lock of either side tokens get lost."""
    buckets, size = Compiled(10, [Limit(1, 10**9)]), 1_000_000
    column = array("Q", [buckets.hash_key(0, "all")]) * size, bytes(size), array("q", bytes(8 * size))
    taken = 0
    with ThreadPoolExecutor(2) as pool:
        lefts = [array("d", bytes(8 * size)) for _ in range(2)]
        jobs = [pool.submit(buckets.take_batch, *column, left) for left in lefts]
        while not all(job.done() for job in jobs):
            for _ in range(100):
                buckets.take_all(("all",), 0)
            taken += 100
        for job in jobs:
            job.result(60)
    assert 10**9 - buckets.peek(0, "all", 0) == 2 * size + taken


def test_a_batch_runs_without_the_gil_and_lets_others_in() -> None:
    """In the middle of another thread's batch this one takes a hundred tokens: it does not wait for its end."""
    size = 500_000
    buckets = Compiled(size, [Limit(HOUR, 10**6)] * 2)
    hashes, kinds, times = array("Q", range(size)), bytes(size), array("q", bytes(8 * size))
    most, runs = 0, 0
    with ThreadPoolExecutor(1) as pool:
        while most < 100 and runs < 300:
            left, between = array("d", [-1.0]) * size, 0
            job = pool.submit(buckets.take_batch, hashes, kinds, times, left)
            while not job.done():
                begun = left[0] != -1
                buckets.take(1, "here", 0)
                between += begun and left[-1] == -1
            job.result(30)
            most, runs = max(most, between), runs + 1
    assert most >= 100
