"""docs/writing-signals.md: what it tells people to write is written here word for word, installed, and works."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from agi_screen.base.errors import ConfigError
from agi_screen.judge.registry import AnySignal
from agi_screen.judge.signal import Facts
from agi_screen.reply.captcha.registry import AnyChallenge
from agi_screen.settings import Settings, load
from tests.judge.calls import a_call_at

PAGE = (Path(__file__).parents[1] / "docs/writing-signals.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(python|toml)\n(.*?)```", PAGE, re.DOTALL)
SIGNAL, CHALLENGE = (text for kind, text in BLOCKS if kind == "python")
PROJECT, SIGNAL_TABLE, CHALLENGE_TABLE = (text for kind, text in BLOCKS if kind == "toml")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, as pip would leave it."""
    (tmp_path / "round_number.py").write_text(SIGNAL)
    (tmp_path / "mirror.py").write_text(CHALLENGE)
    groups = tomllib.loads(PROJECT)["project"]["entry-points"]
    groups["agi_screen.challenges"] = {"mirror": "mirror:Mirror"}
    said = tmp_path / "our_signals-1.0.dist-info"
    said.mkdir()
    (said / "METADATA").write_text("Metadata-Version: 2.1\nName: our-signals\nVersion: 1.0\n")
    lines = (f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in named.items()) for group, named in groups.items())
    (said / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def configured(site: Path, text: str) -> Settings:
    path = site / "agi-screen.toml"
    path.write_text(text)
    return load(path)


def test_the_signal_speaks(site: Path) -> None:
    settings = configured(site, SIGNAL_TABLE)
    (made,) = [signal for signal in settings.signals if signal.name == "round_number"]
    signal: AnySignal = made
    found = signal.evaluate(a_call_at(0, "+14155550000"), Facts())
    assert (found, signal.params.weight) == ((1.0, "ends with 4 zeros"), 2.5)
    assert signal.evaluate(a_call_at(0, "+14155552671"), Facts()) is None


def test_its_table_is_checked(site: Path) -> None:
    with pytest.raises(ConfigError, match=r"signals\.round_number\.zeros"):
        configured(site, SIGNAL_TABLE.replace("zeros = 4", 'zeros = "many"'))


def test_the_challenge_asks(site: Path) -> None:
    settings = configured(site, CHALLENGE_TABLE)
    (made,) = [challenge for challenge in settings.challenges if challenge.name == "mirror"]
    challenge: AnyChallenge = made
    posed = challenge.pose("press")
    assert posed.words == ("press", *posed.wanted)
    assert posed.wanted == posed.wanted[::-1]
    assert len(posed.known) == len(posed.wanted) == 4
