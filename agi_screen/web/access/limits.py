"""How often somebody may try a password: by address and by account, in token buckets as callers have them."""

from __future__ import annotations

import ipaddress
from math import ceil

from cachetools import LRUCache

from agi_screen.base.buckets import Buckets, Limit
from agi_screen.base.clock import Clock
from agi_screen.web.route import ApiError

SECOND = 1_000_000_000
ADDRESS, ACCOUNT, PROVEN = range(3)
# An account has its own bucket at addresses where its password was once right: who tries to guess it from
# elsewhere cannot keep its owner out.
LIMITS = (Limit(30 * SECOND, 20), Limit(60 * SECOND, 10), Limit(30 * SECOND, 10))
CAPACITY = 4096


class Limits:
    """Every try takes a token, also a right one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets = Buckets(CAPACITY, LIMITS)
        self._proven: LRUCache[tuple[str, str], bool] = LRUCache(CAPACITY)

    def take(self, account: str, address: str) -> None:
        """Raises ApiError 429. An empty account: the address alone counts."""
        account, address = account.casefold(), network(address)
        wanted = [(ADDRESS, address)]
        if account:
            proven = (account, address) in self._proven
            wanted.append((PROVEN, f"{account} {address}") if proven else (ACCOUNT, account))
        now = self._clock.ticks()
        # Looked at first: tries that are refused must not put off the next one that is not.
        lacks = [(1 - self._buckets.peek(kind, key, now)) * LIMITS[kind].interval_ns for kind, key in wanted]
        if max(lacks) > 0:
            wait = ceil(max(lacks) / SECOND)
            raise ApiError(429, "log-in", "", f"too many tries: wait {wait} s", retry_after=wait)
        for kind, key in wanted:
            self._buckets.take(kind, key, now)

    def right(self, account: str, address: str) -> None:
        """Notes where a password was right."""
        self._proven[account.casefold(), network(address)] = True


def network(address: str) -> str:
    """An IPv6 host has a /64 to choose addresses from."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)
