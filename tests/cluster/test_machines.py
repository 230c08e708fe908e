"""Each machine knows of the others: how they are, the level of who is attacked, and the last order of a person."""

from __future__ import annotations

import json
from typing import Any

from agi_screen.cluster.room import KEYS
from agi_screen.commands.control import ask
from tests.asterisk.until import until
from tests.cluster.conftest import NAMES
from tests.cluster.daemons import SOON, Machine
from tests.cluster.servers import Server

LEVEL = "auto"
GONE_SOON = 30.0  # fifteen seconds, and the rest


def told(machine: Machine, what: str, **fields: str) -> dict[str, Any]:
    return ask(machine.folder / "agi-screen-control.sock", {"do": what, **fields})


def level(machine: Machine) -> str:
    return str(told(machine, "level")["level"])


def rows(machine: Machine) -> dict[str, dict[str, Any]]:
    return {row["node"]: row for row in told(machine, "board")["board"]["machines"]["rows"]}


async def all_at(three: list[Machine], wanted: str) -> None:
    await until(lambda: [level(machine) for machine in three] == [wanted] * len(three), SOON)


async def test_each_has_a_row_for_all(three: list[Machine]) -> None:
    for machine in three:
        await until(lambda machine=machine: set(rows(machine)) == set(NAMES), SOON)  # type: ignore[misc]
    await three[0].call("+14155550111")
    await until(lambda: rows(three[2])["one"]["calls"]["allow"] > 0, SOON)
    board = told(three[2], "board")["board"]["machines"]
    assert board["rows"][0]["node"] == "three", "a machine shows itself first"
    assert board["problem"] == ""
    assert set(three[1].status()["machines"]) == set(NAMES)


async def test_an_order_holds_on_all_and_the_last_one_wins(three: list[Machine]) -> None:
    one, two, _ = three
    told(one, "level", level="siege", reason="exercise", who="ann", **{"for": "2h"})
    await all_at(three, "siege")
    assert told(two, "level")["override"]["by"] == "ann"
    told(two, "level", level="elevated", who="bob")
    await all_at(three, "elevated")
    told(one, "level", level="auto", who="ann")
    await all_at(three, "normal")


async def test_orders_given_while_redis_is_away(three: list[Machine], redis: Server) -> None:
    one, two, other = three
    redis.kill()
    told(one, "level", level="siege", who="ann")
    told(two, "level", level="elevated", who="bob")
    assert (level(one), level(two), level(other)) == ("siege", "elevated", "normal")
    one.kill()
    one.start()
    one.is_ready()
    assert level(one) == "siege", "kept over a restart without Redis"
    redis.start()
    await all_at(three, "elevated")
    told(two, "level", level="auto", who="bob")
    await all_at(three, "normal")


async def test_siege_on_one_is_siege_on_all_until_it_ends(redis: Server, three: list[Machine]) -> None:
    """Its own arrivals say so: hundreds of calls in a moment."""
    one, two, other = three
    for _ in range(400):
        await one.call("+14155550122")
        if level(one) == "siege":
            break
    assert level(one) == "siege"
    await all_at(three, "siege")
    said = told(two, "level")
    assert said["why"].startswith("siege at machine one: far more calls")
    assert said["by"] == "machines"
    one.kill()  # it says no more: its word grows old
    await until(lambda: [level(two), level(other)] == ["normal"] * 2, GONE_SOON)
    assert rows(two)["one"]["state"] == "gone"
    one.start()
    one.is_ready()
    await until(lambda: rows(two)["one"]["state"] == "live", SOON)


async def test_words_that_no_machine_said_are_not_heard(three: list[Machine], redis: Server) -> None:
    now = "1" + "0" * 15
    with redis.client() as client:
        client.hset(KEYS + "nodes", "evil", f"{now}:{'0' * 32}:" + json.dumps({"own": "siege"}))
        seconds, micros = client.time()
        stamp = seconds * 1_000_000 + micros
        client.hset(KEYS + "nodes", "worse", f"{stamp}:{'0' * 32}:" + json.dumps({"own": "siege"}))
        client.hset(KEYS + "nodes", "huge", b"1:" + b"x" * 100_000)
        client.hset(KEYS + "level", mapping={"stamp": stamp, "order": '{"level":"siege"}'})
    await until(lambda: "what machine worse says is not read" in three[0].said, SOON)
    await until(lambda: "order on the attack level in Redis is not obeyed" in three[0].said, SOON)
    assert level(three[0]) == "normal"
    assert set(rows(three[0])) == set(NAMES)
