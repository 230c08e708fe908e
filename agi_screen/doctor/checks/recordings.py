"""Each sound file: can Asterisk play it, can callers hear it, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agi_screen.doctor.finding import Finding, error, named, ok, warning
from agi_screen.doctor.patient import Patient
from agi_screen.doctor.sound_file import Sound, listened_to
from agi_screen.reply.captcha.prompts import DIGITS, FOLDER, FORMATS, Voice, word_of

CHEAP = ("ulaw", "ul", "mu", "ulw", "pcm", "alaw", "al", "alw")  # played to a G.711 trunk as they are
SILENCE = "pause"


def recordings(patient: Patient) -> Iterator[Finding]:
    """Those of every language, whole or not."""
    if patient.prompts.unseen:
        return
    for voice in (*patient.prompts.voices.values(), *patient.prompts.incomplete.values()):
        files = list(_files(patient, voice))
        yield from _heard(voice, files)
        yield from _cost(voice, files)
        yield from _takes(voice)


def _files(patient: Patient, voice: Voice) -> Iterator[Path]:
    captcha = patient.config.captcha
    for folder in dict.fromkeys((FOLDER, captcha.prompts)):
        place = captcha.sounds / voice.language / folder
        for path in (*_listed(place), *_listed(place / "digits")):
            if path.suffix[1:] in FORMATS and word_of(path.parent.name, path.stem):
                yield path


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _heard(voice: Voice, files: list[Path]) -> Iterator[Finding]:
    sounds = {path: _expected_silence(path, listened_to(path)) for path in files}
    faults = [f"{path}: {sound.fault}" for path, sound in sounds.items() if sound.fault]
    remarks = [f"{path}: {sound.remark}" for path, sound in sounds.items() if sound.remark]
    what = f"recordings {voice.language}"
    if faults:
        mend = "record or copy these files anew; .wav must be 8000 Hz, mono, 16 bits (sox IN -r 8000 -c 1 -b 16 OUT)"
        yield error(what, f"cannot be heard: {named(faults)}", mend)
    if remarks:
        yield warning(what, f"hard to hear: {named(remarks)}", "record them anew, at the level of the others")
    if not faults and not remarks:
        yield ok(what, f"{len(files)} files looked at, {sum(s.seconds for s in sounds.values()):.0f} s in all")


def _expected_silence(path: Path, sound: Sound) -> Sound:
    return sound._replace(fault="") if path.stem.startswith(SILENCE) and sound.fault == "silent" else sound


def _cost(voice: Voice, files: list[Path]) -> Iterator[Finding]:
    """Any other format is turned into the trunk's for each caller anew."""
    cheap = {(path.parent, path.stem) for path in files if path.suffix[1:] in CHEAP}
    costly = [f"{path.parent.name}/{path.name}" for path in files if (path.parent, path.stem) not in cheap]
    if costly:
        text = f"Asterisk transcodes for each caller: {named(costly)}"
        yield warning(
            f"recordings {voice.language}", text, "put a .ulaw (or .alaw) beside each: sox IN -r 8000 -c 1 OUT.ul"
        )


def _takes(voice: Voice) -> Iterator[Finding]:
    """Several takes make no two questions sound alike; one voice makes a question sound like one."""
    single = [digit for digit in DIGITS if len(voice.sounds.get(digit, ())) == 1]
    if single:
        text = f"one recording alone of {', '.join(single)}: a machine that compares sounds needs to learn no more"
        mend = f"add takes beside it, such as digits/{single[0]}-2.ulaw"
        yield warning(f"recordings {voice.language}", text, mend)
    own = [digit for digit in DIGITS if digit in voice.own]
    if own and len(own) < len(DIGITS):
        others = ", ".join(digit for digit in DIGITS if digit not in own)
        text = f"{', '.join(own)} in your own voice, {others} in ours: a question in two voices is hard to follow"
        yield warning(f"recordings {voice.language}", text, "record all ten digits")
