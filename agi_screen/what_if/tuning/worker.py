"""The process that holds samples: requests come as lines of JSON, answers go the same way, and with the end of its
input it ends. The daemon starts it, so that neither its loop nor its memory has a part in this.

python -m agi_screen.what_if.tuning.worker CONFIG
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agi_screen.base.errors import AgiScreenError, MissingError
from agi_screen.base.file_write import hash_of, read_text
from agi_screen.base.toml_file import merged, tables_in
from agi_screen.judge.signal import Reads
from agi_screen.settings import Settings, laid_over_defaults
from agi_screen.what_if.tuning.sample import MOST_CALLS, Sample, read_attacks, read_sample
from agi_screen.what_if.tuning.trial import Judged, Page, compared, judged, refuse_others

MOST_SAMPLES = 4
NICE = 5
DAYS = 14 * 86400.0
MOST_ATTACKS = 30


class Desk:
    """Answers one request after the other."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._samples: OrderedDict[str, Sample] = OrderedDict()
        self._now: dict[str, tuple[str, Judged]] = {}
        self._known: tuple[str, dict[str, Any], Settings] | None = None
        self.ops: dict[str, Callable[[dict[str, Any]], Any]] = {
            "sample": self.sample,
            "tried": self.tried,
            "attacks": self.attacks,
        }

    def sample(self, asked: dict[str, Any]) -> dict[str, Any]:
        who, settings = asked["who"], self._settings()[2]
        self._samples.pop(who, None)
        self._now.pop(who, None)
        while len(self._samples) >= MOST_SAMPLES:
            gone, _ = self._samples.popitem(last=False)
            self._now.pop(gone, None)
        talk = settings.config.callers.real_talk
        made = read_sample(settings.place, asked["since"], asked["until"], time.time(), talk)
        self._samples[who] = made
        oldest = made.calls[-1].started if made.calls else made.since
        said = {"calls": len(made), "total": made.total, "oldest": oldest, "most": MOST_CALLS}
        groups = {s.name: s.group for s in settings.signals if Reads.CONDUCT not in s.reads}
        return {**said, "seen": list(made.names), "groups": groups, "person_talk": talk}

    def tried(self, asked: dict[str, Any]) -> dict[str, Any]:
        sample = self._samples.get(asked["who"])
        if sample is None:
            raise MissingError("the sample is gone: make another")
        self._samples.move_to_end(asked["who"])
        refuse_others(asked["changes"])
        key, site, present = self._settings()
        known = self._now.get(asked["who"])
        now = known[1] if known is not None and known[0] == key else judged(sample, present)
        self._now[asked["who"]] = (key, now)
        tried = now
        if asked["changes"]:
            tables = merged(site, _nested(asked["changes"]))
            tried = judged(sample, laid_over_defaults(tables, self._config, {}))
        return compared(sample, now, tried, Page(**asked["page"]))

    def attacks(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        until = asked["until"]
        found = read_attacks(self._settings()[2].place, until - DAYS, until, time.time())
        return [attack._asdict() for attack in found[:MOST_ATTACKS]]

    def _settings(self) -> tuple[str, dict[str, Any], Settings]:
        """Those of the file as it is now."""
        text = read_text(self._config)
        key = hash_of(text)
        if self._known is None or self._known[0] != key:
            site, lines = tables_in(text, self._config)
            self._known = (key, site, laid_over_defaults(site, self._config, lines))
        return self._known


def _nested(changes: dict[str, Any]) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for dotted, value in changes.items():
        *above, last = dotted.split(".")
        here = tables
        for part in above:
            here = here.setdefault(part, {})
        here[last] = value
    return tables


def main() -> None:
    os.nice(NICE)
    desk = Desk(Path(sys.argv[1]))
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said = {"answer": desk.ops[asked["op"]](asked)}
        except MissingError as error:
            said = {"missing": str(error)}
        except AgiScreenError as error:
            said = {"error": str(error)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
