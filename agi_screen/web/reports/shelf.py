"""Where reports are kept: a folder each, named by its number, with `report.json` beside what the command wrote."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import zipfile
from pathlib import Path
from typing import Literal, get_args

from pydantic import ValidationError

from agi_screen.web.route import Model

log = logging.getLogger("agi_screen.web")

Kind = Literal["investigation", "simulation"]
State = Literal["waiting", "running", "done", "failed", "cancelled"]
ID = re.compile(r"[0-9a-f]{12}")
CARD, PAGE, PACK = "report.json", "report.html", "pack.zip"
EVIDENCE = "evidence.zip"
MOST_KEPT = 20  # finished ones; the oldest goes


class Report(Model):
    """One report. `what` says what was asked; `done` of `total` steps; `error` why there is none; times are seconds
    since 1970, 0: not yet. `masked`: it shows no whole numbers."""

    id: str
    kind: Kind
    what: str
    who: str
    asked: float
    state: State = "waiting"
    began: float = 0.0
    ended: float = 0.0
    done: int = 0
    total: int = 0
    error: str = ""
    masked: bool = False

    @property
    def over(self) -> bool:
        return self.state in get_args(State)[2:]


class Shelf:
    """Every method touches the disk: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, ident: str) -> Path:
        """The folder of a report; `ident` is one of ours."""
        return self._folder / ident

    def load(self) -> list[Report]:
        """All that are kept, oldest first; one that no process works on any more has failed."""
        found: list[Report] = []
        if not self._folder.is_dir():
            return found
        for place in self._folder.iterdir():
            if not ID.fullmatch(place.name):
                continue
            try:
                report = Report.model_validate_json((place / CARD).read_bytes())
            except (OSError, ValidationError) as error:
                log.warning("%s is no report: %s", place, str(error).splitlines()[0])
                continue
            found.append(report if report.over else ended(report, "failed", 0.0, "the daemon ended meanwhile"))
        return sorted(found, key=lambda report: report.asked)

    def keep(self, report: Report) -> None:
        """Raises OSError."""
        place = self.place(report.id)
        self._folder.mkdir(mode=0o750, exist_ok=True)
        place.mkdir(mode=0o750, exist_ok=True)
        part = place / f"{CARD}.part"
        part.write_text(report.model_dump_json(), encoding="utf-8")
        os.replace(part, place / CARD)

    def remove(self, ident: str) -> None:
        shutil.rmtree(self.place(ident), ignore_errors=True)

    def pack(self, report: Report) -> None:
        """What a simulation wrote, as one zip; an investigation has made its own."""
        place = self.place(report.id)
        if report.kind == "investigation":
            return
        with zipfile.ZipFile(place / f"{PACK}.part", "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(place.iterdir()):
                if file.name != CARD and file.suffix != ".part":
                    archive.write(file, file.name)
        os.replace(place / f"{PACK}.part", place / PACK)

    def packed(self, report: Report) -> Path:
        return self.place(report.id) / (EVIDENCE if report.kind == "investigation" else PACK)


def ended(report: Report, state: State, at: float, error: str = "") -> Report:
    """The same report, over."""
    return report.model_copy(update={"state": state, "ended": at, "error": error[:500]})


def progress_of(line: bytes) -> tuple[int, int] | None:
    """`{"done": 3, "total": 20}`; None for any other line."""
    try:
        said = json.loads(line)
        return int(said["done"]), int(said["total"])
    except (ValueError, KeyError, TypeError):
        return None
