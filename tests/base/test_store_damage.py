"""A damaged file is set aside, loudly, and the lists in it are saved."""

import logging
import os
import sqlite3
from pathlib import Path

import pytest

from agi_screen.base.errors import StoreError
from agi_screen.base.late_store import LateStore
from agi_screen.base.store import Store
from agi_screen.base.store_files import set_aside, suspect_mark
from agi_screen.base.store_peek import peek_groups
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


async def _with_log(path: Path, copy: Path) -> None:
    """What a kill leaves of a database: the file, and its write-ahead log with an entry that is nowhere else."""
    await filled(path, entries=3)
    store = await Store.open(path, clock=CLOCK)
    await store.add_entries([an_entry("+1")])
    _copy(path, copy)
    await store.close()


async def test_a_whole_write_ahead_log_is_none_that_is_complained_of(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = tmp_path / "copy.db"
    await _with_log(path, copy)
    store = await Store.open(copy, clock=CLOCK)
    assert an_entry("+1") in await store.entries()
    await store.close()
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.parametrize("begin", [0, 40, 100], ids=["its beginning", "a mark", "a page"])
async def test_noise_in_the_write_ahead_log_is_told_and_kept(
    path: Path, tmp_path: Path, begin: int, caplog: pytest.LogCaptureFixture
) -> None:
    copy = tmp_path / "copy.db"
    await _with_log(path, copy)
    log = Path(f"{copy}-wal")
    noise = log.read_bytes()[:begin] + os.urandom(24) + log.read_bytes()[begin + 24 :]
    log.write_bytes(noise)
    store = await Store.open(copy, clock=CLOCK)
    assert an_entry("+1") not in await store.entries()
    await store.close()
    (said,) = [r.getMessage() for r in caplog.records if r.levelno == logging.CRITICAL]
    assert "are LOST" in said
    (kept,) = copy.parent.glob("copy.db.damaged-*.wal")
    assert kept.read_bytes() == noise
    assert set_aside(copy) == [kept.name]


async def test_an_emptied_file_is_no_new_one(path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    copy = tmp_path / "copy.db"
    await _with_log(path, copy)
    os.truncate(copy, 0)
    store = await Store.open(copy, clock=CLOCK)
    await store.close()
    assert any("it is empty, and its write-ahead log is not" in r.getMessage() for r in caplog.records)
    (aside,) = set_aside(copy)
    assert copy.with_name(f"{aside}-wal").stat().st_size > 0


async def test_a_file_cut_short_is_damaged_whatever_its_size(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agi_screen.base.store_files.WHOLE_CHECK_BYTES", 0)
    added = await filled(path, calls=3000, entries=10)
    os.truncate(path, path.stat().st_size - 50 * PAGE)
    store = await Store.open(path, clock=CLOCK)
    assert await store.entries() == added
    await store.close()
    assert len(set_aside(path)) == 1


async def test_a_file_that_is_gone_or_another_is_told(path: Path) -> None:
    store = LateStore(path, CLOCK)
    await store.open()
    await store.look()
    assert store.problem == ""
    path.rename(path.with_name("elsewhere"))
    await store.look()
    with pytest.raises(StoreError, match="put the file, or its disk, back"):
        await store.set_setting("level", "siege", "ann", NOON)
    path.touch()
    await store.look()
    assert "another file took its place" in store.problem
    path.with_name("elsewhere").replace(path)
    await store.look()
    await store.set_setting("level", "siege", "ann", NOON)
    await store.close()


async def test_damage_met_is_mended_without_a_restart(path: Path) -> None:
    added = await filled(path, calls=300, entries=10)
    store = LateStore(path, CLOCK)
    await store.open()
    for page in _leaf_pages(path, "calls"):
        _overwrite(path, page)
    with pytest.raises(StoreError, match="restart the daemon"):
        await store.opened.calls(CallFilter())
    await store.look()
    with pytest.raises(StoreError, match="malformed"):
        await store.entry_groups()
    assert await store.renew()
    assert await store.opened.entries() == added
    assert not await store.renew()
    assert len(set_aside(path)) == 1
    await store.close()


async def test_the_lists_of_a_file_that_cannot_be_opened_can_be_read(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    added = await filled(path, entries=3)
    assert [entry for group in peek_groups(path) for entry in group.entries()] == added
    await _with_log(path, copy)
    assert an_entry("+1") in [entry for group in peek_groups(copy) for entry in group.entries()]
    with pytest.raises(StoreError):
        peek_groups(tmp_path / "none.db")
