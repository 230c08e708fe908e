"""Which server keeps a caller: the one there is, the master that Sentinels name, or the one of the caller's slot."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError

from agi_screen.base.state_url import StateKind
from agi_screen.base.units import Address
from agi_screen.cluster.connect import Access, make_sentinel
from agi_screen.cluster.link import Command, Link

log = logging.getLogger("agi_screen.cluster")

LOOK_SECONDS = 1.0  # how often Sentinels are asked who the master is
MAP_SECONDS = 10.0  # how often a Cluster is asked which server has which slots, where nothing says that it has changed
Changed = Callable[[Link], None]


class Shards(Protocol):
    """The servers that calls ask."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def links(self) -> list[Link]: ...
    def of(self, key: str) -> Link | None: ...
    def at(self, address: Address) -> Link | None: ...
    def moved(self) -> None: ...


def make_shards(access: Access, script: str, changed: Changed) -> Shards:
    """Raises OSError where the file of `tls_ca` is no good."""
    tls, greeting, deadline = access.ssl_context(), _greeting(access, script), access.table.deadline

    def link_to(find: Callable[[], Any]) -> Link:
        return Link(find, greeting, tls, deadline, changed)

    if access.url.kind is StateKind.CLUSTER:
        return SlotShards(access, link_to)
    if access.url.kind is StateKind.SENTINEL:
        return MasterShard(access, link_to)
    return OneShard(link_to, access.url.hosts[0])


def _greeting(access: Access, script: str) -> list[Command]:
    login = [access.username or "default", access.password] if access.username else [access.password]
    commands: list[Command] = [("AUTH", *login)] if access.password else []
    if access.url.db:
        commands.append(("SELECT", access.url.db))
    return [*commands, ("CLIENT", "SETNAME", f"agi-screen-{access.node}"), ("SCRIPT", "LOAD", script)]


class OneShard:
    """One server."""

    def __init__(self, link_to: Callable[[Callable[[], Any]], Link], address: Address) -> None:
        self._address = address
        self._link = link_to(self._find)

    async def _find(self) -> Address:
        return self._address

    def start(self) -> None:
        self._link.start()

    def stop(self) -> None:
        self._link.stop()

    def links(self) -> list[Link]:
        return [self._link]

    def of(self, key: str) -> Link | None:
        del key
        return self._link

    def at(self, address: Address) -> Link | None:
        del address
        return None

    def moved(self) -> None:
        """Only a Cluster says that."""


class MasterShard(OneShard):
    """The master that Sentinels name, and no other as soon as they name another."""

    def __init__(self, access: Access, link_to: Callable[[Callable[[], Any]], Link]) -> None:
        super().__init__(link_to, access.url.hosts[0])
        self._sentinel = make_sentinel(access)
        self._name = access.url.master
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        super().start()
        self._task = asyncio.create_task(self._follow(), name="redis-master")

    def stop(self) -> None:
        super().stop()
        if self._task is not None:
            self._task.cancel()

    async def _find(self) -> Address:
        host, port = await self._sentinel.discover_master(self._name)
        return Address(str(host), int(port))

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                master = await self._find()
            except (RedisError, OSError):
                continue  # as long as the master answers, nothing is amiss
            if self._link.up and master != self._link.address:
                self._link.drop(f"the Sentinels name another master, {master}")


class SlotShards:
    """The masters of a Redis Cluster. Each caller is in a slot, each slot on a master."""

    def __init__(self, access: Access, link_to: Callable[[Callable[[], Any]], Link]) -> None:
        self._link_to = link_to
        self._known = list(access.url.hosts)
        self._options = access.options()
        self._links: dict[Address, Link] = {}
        self._slots: list[Link | None] = [None] * 16384
        self._look = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow(), name="redis-slots")

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        for link in self._links.values():
            link.stop()

    def links(self) -> list[Link]:
        return list(self._links.values())

    def of(self, key: str) -> Link | None:
        return self._slots[key_slot(key.encode())]

    def at(self, address: Address) -> Link | None:
        return self._links.get(address)

    def moved(self) -> None:
        """Some slot is elsewhere now."""
        self._look.set()

    async def _follow(self) -> None:
        while True:
            found = await self._map()
            self._look.clear()
            if found:
                self._take(found)
            usual = MAP_SECONDS if all(link.up for link in self._links.values()) and found else LOOK_SECONDS
            try:
                await asyncio.wait_for(self._look.wait(), usual)
            except TimeoutError:
                continue
            await asyncio.sleep(0.1)  # many say it at the same time

    async def _map(self) -> Mapping[tuple[int, int], Address]:
        """From the first server that answers."""
        for address in list(self._known):
            client = Redis(host=address.host, port=address.port, **self._options)
            try:
                ranges = await client.execute_command("CLUSTER SLOTS")  # type: ignore[no-untyped-call]
                return {
                    slots: Address(str(node["primary"][0] or address.host), int(node["primary"][1]))
                    for slots, node in ranges.items()
                }
            except (RedisError, OSError) as error:
                log.debug("no map of the Cluster from %s: %s", address, error)
            finally:
                await client.aclose()
        return {}

    def _take(self, found: Mapping[tuple[int, int], Address]) -> None:
        masters = dict.fromkeys(found.values())
        for address in masters:
            if address not in self._links:
                self._links[address] = self._link_to(_at(address))
                self._links[address].start()
        for gone in set(self._links) - set(masters):
            self._links.pop(gone).stop()
        for (first, last), address in found.items():
            self._slots[first : last + 1] = [self._links[address]] * (last + 1 - first)
        self._known = list(dict.fromkeys([*masters, *self._known]))[:64]


def _at(address: Address) -> Callable[[], Any]:
    async def find() -> Address:
        return address

    return find
