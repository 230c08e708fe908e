"""The evidence pack: the same records give the same bytes, and no change of it stays unseen."""

from __future__ import annotations

import hashlib
import json
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agi_screen.base.records import Feedback
from agi_screen.base.store_range import opened_range
from agi_screen.settings import load
from agi_screen.what_if.investigate.investigation import Asked, investigate
from agi_screen.what_if.investigate.pack import MANIFEST, Packed, record_line
from agi_screen.what_if.investigate.time_base import synchronised, time_base
from agi_screen.what_if.investigate.toml_text import REMOVED, toml_text, without_secrets
from agi_screen.what_if.investigate.verify import PackError, verify
from tests.made import a_call, an_end
from tests.what_if.investigate.attack import OPENING, Made, fill
from tests.what_if.investigate.conftest import row_of

Make = Callable[[str], Packed]
MADE: list[Made] = [
    (a_call(f"c{n}", started=OPENING + n, caller=f"+1651555{n:04}"), an_end(f"u-c{n}", ended=OPENING + n + 9))
    for n in range(50)
]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    config = tmp_path / "agi-screen.toml"
    config.write_text('[store]\npath = "calls.db"\n[ami]\nsecret = "hunter2"\n')
    database = tmp_path / "calls.db"
    fill(database, iter(MADE), Feedback("c3", "+16515550003", "robot", "PJSIP/101", OPENING + 60))

    def packed(name: str) -> Packed:
        settings = load(config)
        asked = Asked(config, settings.config, settings.signals, "Case 7", mask=False, now=OPENING + 900)
        with opened_range(database, OPENING, OPENING + 600, OPENING) as stored:
            found = investigate(stored, asked, tmp_path / name, lambda _: None)[1]
        assert found is not None
        return found

    return packed


def test_same_records_same_bytes(make: Make) -> None:
    one, other = make("one"), make("other")
    assert one.path.read_bytes() == other.path.read_bytes()
    assert (one.manifest, one.zip) == (other.manifest, other.zip)


def test_it_holds_everything_and_no_secret(make: Make) -> None:
    packed = make("out")
    with zipfile.ZipFile(packed.path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    lines = files[MANIFEST].decode().splitlines()
    assert {name: digest for digest, _, name in (line.partition("  ") for line in lines)} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != MANIFEST
    }
    assert packed.manifest == hashlib.sha256(files[MANIFEST]).hexdigest()
    records = [json.loads(line) for line in files["records.jsonl"].splitlines()]
    assert [r["id"] for r in records] == [f"c{n}" for n in range(50)]
    assert records[0]["evidence"][0] == ["caller_rate", 0.5, 3.75, "3 calls over 3/10m"]
    assert records[0]["end"]["talk_time"] == 61.25
    assert json.loads(files["feedback.jsonl"])["label"] == "robot"
    assert b"hunter2" not in b"".join(files.values())
    assert tomllib.loads(files["configuration.toml"].decode())["ami"]["secret"] == REMOVED
    assert b"caller_rate (group rate): weight 7.5, limit 3/10m" in files["verdicts.txt"]
    assert json.loads(files["time_base.json"])["from"] == OPENING


def test_a_whole_pack_is_good(make: Make) -> None:
    packed = make("out")
    checked = verify(packed.path)
    assert checked.good
    assert (checked.manifest, checked.zip) == (packed.manifest, packed.zip)


def differs(path: Path) -> bool:
    """Also when so little is left that there is nothing to compare."""
    try:
        return not verify(path).good
    except PackError:
        return True


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_byte_is_found(make: Make, tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "out" / "evidence.zip"
    whole = path.read_bytes() if (tmp_path / "whole").exists() else make("out").path.read_bytes()
    (tmp_path / "whole").touch()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    path.write_bytes(whole[:at] + changed + whole[at + 1 :])
    found = differs(path)
    path.write_bytes(whole)
    assert found
    assert not differs(path)


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> tuple[str, ...]:
    """What `verify` says of the pack after `change`, packed anew by somebody who knows how."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    path.with_name("evidence.zip.sha256").unlink()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return verify(path).differs


def test_what_differs_is_named(make: Make) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["records.jsonl"] = files["records.jsonl"].replace(b"6515550007", b"6515550008")
        files["more\x1b.txt"] = b""
        del files["verdicts.txt"]

    added, changed, missing = rewritten(make("out").path, change)
    assert added == r"more\x1b.txt: is not in the manifest"
    assert changed.startswith("records.jsonl: was changed")
    assert missing == "verdicts.txt: is missing"


def test_a_rewritten_manifest_has_another_hash(make: Make) -> None:
    packed = make("out")

    def change(files: dict[str, bytes]) -> None:
        files["about.json"] = b"{}"
        names = sorted(set(files) - {MANIFEST})
        files[MANIFEST] = "".join(f"{hashlib.sha256(files[n]).hexdigest()}  {n}\n" for n in names).encode()

    assert rewritten(packed.path, change) == ()
    assert verify(packed.path).manifest != packed.manifest


@pytest.mark.parametrize("content", [b"", b"PK", b"rubbish" * 100])
def test_what_is_no_pack(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(PackError, match=r"x\.zip: is no evidence pack"):
        verify(path)


def test_a_zip_without_manifest_is_no_pack(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(PackError, match="has no MANIFEST"):
        verify(path)


def test_a_record_that_is_no_json_stays_as_it_is() -> None:
    row = list(row_of(a_call("x")))
    row[14] = "[broken"
    assert json.loads(record_line(tuple(row)))["evidence"] == "[broken"


VALUES = st.one_of(
    st.text(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
TABLES = st.recursive(
    st.dictionaries(st.text(max_size=8), st.one_of(VALUES, st.lists(VALUES, max_size=3)), max_size=4),
    lambda inner: st.dictionaries(st.text(max_size=8), st.one_of(VALUES, inner), max_size=4),
    max_leaves=8,
)


@given(TABLES)
def test_toml_is_read_back(tables: dict[str, object]) -> None:
    assert tomllib.loads(toml_text(tables)) == tables


def test_secrets_go() -> None:
    tables = {
        "ami": {"secret": "a", "secret_file": "", "api_key": "b", "port": 1},
        "url": "https://x/token",
        "where": "redis://me:pw@host/1",
    }
    assert without_secrets(tables) == {
        "ami": {"secret": REMOVED, "secret_file": "", "api_key": REMOVED, "port": 1},
        "url": REMOVED,  # many a url holds a token
        "where": f"redis://{REMOVED}@host/1",
    }


def test_time_base_says_what_the_kernel_says() -> None:
    assert synchronised() in {True, False, None}
    assert time_base(0.0, 1.0)["clock_synchronised_when_packed"] == synchronised()
