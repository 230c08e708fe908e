"""Who a call was, a person or a robot: from a file, from operators, or from what became of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agi_screen.base.errors import Problem
from agi_screen.base.text import escape
from agi_screen.base.verdict import CaptchaResult
from agi_screen.what_if.replay.csv_rows import csv_rows
from agi_screen.what_if.replay.past import HistoryError, PastCall, Problems


class Who(IntEnum):
    """Who called, as far as it is known."""

    UNKNOWN = 0
    PERSON = 1
    ROBOT = 2


Labels = npt.NDArray[np.int8]
_WORDS = {"person": Who.PERSON, "robot": Who.ROBOT}
_RESULTS = {CaptchaResult.PASSED: Who.PERSON, CaptchaResult.FAILED: Who.ROBOT}


def label_calls(calls: Sequence[PastCall], person_talk: float, told: Mapping[str, Who]) -> Labels:
    """A label a call. What `told` says of its uniqueid goes first, then an operator's word, then a talk of at least
    `person_talk` seconds (a person), then the CAPTCHA."""
    return np.fromiter((_label(call, person_talk, told) for call in calls), dtype=np.int8, count=len(calls))


def _label(call: PastCall, person_talk: float, told: Mapping[str, Who]) -> Who:
    who = told.get(call.uniqueid) if told else None
    if who is not None:
        return who
    more = call.more
    if more is not None and more.label in _WORDS:
        return _WORDS[more.label]
    if call.talk_time >= person_talk:
        return Who.PERSON
    return _RESULTS.get(more.captcha, Who.UNKNOWN) if more is not None else Who.UNKNOWN


def read_labels(path: Path) -> dict[str, Who]:
    """A CSV of `uniqueid,label`, with or without that heading. Raises HistoryError with all bad lines."""
    problems = Problems()
    found: dict[str, Who] = {}
    try:
        for line, row in csv_rows(path, problems):
            cells = [cell.strip() for cell in row]
            if not any(cells) or (line == 1 and cells[:2] == ["uniqueid", "label"]):
                continue
            problem = _problem(path, line, cells)
            if problem is None:
                found[cells[0]] = _WORDS[cells[1].lower()]
            else:
                problems.add(problem)
    except OSError as error:
        raise HistoryError(f"{path}: --labels: cannot be read: {error.strerror or error}") from error
    if problems.count:
        raise HistoryError(problems.text("mend them"))
    return found


def _problem(path: Path, line: int, cells: list[str]) -> Problem | None:
    if len(cells) < 2:
        return Problem(str(path), "columns", str(len(cells)), "write uniqueid,label", line)
    if not cells[0]:
        return Problem(str(path), "uniqueid", "", "is missing", line)
    if cells[1].lower() not in _WORDS:
        return Problem(str(path), "label", escape(cells[1], 60), "write person or robot", line)
    return None
