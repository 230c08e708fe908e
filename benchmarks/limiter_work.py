"""The measurements of the limiter: each gives plain numbers, nothing is printed here."""

from __future__ import annotations

import gc
import os
import random
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from statistics import median

from agi_screen.base.buckets import Buckets, Limit
from benchmarks.limiter_peers import BURST, INTERVAL_NS, Loop, Peer

HOT_KEY = "+16515550123"
CALL_KINDS = 5
TRUNKS = 8
PIECE = 1_000  # calls whose keys are made at once


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done: the full run, or a smoke run."""

    keys: int
    hot: int
    slow: int
    rounds: int
    flood: int


FULL = Size(keys=1_000_000, hot=1_000_000, slow=100_000, rounds=5, flood=10_000_000)
QUICK = Size(keys=5_000, hot=20_000, slow=500, rounds=3, flood=50_000)


@contextmanager
def quiet() -> Iterator[None]:
    """No garbage collection while the clock runs."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def ns_each(run: Callable[[], object], count: int) -> float:
    """CPU time of this thread a check, the loop included: other programs may take the core from us at any moment."""
    with quiet():
        start = time.thread_time_ns()
        run()
        return (time.thread_time_ns() - start) / count


def numbers(count: int, seed: int = 1) -> list[int]:
    """So many different line numbers, in no order."""
    return random.Random(seed).sample(range(10**9), count)


def fresh(order: list[int]) -> list[str]:
    """New strings, as a call brings them: their hash was never reckoned."""
    return [f"+1651{n:09d}" for n in order]


def hot_and_random(peers: list[Peer], size: Size) -> dict[str, dict[str, list[float]]]:
    """ns a check by limiter, hot and random, one figure a round; the rounds of all limiters are interleaved."""
    order = numbers(size.keys)
    figures: dict[str, dict[str, list[float]]] = {peer.name: {"hot": [], "random": []} for peer in peers}
    loops = {peer.name: peer.make(size.keys) for peer in peers}
    for loop in loops.values():
        loop(fresh(order))
    for _ in range(size.rounds):
        random.Random(2).shuffle(order)
        for peer in peers:
            hot, cold = _one_round(loops[peer.name], order, size.slow if peer.slow else size.hot)
            figures[peer.name]["hot"].append(hot)
            figures[peer.name]["random"].append(cold)
    return figures


def _one_round(loop: Loop, order: list[int], count: int) -> tuple[float, float]:
    loop(repeat(HOT_KEY, 100))
    keys = fresh(order[:count])
    hot = ns_each(lambda: loop(repeat(HOT_KEY, count)), count)
    return hot, ns_each(lambda: loop(keys), len(keys))


def call_of_five(size: Size) -> list[float]:
    """ns for the five keys of one call in one `take_all`: caller, two blocks, trunk, total; the caller is random.

    The strings of a call have just been made when it is judged. So they are made here right before, a thousand calls at
    a time with the clock stopped, in the order in which they are used: no list or string comes from cold memory.
    """
    buckets = Buckets(2 * size.keys, [Limit(INTERVAL_NS, BURST)] * CALL_KINDS)
    order = array("q", numbers(size.keys))
    _ns_a_call(buckets, order)
    figures = []
    for _ in range(size.rounds):
        random.Random(3).shuffle(order)
        figures.append(_ns_a_call(buckets, order))
    return figures


def _ns_a_call(buckets: Buckets, order: array[int]) -> float:
    take_all, now, spent = buckets.take_all, 0, 0
    with quiet():
        for at in range(0, len(order), PIECE):
            calls = [_keys_of_call(n) for n in order[at : at + PIECE]]
            start = time.thread_time_ns()
            for keys in calls:
                take_all(keys, now)
            spent += time.thread_time_ns() - start
    return spent / len(order)


def _keys_of_call(n: int) -> list[str]:
    """All five made for this call."""
    caller, trunk = f"+1651{n:09d}", f"trunk-{n % TRUNKS}"
    return [caller, caller[:-2], caller[:-4], trunk, trunk[:5]]


def batch(size: Size) -> list[float]:
    """ns a key of `take_batch` over present keys in shuffled order, hashed before."""
    buckets = Buckets(size.keys, [Limit(INTERVAL_NS, BURST)])
    hashes = [buckets.hash_key(0, key) for key in fresh(numbers(size.keys))]
    kinds, times, left = bytes(size.keys), array("q", bytes(8 * size.keys)), array("d", bytes(8 * size.keys))
    figures = []
    for _ in range(size.rounds + 1):
        random.Random(4).shuffle(hashes)
        column = array("Q", hashes)
        figures.append(ns_each(lambda: buckets.take_batch(column, kinds, times, left), size.keys))  # noqa: B023
    return figures[1:]


def over_load(size: Size) -> list[dict[str, float]]:
    """ns a check of present and of never-seen keys, moves and drops, as the slots fill from 10 to 95 %."""
    buckets = Buckets(size.keys, [Limit(INTERVAL_NS * 10**6, BURST)])
    slots, keys, rows = buckets.stats().slots, iter(numbers(4 * size.keys)), []
    present: list[int] = []
    take = buckets.take
    for percent in (10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95):
        new = [next(keys) for _ in range(slots * percent // 100 - len(present))]
        strings = fresh(new)
        new_ns = ns_each(lambda: [take(0, key, 0) for key in strings], len(strings))  # noqa: B023
        present += new
        strings = fresh(random.Random(5).sample(present, min(len(present), size.hot // 4)))
        present_ns = ns_each(lambda: [take(0, key, 0) for key in strings], len(strings))  # noqa: B023
        stats = buckets.stats()
        row = {"load": percent, "present_ns": present_ns, "new_ns": new_ns, "moves": stats.moves}
        rows.append(row | {"dropped": stats.evicted})
    return rows


def flood(size: Size) -> dict[str, object]:
    """Never-seen numbers, ten times the table, 1 µs apart, while heavy callers are in it from before."""
    buckets = Buckets(size.keys, [Limit(INTERVAL_NS, BURST, overdraft=BURST)])
    heavy = [f"+1999{n:09d}" for n in range(size.keys // 100)]
    for key in heavy * (2 * BURST):
        buckets.take(0, key, 0)
    steps, take, figures = 20, buckets.take, []
    each = size.flood // steps
    for step in range(steps):
        keys = [f"+1651{n:09d}" for n in range(step * each, (step + 1) * each)]
        now = step * each * 1_000
        figures.append(ns_each(lambda: [take(0, key, now) for key in keys], each))  # noqa: B023
    end = size.flood * 1_000
    kept = sum(buckets.peek(0, key, end) < 0 for key in heavy)
    stats = buckets.stats()
    return {
        "callers": [each * (step + 1) for step in range(steps)],
        "ns": figures,
        "heavy": len(heavy),
        "heavy_kept": kept,
        "evicted": stats.evicted,
        "bytes": stats.bytes,
    }


def chosen_keys(size: Size) -> dict[str, list[float]]:
    """How full the lines get, whoever chooses: random keys, counted-up keys, and keys aimed at a table of known seed.

    The last are what an attacker finds who had the code and guessed a seed; they are harmless to any other seed.
    """
    guessed = bytes(16)
    count = max(200, size.keys // 100)
    lines = Buckets(count, [Limit(INTERVAL_NS, BURST)]).stats().slots // 5
    probe = Buckets(count, [Limit(INTERVAL_NS, BURST)], seed=guessed)
    candidates = (f"+1651{n:09d}" for n in range(10**9))
    aimed: list[str] = []
    while len(aimed) < count:
        key = next(candidates)
        if (probe.hash_key(0, key) >> 32) * lines >> 32 < lines // 64 + 1:
            aimed.append(key)
    sets = {"random": fresh(numbers(count)), "counted up": fresh(list(range(count))), "aimed": aimed}
    found = {name: _second_lines(keys, count, os.urandom(16)) for name, keys in sets.items()}
    return found | {"aimed, seed known": _second_lines(aimed, count, guessed)}


def _second_lines(keys: list[str], count: int, seed: bytes) -> list[float]:
    """[share of keys whose take moved another bucket, keys dropped, ns a check afterwards]."""
    buckets = Buckets(count, [Limit(INTERVAL_NS * 10**6, BURST)], seed=seed)
    for key in keys:
        buckets.take(0, key, 0)
    stats = buckets.stats()
    ns = [ns_each(lambda: [buckets.take(0, key, 0) for key in keys], len(keys)) for _ in range(5)]
    return [stats.moves / len(keys), stats.evicted, median(ns)]
