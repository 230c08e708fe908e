"""The file of what was learned: kept whole, private, and refused with its mend when it is not ours."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base import learned_file
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.learned_file import LearnedError, load_learned, save_learned

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("learned") / "learned.json"


@given(st.dictionaries(st.text().filter(lambda name: name != "format"), JSON, max_size=4))
def test_what_is_saved_is_loaded(path: Path, kept: dict[str, object]) -> None:
    save_learned(kept, path)
    assert load_learned(path) == {"format": learned_file.FORMAT, **kept}
    assert json.loads(path.read_text()) == load_learned(path)


def test_no_file_is_nothing_learned(tmp_path: Path) -> None:
    assert load_learned(tmp_path / "none") is None


def test_the_file_is_private_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    for _ in range(2):
        save_learned({"a": 1}, tmp_path / "learned")
    assert [p.name for p in tmp_path.iterdir()] == ["learned"]
    assert stat.S_IMODE((tmp_path / "learned").stat().st_mode) == 0o600


HOSTILE = {
    "empty": b"",
    "cut off": b'{"format": 1, "blocks"',
    "no text": b"\xff\xfe\x00rubbish",
    "a list": b"[1]",
    "of no version": b"{}",
    "of a later version": b'{"format": 2}',
    "brackets without end": b"[" * 200_000,
    "braces without end": b'{"format":1,"a":' * 100_000,
    "a number without end": b'{"format": 1' + b"0" * 10_000 + b"}",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_ours_is_refused_with_its_mend(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "learned"
    path.write_bytes(content)
    with pytest.raises(LearnedError, match=r"learned: .*; delete it, and what is usual is learned anew"):
        load_learned(path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "learned"
    with path.open("wb") as file:
        file.truncate(learned_file.MOST_BYTES + 1)
    with pytest.raises(LearnedError, match=f"over {learned_file.MOST_BYTES} bytes"):
        load_learned(path)


def test_the_error_is_one_for_people() -> None:
    assert issubclass(LearnedError, AgiScreenError)


def test_a_folder_in_its_place_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        load_learned(tmp_path)
