"""What all tests share: no test is timed, not even by Hypothesis, whose examples a busy machine may slow down."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from agi_screen.base.store_place import Place
from tests.places import KINDS, MakePlace
from tests.postgresql import OwnServer, own_server

settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")

# Files of one long test each: begun last they would be waited for alone.
LONGEST = (
    "test_packaging.py",
    "test_openapi.py",
    "test_install.py",
    "test_upgrade.py",
    "test_demo.py",
    "test_reports_api.py",
)


# Faults that take their time: disks that fill, clocks, kills, floods, fail-overs. `scripts/test -m long` runs them.
LONG = frozenset(
    {
        "test_clock.py",
        "test_restart.py",
        "test_floods.py",
        "test_injection.py",
        "test_secrets.py",
        "test_ends.py",
        "test_kill9.py",
        "test_asterisk_gone.py",
        "test_descriptors.py",
        "test_stalled_loop.py",
        "test_soak.py",
        "test_faults.py",
        "test_systemd_sockets.py",
        "test_disk_faults.py",
        "test_memory_limit.py",
        "test_install.py",
        "test_upgrade.py",
        "test_failover.py",
        "test_network_cut.py",
        "test_lists_shared.py",
        "test_machines.py",
        "test_machines_card.py",
        "test_redis_cluster.py",
        "test_postgresql_daemon.py",
    }
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes minutes; scripts/test without arguments leaves it out")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; else as they come."""
    for item in items:
        if item.path.name in LONG:
            item.add_marker("long")
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[OwnServer]:
    """A PostgreSQL server for all tests of this process."""
    with own_server() as server:
        yield server


@pytest.fixture(params=KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    """Each kind in turn."""
    kind: str = request.param
    return kind


@pytest.fixture
def make_place(store_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> MakePlace:
    """Empty places for stores."""
    numbers = count()
    if store_kind == "embedded":
        return lambda: tmp_path / f"agi-screen{next(numbers) or ''}.db"
    server: OwnServer = request.getfixturevalue("postgresql")
    return server.place


@pytest.fixture
def place(make_place: MakePlace) -> Place:
    return make_place()
