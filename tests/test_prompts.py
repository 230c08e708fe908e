"""The shipped sounds are whole in every language: scripts/prompts --check finds nothing, and finds what is spoilt."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from scripts.prompts_ import check, shelf
from scripts.prompts_.levels import active_level, decode, peak, silence_at_ends
from scripts.prompts_.texts import LANGUAGES, NAMES, ROOT, SENTENCES, TAKES, prompts
from scripts.prompts_.words import digits, word_errors

DOCS = ROOT / "docs/prompts"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sound_is_there_and_as_its_manifest_says(language: str) -> None:
    assert check.faults(language) == []
    assert set(shelf.read_manifest(language)) == set(NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_takes_of_a_digit_are_different_recordings(language: str) -> None:
    rows = shelf.read_manifest(language)
    for digit in range(10):
        assert len({rows[f"digits/{digit}-{take}"].g722 for take in range(1, TAKES + 1)}) == TAKES


@pytest.mark.parametrize("language", LANGUAGES)
def test_manifest_names_voice_and_licence(language: str) -> None:
    manifest = json.loads((shelf.folder(language) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["language"] == language
    voice = manifest["voice"]
    assert all(voice[key] for key in ("name", "engine", "licence", "source"))
    licences = (shelf.SOUNDS / "LICENCES.md").read_text(encoding="utf-8")
    assert voice["name"] in licences


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The English sounds, to be spoilt."""
    shutil.copytree(shelf.folder("en"), tmp_path / "en/agi-screen")
    monkeypatch.setattr(shelf, "SOUNDS", tmp_path)
    return tmp_path / "en/agi-screen"


def test_check_finds_what_is_spoilt(copy: Path) -> None:
    (copy / "press.ulaw").unlink()
    (copy / "digits/4-2.g722").write_bytes(b"\0" * 8000)
    (copy / "passed.ulaw").write_bytes((copy / "plus.ulaw").read_bytes())
    (copy / "digits/4.wav").touch()
    found = check.faults("en")
    assert "en: press.ulaw is missing" in found
    assert "en: digits/4-2.g722 is not the file of the manifest" in found
    assert "en: passed.ulaw is not the file of the manifest" in found
    assert "en: digits/4.wav belongs to no prompt" in found


def test_check_finds_a_wrong_level_and_a_long_silence(copy: Path) -> None:
    prompt = next(prompt for prompt in prompts("en") if prompt.name == "press")
    loud = (copy / "press.ulaw").read_bytes()
    quiet = bytes(code + 0x20 if code & 0x70 < 0x50 else code for code in loud)  # 12 dB down
    assert any("level" in fault for fault in check.of_samples(prompt, quiet))
    assert any("silence at an end" in fault for fault in check.of_samples(prompt, loud + b"\xff" * 2000))


def test_script_checks_with_python_alone() -> None:
    done = subprocess.run([ROOT / "scripts/prompts", "--check"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "prompts: 5 languages are whole\n"), done.stderr


def test_mu_law_and_levels() -> None:
    assert list(decode(b"\xff\x00\x80")) == [0, -32124, 32124]
    assert active_level([3276] * 8000) == pytest.approx(-20, abs=0.01)
    assert active_level([3276] * 4000 + [0] * 4000) == pytest.approx(-20, abs=0.01)  # gaps do not count
    assert peak([-32768, 5]) == 0
    assert silence_at_ends([0] * 80 + [9] * 10 + [0] * 160) == (0.01, 0.02)


def test_words_and_digits_that_were_heard() -> None:
    assert word_errors("fr", "Écoutez trois chiffres, puis :", "ecoutez 3 chiffres puis") == 0
    assert word_errors("en", "press one", "press two") == 0.5
    assert digits("es", "Oprima estas teclas 47, nueve.") == "479"
    assert digits("it", "Per favore, prema questi tasti: sei, 3, sei.") == "636"


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_tells_what_was_heard_of_the_present_texts(language: str) -> None:
    """Whoever changes a text lets it be heard anew: scripts/prompts LANG --listen."""
    heard = json.loads((DOCS / "heard.json").read_text(encoding="utf-8"))["languages"][language]
    spoken = {prompt.name: prompt.text for prompt in prompts(language) if prompt.name in SENTENCES}
    assert set(heard["sentences"]) == {name for name, text in spoken.items() if not text.startswith("[")}
    for name, row in heard["sentences"].items():
        assert spoken[name] in row["said"]
    page = (DOCS / "README.md").read_text(encoding="utf-8")
    rows = shelf.read_manifest(language)
    column = 1 + LANGUAGES.index(language)
    for name in SENTENCES:
        row = re.search(rf"^\| `{re.escape(name)}` ((?:\| [\d.]+ )+)\|$", page, re.MULTILINE)
        assert row is not None
        assert float(row[1].split("|")[column]) == pytest.approx(rows[name].seconds, abs=0.006)


def test_recorded_challenges_are_mu_law() -> None:
    files = sorted((DOCS / "challenges").glob("*.wav"))
    assert len(files) == 5 * len(LANGUAGES)
    for file in files:
        form, channels, rate = struct.unpack("<HHI", file.read_bytes()[20:28])
        assert (form, channels, rate) == (7, 1, 8000)
