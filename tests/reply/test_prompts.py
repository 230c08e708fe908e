"""Which sounds are found: whole languages, the admin's own over ours, and folders as they really are."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from agi_screen.reply.captcha.prompts import DIGITS, LANGUAGES, SENTENCES, Prompts
from agi_screen.reply.captcha.voices import remarks
from agi_screen.settings import load
from tests.doctor.conftest import SHIPPED, as_nobody


def put(place: Path, *names: str, kind: str = "ulaw", content: bytes = b"\x80") -> None:
    for name in names:
        path = place / f"{name}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def whole(place: Path) -> None:
    put(place / "agi-screen", *SENTENCES, *(f"digits/{digit}" for digit in DIGITS))


def found(sounds: Path, folder: str = "agi-screen") -> Prompts:
    return Prompts.found(sounds, folder)


def test_the_shipped_prompts_are_whole_in_all_languages() -> None:
    prompts = found(SHIPPED / "sounds")
    assert tuple(sorted(prompts.voices)) == LANGUAGES
    assert not prompts.incomplete
    assert {len(voice.sounds[digit]) for voice in prompts.voices.values() for digit in DIGITS} == {4}


def test_formats_of_one_take_are_one_take(tmp_path: Path) -> None:
    whole(tmp_path / "en")
    put(tmp_path / "en/agi-screen", "digits/4-7", "digits/4-anna")
    put(tmp_path / "en/agi-screen", "digits/4-7", "press", kind="g722")
    put(tmp_path / "en/agi-screen", "digits/4-8", kind="txt")
    put(tmp_path / "en/agi-screen", "digits/44", "digits/4 5", "digits/-4")
    voice = found(tmp_path).voices["en"]
    assert voice.sounds["4"] == ("agi-screen/digits/4", "agi-screen/digits/4-7", "agi-screen/digits/4-anna")
    assert voice.sounds["press"] == ("agi-screen/press",)


def test_own_recordings_go_before_ours_file_by_file(tmp_path: Path) -> None:
    whole(tmp_path / "en")
    whole(tmp_path / "es")
    put(tmp_path / "en/our-voice", "press", "digits/4-1", "digits/4-2", kind="wav")
    prompts = found(tmp_path, "our-voice")
    voice = prompts.voices["en"]
    assert voice.sounds["press"] == ("our-voice/press",)
    assert voice.sounds["4"] == ("our-voice/digits/4-1", "our-voice/digits/4-2")
    assert voice.sounds["5"] == ("agi-screen/digits/5",)
    assert sorted(voice.own) == ["4", "press"]
    assert prompts.voices["es"].own == ()


def test_a_whole_own_voice_needs_none_of_ours(tmp_path: Path) -> None:
    put(tmp_path / "it/la/voce", *SENTENCES, *(f"digits/{digit}-1" for digit in DIGITS), kind="sln16")
    assert list(found(tmp_path, "la/voce").voices) == ["it"]


def test_debian_s_links_are_one_language(tmp_path: Path) -> None:
    """`en` leads through /etc/alternatives to `en_US_f_Allison`: the name of channels is taken, once."""
    sounds, alternatives = tmp_path / "sounds", tmp_path / "alternatives"
    whole(sounds / "en_US_f_Allison")
    alternatives.mkdir()
    (alternatives / "asterisk-prompt-en").symlink_to(sounds / "en_US_f_Allison")
    (sounds / "en").symlink_to(alternatives / "asterisk-prompt-en")
    (sounds / "recordings").symlink_to(tmp_path / "nowhere")
    (sounds / "loop").symlink_to(sounds / "loop")
    (sounds / "fr").mkdir()
    put(sounds / "fr", "vm-press", "digits/1", kind="gsm")  # Asterisk's own sounds are no language of ours
    prompts = found(sounds)
    assert list(prompts.voices) == ["en"]
    assert prompts.incomplete == {}
    (sounds / "en").unlink()
    assert list(found(sounds).voices) == ["en_US_f_Allison"]


def test_a_linked_prompts_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en/agi-screen").symlink_to(SHIPPED / "sounds/en/agi-screen")
    assert list(found(tmp_path).voices) == ["en"]


@pytest.mark.parametrize("fault", ["gone", "empty", "empty beside a good one", "link to nowhere", "folder"])
def test_what_asterisk_could_not_play_is_missing(tmp_path: Path, fault: str) -> None:
    whole(tmp_path / "en")
    whole(tmp_path / "es")
    sound = tmp_path / "es/agi-screen/press.ulaw"
    match fault:
        case "empty":
            sound.write_bytes(b"")
        case "empty beside a good one":
            sound.with_suffix(".g722").write_bytes(b"")
        case "link to nowhere":
            sound.unlink()
            sound.symlink_to(tmp_path / "nowhere")
        case "folder":
            sound.unlink()
            sound.mkdir()
        case _:
            sound.unlink()
    prompts = found(tmp_path)
    assert prompts.incomplete["es"].missing == ("press",)
    assert prompts.state == {"en": "whole", "es": "lacks 1"}
    voice = prompts.voice("es")
    assert voice is not None
    assert voice.language == "en"


def test_sounds_that_cannot_be_seen_are_taken_to_be_ours(tmp_path: Path) -> None:
    prompts = found(tmp_path / "absent")
    assert tuple(prompts.voices) == LANGUAGES
    assert "No such file" in prompts.unseen
    assert not any(voice.missing for voice in prompts.voices.values())
    assert list(prompts.state) == ["not seen"]


@pytest.mark.parametrize("closed", [".", "en/agi-screen", "en/agi-screen/digits"])
def test_sounds_that_may_not_be_seen(closed: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # pytest's own folders are closed to others
        whole(folder / "en")
        (folder / closed).chmod(0)
        with as_nobody():
            prompts = found(folder)
        (folder / closed).chmod(0o755)
    assert "Permission denied" in prompts.unseen
    assert tuple(prompts.voices) == LANGUAGES


def test_a_voice_for_every_language(tmp_path: Path) -> None:
    for name in ("de", "en", "pt_BR"):
        whole(tmp_path / name)
    prompts = found(tmp_path)
    wanted = {"de": "de", "de_AT": "de", "pt": "pt_BR", "pt_PT": "pt_BR", "en_GB": "en", "ja": "en", "": "en"}
    voices = {name: prompts.voice(name) for name in wanted}
    assert {name: voice.language for name, voice in voices.items() if voice} == wanted


def said(folder: Path, more: str = "") -> list[str]:
    config = folder / "c.toml"
    config.write_text(f'[captcha]\nsounds = "{folder / "sounds"}"\n{more}\n')
    captcha = load(config).config.captcha
    return [str(remark) for remark in remarks(Prompts.found(captcha.sounds, captcha.prompts), captcha)]


def test_remarks_say_what_is_whole_what_is_missing_and_how_to_mend(tmp_path: Path) -> None:
    for name in ("en", "es"):
        whole(tmp_path / "sounds" / name)
    (tmp_path / "sounds/es/agi-screen/sum.ulaw").unlink()
    one, two = said(tmp_path)
    assert one == f"prompts en: whole: {len(SENTENCES)} sentences, 1 recording of each digit"
    assert "of sum: callers hear en instead: copy sounds/es/agi-screen" in two


def test_remarks_on_languages_without_a_voice(tmp_path: Path) -> None:
    whole(tmp_path / "sounds/en")
    more = (
        'language = "ja"\noffer = ["en_GB", "fr"]\ndid_languages = { "+18005550100" = "auto", "+18005550101" = "es" }'
    )
    japanese, french, spanish = said(tmp_path, more)[1:]
    assert "language names ja, of which there is no voice: en is spoken: record the words" in japanese
    assert "offer names fr" in french
    assert "share/agi-screen" in french
    assert "did_languages +18005550101 names es" in spanish


def test_remarks_on_no_prompts_at_all(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    (text,) = said(tmp_path)
    assert "all are let through: copy sounds/en/agi-screen" in text
