"""A command run by root beside a daemon with a user of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave files of root")
def test_files_belong_to_the_owner_of_their_folder(tmp_path: Path) -> None:
    (tmp_path / "agi-screen.toml").touch()
    os.chown(tmp_path, NOBODY, NOBODY)
    line = [sys.executable, "-m", "agi_screen", "list", "add", "deny", "+14155552673"]
    subprocess.run(line, cwd=tmp_path, check=True, capture_output=True)
    assert {f.stat().st_uid for f in tmp_path.glob("agi-screen.db*")} == {NOBODY}
