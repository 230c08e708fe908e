"""What the doctor says of prompts: of folders, of each file, and of the time that questions take."""

import shutil
from pathlib import Path

import pytest

from agi_screen.doctor.checks.prompts import prompts
from agi_screen.doctor.checks.question_time import question_time
from agi_screen.doctor.checks.recordings import recordings
from agi_screen.doctor.finding import Mark
from tests.doctor.conftest import House
from tests.doctor.test_sound_file import tone, wav


def test_shipped_sounds_are_in_order(house: House) -> None:
    for language in ("en", "es"):
        house.speak(language)
    for check in (prompts, recordings, question_time):
        assert [finding.mark for finding in house.findings(check)] == [Mark.OK] * 2


def test_a_missing_file_is_named_with_its_mend(house: House) -> None:
    house.speak("en")
    for file in house.speak("es").glob("press.*"):
        file.unlink()
    found = house.only(prompts)
    assert (found.mark, found.what) == (Mark.WARNING, "prompts es")
    assert "press" in found.detail
    assert f"into {house.sounds}/es/" in found.mend


def test_no_prompts_at_all_is_an_error(house: House) -> None:
    found = house.only(prompts)
    assert found.mark is Mark.ERROR
    assert "all are let through" in found.detail


def test_asterisk_looks_elsewhere(house: House) -> None:
    house.speak("en")
    house.edit("asterisk.conf", "/data", "/elsewhere")
    found = house.only(prompts)
    assert found.mark is Mark.ERROR
    assert found.mend == f'[captcha] sounds = "{house.folder}/elsewhere/sounds"'
    (house.folder / "elsewhere").symlink_to(house.folder / "data")
    assert not house.wrong(prompts)


def test_asterisk_s_own_default_language_has_no_voice(house: House) -> None:
    house.speak("en")
    house.edit("asterisk.conf", "[directories]", "[options]\ndefaultlanguage = fr\n[directories]")
    assert "Asterisk's default is fr" in house.only(prompts).detail
    house.toml = 'language = "en"'
    assert not house.wrong(prompts)


def test_own_prompts_that_are_not_found(house: House) -> None:
    house.speak("en")
    house.toml = 'prompts = "my-voise"'
    assert "my-voise has none: ours are played" in house.only(prompts).detail


def own_voice(house: House, *names: str) -> Path:
    house.speak("en")
    house.toml = 'prompts = "my-voice"'
    place = house.sounds / "en/my-voice"
    (place / "digits").mkdir(parents=True)
    for name in names:
        shutil.copy(house.sounds / "en/agi-screen/press.ulaw", place / f"{name}.ulaw")
    return place


def test_own_recordings_are_listened_to(house: House) -> None:
    place = own_voice(house)
    wav(place / "press.wav", tone(0.2, 2.0), 44_100)
    wav(place / "again.wav", tone(0.0))
    wav(place / "sum.wav", tone(0.01))
    wav(place / "more.wav", tone(0.2))
    error, quiet, costly = house.wrong(recordings)
    assert (error.mark, quiet.mark, costly.mark) == (Mark.ERROR, Mark.WARNING, Mark.WARNING)
    assert f"{place}/again.wav: silent, {place}/press.wav: 44100 Hz" in error.detail
    assert "sox" in error.mend
    assert f"{place}/sum.wav: quiet" in quiet.detail
    assert "my-voice/more.wav" in costly.detail


def test_an_empty_file_is_an_error_although_it_is_not_used(house: House) -> None:
    (house.speak("en") / "digits/4-1.ulaw").write_bytes(b"")
    found = house.only(recordings)
    assert "4-1.ulaw: empty" in found.detail
    assert "4-1" not in str(house.patient().prompts.voices["en"].sounds["4"])


def test_one_take_and_two_voices(house: House) -> None:
    own_voice(house, "digits/4", "digits/5-1", "digits/5-2")
    single, mixed = house.wrong(recordings)
    assert single.detail.startswith("one recording alone of 4:")
    assert mixed.detail.startswith("4, 5 in your own voice, 0, 1, 2, 3, 6, 7, 8, 9 in ours")


@pytest.mark.parametrize("check", [recordings, question_time])
def test_unseen_sounds_are_not_judged(house: House, check: object) -> None:
    shutil.rmtree(house.sounds)
    assert house.findings(check) == []  # type: ignore[arg-type]
    found = house.only(prompts)
    assert found.mark is Mark.WARNING
    assert "on Asterisk's machine" in found.mend


def test_slow_recordings_need_more_time(house: House) -> None:
    """Ten seconds a digit: six of them in a later question."""
    place = own_voice(house)
    wav(place / "digits/4.wav", tone(0.2, 10.0))
    found = house.only(question_time)
    assert found.mark is Mark.ERROR
    assert "Asterisk ends it after 40 s" in found.detail
    assert "step_time" in found.mend
