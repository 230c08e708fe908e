"""A damaged file is set aside, loudly, and the lists in it are saved."""

import logging
import os
import sqlite3
from pathlib import Path

import pytest

from agi_screen.base.errors import StoreError
from agi_screen.base.store import Store
from agi_screen.base.store_files import suspect_mark
from agi_screen.base.store_search import CallFilter
from tests.base.filled import CLOCK, filled
from tests.made import NOON, an_entry

PAGE = 4096


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _overwrite(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(os.urandom(PAGE))


def _root_page(path: Path, name: str) -> int:
    conn = sqlite3.connect(path)
    page = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [name]).fetchone()[0]
    conn.close()
    return int(page)


def _leaf_pages(path: Path, name: str) -> list[int]:
    """The children of the root of a tree of two levels."""
    data = path.read_bytes()
    root = data[(_root_page(path, name) - 1) * PAGE :][:PAGE]
    cells = int.from_bytes(root[3:5])
    places = [int.from_bytes(root[12 + 2 * n : 14 + 2 * n]) for n in range(cells)]
    return [int.from_bytes(root[place : place + 4]) for place in places]


@pytest.mark.parametrize("garbage", [b"no database at all\n" * 400, os.urandom(9000)])
async def test_a_file_that_is_no_database_is_set_aside(
    path: Path, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    _write(path, garbage)
    await filled(path, entries=1)
    (aside,) = path.parent.glob("agi-screen.db.damaged-*")
    assert aside.name == "agi-screen.db.damaged-20270115T080000Z"
    assert aside.read_bytes() == garbage
    (said,) = [r for r in caplog.records if r.levelno == logging.CRITICAL]
    assert str(aside) in said.getMessage()


async def test_damage_is_not_touched_by_a_command(path: Path) -> None:
    _write(path, b"no database at all\n" * 400)
    with pytest.raises(StoreError, match="restart the daemon"):
        await Store.open(path, clock=CLOCK, mend=False)
    assert not list(path.parent.glob("*.damaged*"))


@pytest.mark.parametrize("tree", ["calls", "list_entries", "list_entries_value", "calls_caller"])
async def test_all_entries_survive_a_damaged_page(path: Path, tree: str) -> None:
    added = await filled(path, calls=300, entries=3000)
    await _set_and_keep(path)
    leaves = _leaf_pages(path, tree)
    _overwrite(path, leaves[len(leaves) // 2])
    store = await Store.open(path, clock=CLOCK)
    assert sorted(map(repr, await store.entries())) == sorted(map(repr, added))
    assert await store.setting("level") == "siege"
    assert await store.calls(CallFilter()) == []
    await store.close()
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


async def _set_and_keep(path: Path) -> None:
    store = await Store.open(path, clock=CLOCK)
    await store.set_setting("level", "siege", "ann", NOON)
    await store.close()


def _copy(path: Path, copy: Path) -> None:
    """With its write-ahead log, as a crash leaves both."""
    for end in ("", "-wal"):
        Path(f"{copy}{end}").write_bytes(Path(f"{path}{end}").read_bytes())


async def test_entries_still_in_the_write_ahead_log_are_saved_too(path: Path, tmp_path: Path) -> None:
    await filled(path, calls=300)
    store = await Store.open(path, clock=CLOCK)
    await store.add_entries([an_entry("+1")])
    copy = tmp_path / "copy.db"
    _copy(path, copy)
    await store.close()
    _overwrite(copy, _leaf_pages(copy, "calls")[2])
    again = await Store.open(copy, clock=CLOCK)
    assert await again.entries() == [an_entry("+1")]
    await again.close()


async def test_damage_met_while_running_is_looked_into_at_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agi_screen.base.store_files.WHOLE_CHECK_BYTES", 0)  # as with a month of records
    added = await filled(path, calls=300, entries=10)
    for page in _leaf_pages(path, "calls"):
        _overwrite(path, page)
    store = await Store.open(path, clock=CLOCK)
    with pytest.raises(StoreError, match="restart the daemon"):
        await store.calls(CallFilter())
    await store.close()
    assert suspect_mark(path).exists()
    again = await Store.open(path, clock=CLOCK)
    assert await again.entries() == added
    await again.close()
    assert not suspect_mark(path).exists()
