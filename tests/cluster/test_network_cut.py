"""The network between a daemon and Redis is cut: three network namespaces, and one cable that is pulled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.asterisk.until import until
from tests.cluster.conftest import NAMES
from tests.cluster.daemons import Machine, tokens_taken
from tests.cluster.loads import HOUR_US, load, sums
from tests.cluster.servers import Server

CALLER = "+16515553001"


def ip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True)


def may_cut() -> str:
    """Why no network can be cut here; empty where one can."""
    if os.geteuid() != 0:
        return "only root can make network namespaces"
    try:
        ip("netns", "add", f"agi{os.getpid()}probe")
        ip("netns", "delete", f"agi{os.getpid()}probe")
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no network namespaces here: {error}"
    return ""


class Cable:
    """From this machine to a namespace of its own, with an address at each end."""

    def __init__(self, number: int) -> None:
        self.ours, self.netns = f"as{os.getpid() % 100_000}-{number}", f"agi{os.getpid()}n{number}"
        net = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 64 * 4 + number}"
        self.here, self.there = f"{net}.1", f"{net}.2"
        ip("netns", "add", self.netns)
        ip("link", "add", self.ours, "type", "veth", "peer", "name", "eth0", "netns", self.netns)
        ip("address", "add", f"{self.here}/24", "dev", self.ours)
        ip("link", "set", self.ours, "up")
        ip("-n", self.netns, "address", "add", f"{self.there}/24", "dev", "eth0")
        ip("-n", self.netns, "link", "set", "lo", "up")
        ip("-n", self.netns, "link", "set", "eth0", "up")

    def pull(self) -> None:
        """Nothing passes any more, and nobody is told."""
        ip("link", "set", self.ours, "down")

    def plug(self) -> None:
        ip("link", "set", self.ours, "up")

    def remove(self) -> None:
        ip("netns", "delete", self.netns)


@pytest.fixture
def cables() -> Iterator[list[Cable]]:
    if why := may_cut():
        pytest.skip(why)
    with ExitStack() as stack:
        made = []
        for number in range(3):
            made.append(Cable(number))
            stack.callback(made[-1].remove)
        yield made


async def test_one_of_three_is_cut_off(cables: list[Cable], tmp_path: Path) -> None:
    with ExitStack() as stack:
        redis = stack.enter_context(Server(tmp_path, host=" ".join(["127.0.0.1", *(cable.here for cable in cables)])))
        await redis.answers()
        three = []
        for name, cable in zip(NAMES, cables, strict=True):
            url = f"redis://{cable.here}:{redis.port}/0"
            machine = Machine(tmp_path, name, url, limit="1000/1000h", deadline="1s", netns=cable.netns)
            three.append(stack.enter_context(machine))
        for machine in three:
            machine.is_ready()
            await until(machine.in_touch)
        cut = three[0]
        async with load(three, CALLER) as calls:
            await calls.more(30)
            cables[0].pull()
            await until(lambda: cut.shared()["state"] != "ok")
            await calls.more(60)
            assert [machine.shared()["state"] for machine in three[1:]] == ["ok", "ok"]
            await until(lambda: "silent" in cut.said, 30)  # the half-open connection is given up, not waited for
            cables[0].plug()
            await until(lambda: cut.shared()["state"] == "ok", 30)
            await calls.more(30)
        assert sums(three, "overdue") == 0
        assert cut.shared()["untold"] == 0
        with redis.client() as client:
            taken = tokens_taken(client, CALLER, HOUR_US)
        assert len(calls.verdicts) - 0.1 < taken <= len(calls.verdicts)
