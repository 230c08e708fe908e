"""Whether what is shipped is whole: names, texts, lengths, digests, levels, and takes that really differ."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from scripts.prompts_.levels import active_level, decode, peak, silence_at_ends
from scripts.prompts_.shelf import BYTES_A_SECOND, FORMS, Sound, folder, path, read_manifest
from scripts.prompts_.texts import NAMES, Prompt, prompts

LEVEL, TOLERANCE, LOUDEST = -20.0, 1.0, -3.0
LONGEST_END = 0.3  # seconds before or after what is loud; a quiet f or s is counted to the silence here
LONGEST_QUESTION = 4.5


def faults(language: str) -> list[str]:
    """What is wrong with a language's sounds, one line each; empty where all is well."""
    rows = read_manifest(language)
    wanted = {prompt.name: prompt for prompt in prompts(language)}
    if not rows:
        return [f"{language}: no manifest.json; run scripts/prompts {language}"]
    found = [f"{name}: not in prompts/{language}.txt" for name in rows if name not in wanted]
    for name, prompt in wanted.items():
        row = rows.get(name)
        found += of_sound(language, prompt, row) if row else [f"{name}: not in manifest.json"]
    found += [f"{file.relative_to(folder(language))} belongs to no prompt" for file in strangers(language)]
    if not found:
        found += together(rows)
    return [f"{language}: {fault}" for fault in found]


def of_sound(language: str, prompt: Prompt, row: Sound) -> Iterator[str]:
    """One sound against its row: files, digests, text, length, level."""
    name = prompt.name
    if row.text != prompt.text:
        yield f"{name}: the text has changed since it was spoken; run scripts/prompts {language} --only {name}"
    for form, digest in zip(FORMS, (row.ulaw, row.g722), strict=True):
        file = path(language, name, form)
        if not file.exists():
            yield f"{name}.{form} is missing"
            continue
        data = file.read_bytes()
        if sha256(data).hexdigest() != digest:
            yield f"{name}.{form} is not the file of the manifest"
        if abs(len(data) / BYTES_A_SECOND - row.seconds) > 0.001:
            yield f"{name}.{form} lasts {len(data) / BYTES_A_SECOND:.2f} s, the manifest says {row.seconds}"
        if form == "ulaw":
            yield from of_samples(prompt, data)


def of_samples(prompt: Prompt, ulaw: bytes) -> Iterator[str]:
    """Loudness and ends of speech; true silence where silence is wanted."""
    samples = decode(ulaw)
    if prompt.silence:
        if any(samples) or abs(len(samples) / BYTES_A_SECOND - prompt.silence) > 0.001:
            yield f"{prompt.name}: {prompt.silence} s of silence are expected"
        return
    level, loudest, ends = active_level(samples), peak(samples), silence_at_ends(samples)
    if abs(level - LEVEL) > TOLERANCE:
        yield f"{prompt.name}: level {level:.1f} dB, {LEVEL:.0f} is wanted"
    if loudest > LOUDEST + 0.2:  # a step of mu-law up there
        yield f"{prompt.name}: peak {loudest:.1f} dB, at most {LOUDEST:.0f} is wanted"
    if max(ends) > LONGEST_END:
        yield f"{prompt.name}: {max(ends):.2f} s of silence at an end"


def strangers(language: str) -> list[Path]:
    """Files that nothing names: Asterisk would choose among forms, so an old .wav beside ours is a fault."""
    known = {path(language, name, form) for name in NAMES for form in FORMS} | {folder(language) / "manifest.json"}
    return [file for file in sorted(folder(language).rglob("*")) if file.is_file() and file not in known]


def together(rows: dict[str, Sound]) -> Iterator[str]:
    """No two sounds are the same recording, and the whole question stays short."""
    seen: dict[str, str] = {}
    for name, row in rows.items():
        if row.ulaw in seen:
            yield f"{name} and {seen[row.ulaw]} are the same recording"
        seen[row.ulaw] = name
    digit = max(row.seconds for name, row in rows.items() if name.startswith("digits/"))
    if (question := rows["press"].seconds + 3 * digit) > LONGEST_QUESTION:
        yield f"press and the three longest digits take {question:.2f} s, at most {LONGEST_QUESTION} are wanted"
