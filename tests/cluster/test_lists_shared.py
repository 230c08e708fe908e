"""One set of lists for all machines: changes made on any, with Redis and without it, are in force on all in the end."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable

from agi_screen.cluster.room import KEYS
from tests.asterisk.until import until
from tests.cluster.daemons import SECRET, SOON, Machine
from tests.cluster.servers import Server

ENTRIES = "SELECT g.list, e.value, g.reason FROM list_entries e JOIN list_groups g ON g.n = e.grp"
CALLER = "+14155550100"


def command(machine: Machine, *words: str) -> None:
    """What an admin types at that machine."""
    done = subprocess.run(
        [sys.executable, "-m", "agi_screen", "list", *words, "--config", "agi-screen.toml"],
        cwd=machine.folder,
        env={**os.environ, "AGI_SCREEN_CLUSTER_SECRET": SECRET},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def listed(machine: Machine) -> dict[tuple[str, str], str]:
    """List and value of all entries in that machine's own store, with their reason."""
    store = sqlite3.connect(machine.folder / "agi-screen.db")
    try:
        return {(name, value): reason for name, value, reason in store.execute(ENTRIES)}
    finally:
        store.close()


async def on_all(three: Iterable[Machine], wanted: dict[tuple[str, str], str]) -> None:
    for machine in three:
        try:
            await until(lambda machine=machine: listed(machine) == wanted, SOON)  # type: ignore[misc]
        except AssertionError:
            raise AssertionError(f"{machine.folder.name}: {listed(machine)}\n{machine.said}") from None


async def judged(three: Iterable[Machine], wanted: str) -> None:
    """Until each judges the caller so: what is in its store is in force a moment later."""
    for machine in three:
        said = ""
        for _ in range(200):
            said = await machine.call(CALLER)
            if f"SCREEN_VERDICT={wanted}" in said:
                break
        else:
            raise AssertionError(f"{said}\n{machine.said}")


def in_redis(redis: Server) -> tuple[int, int]:
    """How many entries Redis knows of, and how many changes it has taken in all."""
    with redis.client() as client:
        return int(client.hlen(KEYS + "lists")), int(client.hget(KEYS + "lists-rest", "place") or 0)


async def test_added_on_one_is_in_force_on_all_and_removed_too(three: list[Machine]) -> None:
    one, two, _ = three
    command(one, "add", "deny", CALLER, "+1212*", "--reason", "fraud")
    await on_all(three, {("deny", CALLER): "fraud", ("deny", "+1212*"): "fraud"})
    await judged(three, "reject")
    command(two, "remove", "deny", CALLER)
    await on_all(three, {("deny", "+1212*"): "fraud"})
    await judged(three, "allow")
    command(two, "remove", "deny", "+1212*")
    await on_all(three, {})


async def test_a_machine_that_was_down_catches_up_and_tells_what_was_changed_there(three: list[Machine]) -> None:
    one, two, other = three
    command(one, "add", "deny", CALLER, "--reason", "before")
    await on_all(three, {("deny", CALLER): "before"})
    other.kill()
    command(other, "add", "allow", "+14155550109", "--reason", "nobody listened")
    command(two, "remove", "deny", CALLER)
    command(one, "add", "suspect", "+1415*", "--reason", "meanwhile")
    other.start()
    other.is_ready()
    await on_all(three, {("allow", "+14155550109"): "nobody listened", ("suspect", "+1415*"): "meanwhile"})
    command(one, "remove", "suspect", "+1415*")
    command(one, "remove", "allow", "+14155550109")
    await on_all(three, {})


async def test_changes_on_both_sides_of_a_dead_redis(three: list[Machine], redis: Server) -> None:
    one, two, _ = three
    command(one, "add", "deny", CALLER, "--reason", "old")
    command(one, "add", "allow", "+14155550107", "--reason", "stays")
    await on_all(three, {("deny", CALLER): "old", ("allow", "+14155550107"): "stays"})
    redis.kill()
    command(one, "add", "deny", CALLER, "--reason", "first")
    command(two, "add", "deny", CALLER, "--reason", "later wins")
    command(one, "add", "deny", "+14155550108", "--reason", "only here")
    command(two, "remove", "allow", "+14155550107")
    assert listed(one)["deny", CALLER] == "first"  # in force at once, with Redis or without
    redis.start()
    wanted = {("deny", CALLER): "later wins", ("deny", "+14155550108"): "only here"}
    await on_all(three, wanted)
    await judged(three, "reject")


async def test_a_redis_that_lost_everything_is_told_anew(three: list[Machine], redis: Server) -> None:
    wanted = listed(three[0])
    assert wanted
    with redis.client() as client:
        client.delete(*(KEYS + key for key in ("lists", "lists-order", "lists-rest")))
    await until(lambda: in_redis(redis)[0] >= len(wanted), SOON)
    await on_all(three, wanted)
    entries, changes = in_redis(redis)
    assert changes == entries, "told twice is not taken twice"


async def test_an_entry_that_no_machine_has_put_into_redis_is_not_taken(three: list[Machine], redis: Server) -> None:
    """Somebody has got into Redis, and not to the secret."""
    before = listed(three[0])
    said = f'{"0" * 32}:[1,false,"number","free","x",1.0,0.0]'
    with redis.client() as client:
        for value in ("allow:+14155550100", "nonsense", "allow:" + "1" * 390):
            client.hset(KEYS + "lists", value, "9" * 15 + ":" + said)
            client.zadd(KEYS + "lists-order", {value: int(client.hincrby(KEYS + "lists-rest", "place", 1))})
    command(three[1], "add", "suspect", "+1917*", "--reason", "after it")
    await on_all(three, {**before, ("suspect", "+1917*"): "after it"})
    assert all("is not sealed with our [cluster] secret" in machine.said for machine in three)
