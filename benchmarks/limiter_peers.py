"""Limiters under the same work: three calls in ten minutes a key. What is not installed is left out, and said so."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from agi_screen.base.buckets import Buckets, Limit

BURST, PERIOD = 3, 600
INTERVAL_NS = PERIOD * 10**9 // BURST

Loop = Callable[[Iterable[str]], None]


@dataclass(frozen=True, slots=True)
class Peer:
    """One limiter: `make` gives a new one for so many keys, as a loop that checks each key it is given."""

    name: str
    make: Callable[[int], Loop]
    slow: bool = False  # checked fewer times, or the run would take an hour
    compiled: bool = False


def _each(check: Callable[[str], object]) -> Loop:
    def loop(keys: Iterable[str]) -> None:
        for key in keys:
            check(key)

    return loop


def _ours(keys: int) -> Loop:
    take, now = Buckets(keys, [Limit(INTERVAL_NS, BURST)]).take, time.monotonic_ns()

    def loop(given: Iterable[str]) -> None:
        for key in given:
            take(0, key, now)

    return loop


def _ours_with_clock(keys: int) -> Loop:
    take, clock = Buckets(keys, [Limit(INTERVAL_NS, BURST)]).take, time.monotonic_ns

    def loop(given: Iterable[str]) -> None:
        for key in given:
            take(0, key, clock())

    return loop


def _dict_gcra(_keys: int) -> Loop:
    """What one writes in an afternoon: unbounded."""
    times: dict[str, int] = {}
    now, cap = time.monotonic_ns(), INTERVAL_NS * BURST

    def check(key: str) -> bool:
        tat = max(times.get(key, 0), now) + INTERVAL_NS
        if tat - now > cap:
            return False
        times[key] = tat
        return True

    return _each(check)


def _rust_py(_keys: int) -> Loop:
    return _each(_import("rust_py_rate_limit").RateLimiter(BURST, PERIOD).allow)


def _floodgate(_keys: int) -> Loop:
    return _each(_import("floodgate").FixedMapping(BURST, timedelta(seconds=PERIOD)).trigger)


def _pycooldown(_keys: int) -> Loop:
    return _each(_import("pycooldown").FixedCooldown(BURST, PERIOD).update_ratelimit)


def _token_bucket(_keys: int) -> Loop:
    module = _import("token_bucket")
    return _each(module.Limiter(BURST / PERIOD, BURST, module.MemoryStorage()).consume)


def _limits(strategy: str) -> Callable[[int], Loop]:
    def make(_keys: int) -> Loop:
        package = _import("limits")
        storage = _import("limits.storage").MemoryStorage()
        hit = getattr(_import("limits.strategies"), strategy)(storage).hit
        item = package.RateLimitItemPerMinute(BURST, PERIOD // 60)
        return _each(lambda key: hit(item, key))

    return make


def _import(name: str) -> Any:
    return importlib.import_module(name)


OURS = "agi-screen"
PEERS = (
    Peer(OURS, _ours, compiled=True),
    Peer("agi-screen, clock read each time", _ours_with_clock, compiled=True),
    Peer("dict GCRA in Python (unbounded)", _dict_gcra),
    Peer("rust-py-rate-limit", _rust_py, compiled=True),
    Peer("floodgate-rs", _floodgate, compiled=True),
    Peer("pycooldown", _pycooldown, compiled=True),
    Peer("token-bucket", _token_bucket),
    Peer("limits, fixed window", _limits("FixedWindowRateLimiter"), slow=True),
    Peer("limits, moving window", _limits("MovingWindowRateLimiter"), slow=True),
    Peer("limits, sliding window", _limits("SlidingWindowCounterRateLimiter"), slow=True),
)


def installed() -> tuple[list[Peer], list[str]]:
    """The peers that can be measured here, and the names of the others."""
    there, missing = [], []
    for peer in PEERS:
        try:
            peer.make(1)
        except ImportError:
            missing.append(peer.name)
        else:
            there.append(peer)
    return there, missing
