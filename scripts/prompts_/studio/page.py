"""docs/prompts: tables written into README.md between their marks, a picture and recordings a language."""

from __future__ import annotations

import json
import re
from typing import Any

from scripts.prompts_.levels import active_level, decode, peak
from scripts.prompts_.shelf import Sound, path, read_manifest
from scripts.prompts_.studio.challenges import KINDS, record
from scripts.prompts_.studio.waves import draw
from scripts.prompts_.texts import LANGUAGES, ROOT, SENTENCES
from scripts.prompts_.voices import VOICES

PAGE = ROOT / "docs/prompts"
HEARD = PAGE / "heard.json"
NAMES = {"en": "English", "es": "Spanish", "fr": "French", "de": "German", "it": "Italian"}
Table = list[list[str]]


def table(head: str, rows: Table) -> str:
    """A Markdown table; `head` has its columns between bars."""
    marks = "|".join(["", *("---" for _ in head.split("|")), ""])
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join([f"| {head} |", marks, *(f"| {line} |" for line in lines)])


def voices() -> str:
    rows = [[NAMES[code], f"`{code}`", v.name, v.model, v.licence, v.source] for code, v in VOICES.items()]
    return table("language | folder | voice | engine | licence of the voice | where it came from", rows)


def lengths(rows: dict[str, dict[str, Sound]]) -> str:
    """Seconds of each sentence; of the digits the mean and the extremes."""
    body = [[f"`{name}`", *(f"{rows[code][name].seconds:.2f}" for code in LANGUAGES)] for name in SENTENCES]
    spans = {
        code: [row.seconds for name, row in rows[code].items() if name.startswith("digits/")] for code in LANGUAGES
    }
    body.append(
        ["a digit", *(f"{sum(s) / len(s):.2f} ({min(s):.2f}–{max(s):.2f})" for s in spans.values())],
    )
    body.append(
        ["`press` and 3 digits", *(f"{rows[c]['press'].seconds + 3 * sum(s) / len(s):.2f}" for c, s in spans.items())],
    )
    return table(f"sound | {' | '.join(LANGUAGES)}", body)


def summary(heard: dict[str, Any]) -> str:
    """What the recogniser made of each language, in one row."""
    body = []
    for code in LANGUAGES:
        found = heard[code]
        said, digits = found["sentences"], found["digits"]
        words = sum(len(row["said"].split()) for row in said.values())
        wrong = sum(row["errors"] * len(row["said"].split()) for row in said.values())
        exact = sum(not row["errors"] for row in said.values())
        worst = [f"{name.removeprefix('digits/')} ({count})" for name, count in list(digits["misheard"].items())[:4]]
        body.append(
            [
                code,
                f"{exact} of {len(said)}",
                f"{100 * wrong / words:.1f} %",
                f"{digits['wrong']} of {digits['said']} ({100 * digits['wrong'] / digits['said']:.1f} %)",
                f"{digits['strings'] - digits['wrong_strings']} of {digits['strings']}",
                ", ".join(worst) or "none",
                f"{max(found['alike'].values()):.2f}",
            ]
        )
    head = "language | sentences heard word for word | word errors | digits misheard | strings of four heard whole"
    return table(f"{head} | most misheard takes | most alike takes", body)


def loudness(rows: dict[str, dict[str, Sound]]) -> str:
    body = []
    for code in LANGUAGES:
        names = [name for name, row in rows[code].items() if not row.text.startswith("[")]
        samples = [decode(path(code, name, "ulaw").read_bytes()) for name in names]
        levels, peaks = [active_level(s) for s in samples], [peak(s) for s in samples]
        span = f"{min(levels):.1f} to {max(levels):.1f}"
        size = sum(path(code, name, form).stat().st_size for name in rows[code] for form in ("ulaw", "g722"))
        seconds = sum(row.seconds for row in rows[code].values())
        body.append([code, str(len(rows[code])), f"{seconds:.0f}", f"{size / 1e6:.1f}", span, f"{max(peaks):.1f}"])
    return table("language | sounds | seconds | MB | level of speech, dB | loudest peak, dB", body)


def of_language(code: str, heard: dict[str, Any]) -> str:
    """Picture, recordings, and every sentence with what was heard."""
    links = " · ".join(f"[{kind}](challenges/{code}-{kind}.wav)" for kind in KINDS)
    body = []
    for name, row in heard["sentences"].items():
        same = not row["errors"]
        body.append([f"`{name}`", row["said"], "as said" if same else row["heard"], f"{100 * row['errors']:.0f} %"])
    sentences = table("sound | said | heard | words wrong", body)
    return f"### {NAMES[code]}\n\nAs a caller hears them: {links}\n\n![Waveforms]({code}.png)\n\n{sentences}"


def write_page(languages: list[str]) -> None:
    """Renews the pictures and recordings of `languages`, and every table."""
    for code in languages:
        record(code)
        draw(code, PAGE / f"{code}.png")
    rows = {code: read_manifest(code) for code in LANGUAGES}
    heard = json.loads(HEARD.read_text(encoding="utf-8"))["languages"]
    blocks = {
        "voices": voices(),
        "lengths": lengths(rows),
        "levels": loudness(rows),
        "heard": summary(heard),
        "languages": "\n\n".join(of_language(code, heard[code]) for code in LANGUAGES),
    }
    page = PAGE / "README.md"
    text = page.read_text(encoding="utf-8")
    for name, block in blocks.items():
        between = re.compile(rf"(<!-- {name}:[^>]*-->).*?(<!-- end -->)", re.DOTALL)
        text, count = between.subn(lambda found, block=block: f"{found[1]}\n{block}\n{found[2]}", text)  # type: ignore[misc]
        assert count == 1, f"the page lacks its mark for {name}"
    page.write_text(text, encoding="utf-8")
