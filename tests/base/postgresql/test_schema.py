"""The tables of a server are those of the file; what is not ours, or newer, is left alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from agi_screen.base.clock import ManualClock
from agi_screen.base.errors import StoreError
from agi_screen.base.postgresql.schema import steps
from agi_screen.base.store import Store
from agi_screen.base.store_files import prepare
from agi_screen.base.store_migrations import migrations
from agi_screen.base.store_place import Server
from tests.made import NOON, an_entry
from tests.places import rows_of
from tests.postgresql import OwnServer, ask

CLOCK = ManualClock(NOON)
# What SQLite calls a column of this kind, and what PostgreSQL does.
KINDS = {"INTEGER": "bigint", "REAL": "double precision", "TEXT": "text", "BLOB": "bytea"}
_COLUMNS = """SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name <> 'agi_screen_schema'"""


async def opened(place: Server) -> Server:
    await (await Store.open(place, clock=CLOCK)).close()
    return place


async def test_both_kinds_have_the_same_columns(postgresql: OwnServer, tmp_path: Path) -> None:
    prepare(tmp_path / "x.db", NOON)
    tables = rows_of(
        tmp_path / "x.db", "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
    )
    in_file = {
        (table, name, KINDS[kind])
        for (table,) in tables
        for _, name, kind, *_ in rows_of(tmp_path / "x.db", f"PRAGMA table_xinfo({table})")
    }
    found = ask(await opened(postgresql.place()), _COLUMNS)
    assert {row[:3] for row in found} == in_file
    assert {row[1] for row in found if row[3] == "YES"} <= {"slot"}
    assert [m.number for m in steps()] == [m.number for m in migrations()]


async def test_daemons_that_start_together_make_the_tables_once(postgresql: OwnServer) -> None:
    place = postgresql.place()
    stores = await asyncio.gather(*(Store.open(place, clock=CLOCK) for _ in range(4)))
    await asyncio.gather(*(s.add_entries([an_entry(f"+1415{n}")]) for n, s in enumerate(stores)))
    assert len(await stores[0].entries()) == len(stores)
    await asyncio.gather(*(s.close() for s in stores))
    assert ask(place, "SELECT number FROM agi_screen_schema ORDER BY 1") == [(m.number,) for m in steps()]


async def test_tables_of_another_program_are_left_alone(postgresql: OwnServer) -> None:
    place = postgresql.place("another")
    postgresql.sql("CREATE TABLE another.orders (n INTEGER)")
    with pytest.raises(StoreError, match="another program"):
        await Store.open(place, clock=CLOCK)
    assert ask(place, "SELECT tablename FROM pg_tables WHERE schemaname = 'another'") == [("orders",)]


async def test_a_newer_database_is_left_alone(postgresql: OwnServer) -> None:
    place = await opened(postgresql.place("newer"))
    postgresql.sql("INSERT INTO newer.agi_screen_schema VALUES (999)")
    with pytest.raises(StoreError, match="install the newer agi-screen"):
        await Store.open(place, clock=CLOCK)


async def test_a_command_makes_no_tables(postgresql: OwnServer) -> None:
    with pytest.raises(StoreError, match="start the daemon first"):
        await Store.open(postgresql.place(), clock=CLOCK, create=False)


async def test_text_that_is_no_utf_8_is_refused(postgresql: OwnServer) -> None:
    postgresql.sql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreError, match="ENCODING 'UTF8'"):
        await Store.open(Server(postgresql.url().replace("/postgres?", "/latin?"), SecretStr("")), clock=CLOCK)


async def test_a_role_that_may_write_but_own_nothing_is_enough(postgresql: OwnServer) -> None:
    """Once an owner has made the tables; and the audit log is kept from the owner too."""
    place = await opened(postgresql.place("shop"))
    postgresql.sql("CREATE ROLE clerk LOGIN")
    postgresql.sql("GRANT USAGE ON SCHEMA shop TO clerk")
    postgresql.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop TO clerk")
    clerk = Server(place.url.replace("//agi@", "//clerk@"), SecretStr(""))
    store = await Store.open(clerk, clock=CLOCK)
    await store.add_entries([an_entry("+1415*")])
    assert await store.entries() == [an_entry("+1415*")]
    await store.close()
    postgresql.sql("REVOKE INSERT ON shop.list_entries FROM clerk")
    store = await Store.open(clerk, clock=CLOCK)
    with pytest.raises(StoreError, match=r"permission denied.*docs/postgresql\.md"):
        await store.add_entries([an_entry("+1416*")])
    await store.close()
