"""docs/configuration.md of agi_screen/base/defaults.toml: keys, defaults and comments stand in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agi_screen.base.toml_file import DEFAULTS
from scripts.docs_.cells import cell

TABLE = re.compile(r"\[(?P<name>[\w.]+)\]\s*(?:#\s*(?P<why>.*))?")
KEY = re.compile(r"(?P<name>\w+)\s*=\s*(?P<value>\"[^\"]*\"|\{[^}]*\}|[^#]*?)\s*(?:#\s*(?P<why>.*))?")
HEAD = """# Configuration

<!-- Written by scripts/make-docs from agi_screen/base/defaults.toml; edit that file, not this page. -->

One TOML file: the one named with `--config`, else `agi-screen.toml` in the working directory, else
`/etc/agi-screen/agi-screen.toml`. Write only what differs from the defaults below; start from
[`asterisk_conf/agi-screen.toml`](../asterisk_conf/agi-screen.toml).

- `agi-screen check` prints every error at once with file, line, key, value and mend. Unknown keys are errors.
- A running daemon takes a changed file within a second or two, at SIGHUP, and at `agi-screen reload`: all of it or,
  when there is an error, nothing. Keys that wait for a restart are named in the log.
- Durations are `"250ms"`, `"5s"`, `"10m"`, `"12h"`, `"7d"`; rates are `"3/10m"`: three calls at once, and one more
  for each third of ten minutes.
- `AGI_SCREEN_NUMBER_KEY` in the environment goes before `[privacy] number_key_file`.
- `AGI_SCREEN_AMI_SECRET` in the environment goes before `[ami] secret_file`, and that before `[ami] secret`.

A call's score is the sum of its signals, each weight times strength (0 to 1), and no group of signals adds more
than its cap in `[groups]`. `[policy]` says what a score leads to.
"""


def rows(lines: list[str]) -> Iterator[str]:
    """The page's lines for the file's."""
    head = ["", "| key | default | |", "| --- | --- | --- |"]
    yield from ["", "## Top level", *head]
    for line in lines:
        if table := TABLE.fullmatch(line):
            yield from ["", f"## `[{table['name']}]`"]
            if table["why"]:
                yield from ["", f"{table['why'][0].upper()}{table['why'][1:]}."]
            yield from head
        elif not line.startswith("#") and (key := KEY.fullmatch(line)):
            yield f"| `{key['name']}` | `{cell(key['value'])}` | {cell(key['why'] or '')} |"


def page() -> str:
    """The whole page."""
    return HEAD + "\n".join(rows(DEFAULTS.read_text(encoding="utf-8").splitlines())) + "\n"
