"""The doctor has the last word: what is left to do is said with its mend."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.install_.changes import Change
from scripts.install_.hand import Hand
from scripts.install_.kept import Kept
from scripts.install_.site import Site


@dataclass(frozen=True)
class Ask:
    """It changes nothing, and whatever it finds, the install is done."""

    line: tuple[str, ...]

    def shown(self) -> list[str]:
        return [" ".join(self.line)]

    def do(self, hand: Hand, kept: Kept) -> None:
        del kept
        hand.about("doctor")
        subprocess.run(self.line, check=False)


def doctor(site: Site, kept: Kept) -> Iterator[Change]:
    del kept
    options = site.options
    if options.here:
        program, settings = str(options.prefix / "bin/agi-screen"), str(options.settings / "agi-screen.toml")
        yield Ask((program, "doctor", "--config", settings, "--asterisk-etc", str(options.asterisk_etc)))
