"""What is to be said of the prompts that were found: in the daemon's log, and by `agi-screen doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agi_screen.base.config import Captcha
from agi_screen.reply.captcha.languages import AUTO
from agi_screen.reply.captcha.prompts import DIGITS, FOLDER, LANGUAGES, SENTENCES, Prompts, Voice


class Remark(NamedTuple):
    """`mend` is empty where nothing is wrong. `serious`: suspected callers are let through unasked."""

    what: str
    text: str
    mend: str = ""
    serious: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.text}" + (f": {self.mend}" if self.mend else "")


def remarks(prompts: Prompts, config: Captcha) -> list[Remark]:
    """Every language: whole, or why it is not used; then languages that are configured and have no voice."""
    if prompts.unseen:
        ours = ", ".join(prompts.voices)
        text = f"{prompts.unseen}; which sounds Asterisk has is not known, ours are taken to be there ({ours})"
        return [Remark("prompts", text)]
    found = [Remark(f"prompts {name}", _whole(voice)) for name, voice in prompts.voices.items()]
    found += [_incomplete(voice, prompts, config) for voice in prompts.incomplete.values()]
    if not prompts.voices:
        text = f"no language in {config.sounds} is whole, and no suspected caller is asked: all are let through"
        found.append(Remark("prompts", text, how_to_install("en", config), serious=True))
    return found + list(_unspoken(prompts, config))


def how_to_install(language: str, config: Captcha) -> str:
    """What an admin has not done yet, or has done with another version."""
    if language.partition("_")[0] not in {name.partition("_")[0] for name in LANGUAGES}:
        return f"record the words of share/agi-screen/sounds/en in {config.sounds}/{language}/{FOLDER}"
    ours = f"sounds/{language}/{FOLDER}"
    return f"copy {ours}, which came with agi-screen in share/agi-screen, into {config.sounds}/{language}/"


def _whole(voice: Voice) -> str:
    takes = [len(voice.sounds[digit]) for digit in DIGITS]
    each = str(min(takes)) if min(takes) == max(takes) else f"{min(takes)} to {max(takes)}"
    own = f", {len(voice.own)} words in your own voice" if voice.own else ""
    return f"whole: {len(SENTENCES)} sentences, {each} recording{'s' if max(takes) > 1 else ''} of each digit{own}"


def _incomplete(voice: Voice, prompts: Prompts, config: Captcha) -> Remark:
    instead = prompts.voice(voice.language)
    spoken = f"callers hear {instead.language} instead" if instead else "not used"
    text = f"no sound, or an empty file, of {', '.join(voice.missing)}: {spoken}"
    return Remark(f"prompts {voice.language}", text, how_to_install(voice.language, config))


def _unspoken(prompts: Prompts, config: Captcha) -> Iterator[Remark]:
    """Languages of the configuration that nobody would hear."""
    wanted = {config.language: "language", **dict.fromkeys(config.offer, "offer")}
    wanted |= {language: f"did_languages {did}" for did, language in config.did_languages.items()}
    for language, key in wanted.items():
        instead = prompts.voice(language)
        if language == AUTO or instead is None or instead.language in prompts.alike(language):
            continue
        text = f"[captcha] {key} names {language}, of which there is no voice: {instead.language} is spoken"
        yield Remark(f"language {language}", text, f"{how_to_install(language, config)}, or choose another language")
