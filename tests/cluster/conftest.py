"""One Redis and three daemons for all tests of a file: each leaves them in touch with each other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.asterisk.until import until
from tests.cluster.daemons import Machine
from tests.cluster.servers import Server

NAMES = ("one", "two", "three")


@contextmanager
def machines(folder: Path, url: str, **options: str) -> Iterator[list[Machine]]:
    """Three that are in touch."""
    with ExitStack() as stack:
        three = [stack.enter_context(Machine(folder, name, url, **options)) for name in NAMES]
        for machine in three:
            machine.is_ready()
            asyncio.run(until(machine.in_touch))
        yield three


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """It keeps what it has confirmed, also where it is killed."""
    with Server(tmp_path_factory.mktemp("redis"), "--appendonly", "yes") as server:
        asyncio.run(server.answers())
        yield server


@pytest.fixture(scope="module")
def three(
    request: pytest.FixtureRequest, redis: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Machine]]:
    """A token comes back in an hour: what is missing of a bucket is the number of calls, to the call."""
    options = {
        "limit": getattr(request.module, "LIMIT", "20/20h"),
        "level": getattr(request.module, "LEVEL", "normal"),
        "deadline": "1s",
    }  # no test is decided by how busy this machine is
    with machines(tmp_path_factory.mktemp("machines"), redis.url, **options) as made:
        yield made
