"""Which languages callers can hear, and whether Asterisk looks for them where we do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from agi_screen.doctor.finding import Finding, Mark, error, warning
from agi_screen.doctor.patient import Patient
from agi_screen.reply.captcha.voices import how_to_install, remarks

DATA = Path("/usr/share/asterisk")


def prompts(patient: Patient) -> Iterator[Finding]:
    """What the daemon says of them at its start, and Asterisk's side of it."""
    captcha, found = patient.config.captcha, patient.prompts
    for remark in remarks(found, captcha):
        mark = Mark.ERROR if remark.serious else Mark.WARNING if remark.mend or found.unseen else Mark.OK
        mend = "run the doctor on Asterisk's machine, or set [captcha] sounds" if found.unseen else remark.mend
        yield Finding(mark, remark.what, remark.text, mend)
    yield from _own_folder(patient)
    yield from _same_folder(patient)
    yield from _default_language(patient)


def _own_folder(patient: Patient) -> Iterator[Finding]:
    """A folder that is configured and holds nothing is most likely a misspelt one."""
    captcha, found = patient.config.captcha, patient.prompts
    voices = (*found.voices.values(), *found.incomplete.values())
    if captcha.prompts != "agi-screen" and not found.unseen and not any(voice.own for voice in voices):
        place = f"{captcha.sounds}/<language>/{captcha.prompts}"
        mend = 'put press.ulaw, digits/4.ulaw and so on there, or take [captcha] prompts = "agi-screen"'
        yield warning("your own prompts", f"{place} has none: ours are played", mend)


def _same_folder(patient: Patient) -> Iterator[Finding]:
    if not patient.etc["asterisk.conf"].read:
        return
    theirs = patient.etc.directory("astdatadir", DATA) / "sounds"
    ours = patient.config.captcha.sounds
    if os.path.realpath(theirs) != os.path.realpath(ours):
        text = f"we look for sounds in {ours}, Asterisk in {theirs} (astdatadir of asterisk.conf)"
        yield error("sounds folder", text, f'[captcha] sounds = "{theirs}"')


def _default_language(patient: Patient) -> Iterator[Finding]:
    """The language of channels that nobody gave one."""
    language = patient.etc["asterisk.conf"].named("options").get("defaultlanguage")
    found, captcha = patient.prompts, patient.config.captcha
    instead = found.voice(language) if language else None
    if instead and captcha.language == "auto" and instead.language not in found.alike(language):
        text = f"Asterisk's default is {language}, of which there is no voice: callers hear {instead.language}"
        yield warning("language", text, f"{how_to_install(language, captcha)}, or set [captcha] language")
