"""The sample file an admin starts from is good as it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

from agi_screen.settings import load

SAMPLE = Path(__file__).resolve().parents[1] / "asterisk_conf/agi-screen.toml"


def test_sample_is_a_good_configuration(tmp_path: Path) -> None:
    copy = Path(shutil.copy(SAMPLE, tmp_path))
    (tmp_path / "ami-secret").write_text("0123456789abcdef\n", encoding="utf-8")
    settings = load(copy)
    assert settings.config.mode == "monitor"
    assert settings.config.ami.secret.get_secret_value() == "0123456789abcdef"
    assert settings.database == Path("/var/lib/agi-screen/agi-screen.db")
