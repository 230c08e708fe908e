"""The command line, as one frozen value."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "es", "fr", "de", "it")
STEPS = (
    "program",
    "user",
    "settings",
    "prompts",
    "manager",
    "dialplan",
    "units",
    "switch",
    "start",
    "reload",
    "doctor",
)


@dataclass(frozen=True)
class Options:
    """All paths but `root`, `wheelhouse`, `environment` and `python` are those inside the tree at `root`."""

    root: Path = Path("/")
    prefix: Path = Path("/opt/agi-screen")
    asterisk_etc: Path = Path("/etc/asterisk")
    sounds: Path | None = None
    settings: Path = Path("/etc/agi-screen")
    state: Path = Path("/var/lib/agi-screen")
    units: Path = Path("/etc/systemd/system")
    user: str = "agi-screen"
    python: Path = Path(sys.executable)
    wheelhouse: Path | None = None
    environment: Path | None = None
    languages: tuple[str, ...] = LANGUAGES
    skip: frozenset[str] = frozenset()
    dry_run: bool = False
    yes: bool = False
    purge: bool = False

    def real(self, path: Path) -> Path:
        """Where a path of the tree is on this machine."""
        return self.root / path.relative_to("/")

    @property
    def here(self) -> bool:
        """The running machine itself: services and Asterisk can be told."""
        return self.root == Path("/")


ABOUT = {
    "install": "Installs agi-screen beside Asterisk, or upgrades it. Each step is shown before it is done, is done "
    "once, and is undone by scripts/uninstall. Interrupted or failed, run it again.",
    "uninstall": "Takes away what scripts/install put here, and nothing else. Records and settings stay.",
}


def parse(name: str, words: list[str]) -> Options:
    """Exits with 2 and a line where the words make no sense."""
    parser = argparse.ArgumentParser(f"scripts/{name}", description=ABOUT[name], epilog="See docs/install.md.")
    parser.add_argument("--dry-run", action="store_true", help="show every step, change nothing")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    _place(parser, "--root", "work on the tree there, not on this machine", Options.root)
    _place(parser, "--prefix", "where the program is (%(default)s)", Options.prefix)
    if name == "install":
        _for_install(parser)
    else:
        parser.add_argument("--purge", action="store_true", help="records, settings and the user go too")
    found = vars(parser.parse_args(words))
    for key, known in (("languages", LANGUAGES), ("skip", STEPS)):
        if key in found:
            found[key] = _listed(parser, key, found[key], known)
    if "skip" in found:
        found["skip"] = frozenset(found["skip"])
    return Options(**found)


def _place(parser: argparse.ArgumentParser, word: str, text: str, default: Path | None = None) -> None:
    parser.add_argument(word, metavar="DIR", type=absolute, help=text, default=default)


def _for_install(parser: argparse.ArgumentParser) -> None:
    _place(parser, "--asterisk-etc", "Asterisk's configuration (%(default)s)", Options.asterisk_etc)
    _place(parser, "--sounds", "Asterisk's sounds (as asterisk.conf says)")
    _place(parser, "--settings", "our configuration (%(default)s)", Options.settings)
    _place(parser, "--state", "records (%(default)s)", Options.state)
    _place(parser, "--units", "systemd's units (%(default)s)", Options.units)
    _place(parser, "--wheelhouse", "no network: packages are taken from here")
    _place(parser, "--environment", "a Python environment that has agi-screen already: none is built")
    parser.add_argument("--python", type=absolute, default=Options.python, help="whose (%(default)s)")
    parser.add_argument("--user", default=Options.user, help="whom the daemon runs as (%(default)s)")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="of the prompts (%(default)s)")
    parser.add_argument("--skip", default="", metavar="STEP,…", help=f"leave out steps: {', '.join(STEPS)}")


def _listed(parser: argparse.ArgumentParser, key: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(word for word in text.split(",") if word)
    if wrong := [word for word in words if word not in known]:
        parser.error(f"--{key} {','.join(wrong)}: known are {', '.join(known)}")
    return words


def absolute(text: str) -> Path:
    return Path(text).absolute()
