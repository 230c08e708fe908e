"""A file replaced whole, or left as it was: also by a process that is killed in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agi_screen.base.errors import ConflictError
from agi_screen.base.file_write import WriteError, hash_of, read_text, replace_text

KILLED = """
import os, signal, sys
from pathlib import Path
from agi_screen.base import file_write
step = getattr(os, sys.argv[2])
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, sys.argv[2], killed)
path = Path(sys.argv[1])
file_write.replace_text(path, "new" * 100000, file_write.hash_of("old"))
"""


def test_replaced_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "agi-screen.toml"
    path.write_text("old")
    path.chmod(0o640)
    replace_text(path, "new\r\n", hash_of("old"))
    assert path.read_bytes() == b"new\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == [path.name]


def test_a_changed_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "agi-screen.toml"
    path.write_text("of another")
    with pytest.raises(ConflictError):
        replace_text(path, "new", hash_of("old"))
    assert path.read_text() == "of another"
    assert os.listdir(tmp_path) == [path.name]


def test_errors_say_the_mend(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="ReadWritePaths"):
        replace_text(tmp_path / "none" / "x", "new", hash_of("old"))
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(WriteError, match="cannot be read"):
        read_text(tmp_path / "latin")


@pytest.mark.parametrize("step", ["fchmod", "fsync"])
def test_killed_in_the_middle(tmp_path: Path, step: str) -> None:
    path = tmp_path / "agi-screen.toml"
    path.write_text("old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), step], timeout=30)
    assert done.returncode == -9
    assert path.read_text() == "old"
    assert len(os.listdir(tmp_path)) == 2
    replace_text(path, "new", hash_of("old"))
    assert os.listdir(tmp_path) == [path.name]
