"""Speaks a language: every text through its voice, finished, stored, written into the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch

from scripts.prompts_.check import strangers
from scripts.prompts_.shelf import Sound, read_manifest, store, write_manifest
from scripts.prompts_.studio.engines import speak
from scripts.prompts_.studio.finish import finish, silence
from scripts.prompts_.texts import NAMES, Prompt, prompts
from scripts.prompts_.voices import VOICES


def record(language: str, prompt: Prompt) -> dict[str, bytes]:
    """One prompt in both forms."""
    if prompt.silence:
        return silence(prompt.silence)
    voice = VOICES[language]
    how = voice.how(prompt.take)
    return finish(speak(voice, prompt.spoken + (how.end if prompt.take else ""), how), voice.breath)


def wanted(language: str, only: list[str]) -> list[Prompt]:
    return [prompt for prompt in prompts(language) if not only or any(fnmatch(prompt.name, name) for name in only)]


def build(language: str, only: list[str]) -> Iterator[str]:
    """Speaks the sounds of a language that are asked for, and says each name when it is there."""
    rows: dict[str, Sound] = read_manifest(language)
    for prompt in wanted(language, only):
        rows[prompt.name] = store(language, prompt.name, prompt.text, record(language, prompt))
        yield prompt.name
    write_manifest(language, {name: rows[name] for name in NAMES if name in rows})
    if not only:
        for file in strangers(language):
            file.unlink()
