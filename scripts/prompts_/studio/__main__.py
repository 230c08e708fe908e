"""Speaks, or listens, with a bar; then writes docs/prompts."""

from __future__ import annotations

import json
import sys
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from scripts.prompts_.__main__ import arguments, check
from scripts.prompts_.studio.build import build, wanted
from scripts.prompts_.studio.ear import MODEL, alike, digit_strings, sentences, strings
from scripts.prompts_.studio.page import HEARD, write_page
from scripts.prompts_.texts import SENTENCES


def bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


def speak(languages: list[str], only: list[str]) -> int:
    with bar() as progress:
        for language in languages:
            task = progress.add_task(f"{language} speaks", total=len(wanted(language, only)))
            for name in build(language, only):
                progress.update(task, advance=1, description=f"{language} speaks {name}")
    return check(languages)


def listen(languages: list[str]) -> None:
    """What is heard of each language replaces what was heard of it before."""
    heard = json.loads(HEARD.read_text(encoding="utf-8")) if HEARD.exists() else {"languages": {}}
    heard["recogniser"] = MODEL
    with bar() as progress:
        for language in languages:
            total = len(SENTENCES) - 2 + len(strings(language))
            step = partial(progress.advance, progress.add_task(f"{language} is heard", total=total))
            said, digits = sentences(language, step), digit_strings(language, step)
            heard["languages"][language] = {
                "sentences": {name: one._asdict() for name, one in said.items()},
                "digits": digits._asdict(),
                "alike": alike(language),
            }
            HEARD.write_text(json.dumps(heard, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    asked = arguments()
    if not (asked.listen or asked.page):
        return speak(asked.languages, asked.only)
    if asked.listen:
        listen(asked.languages)
    write_page(asked.languages)
    return 0


if __name__ == "__main__":
    sys.exit(main())
