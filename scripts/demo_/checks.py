"""What must have come of the story. One line that is not so makes the demo fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scripts.demo_.board import Board, Row
from scripts.demo_.cast import CROWD, DENIED, GUESSER, HAMMER, NORMAL, PERSON, SILENT
from scripts.demo_.delay import Delays

LONGEST_ADDED_MS = 50.0


@dataclass(frozen=True, slots=True)
class Check:
    """An expectation, and whether it was met; `seen` is what came instead."""

    text: str
    met: bool
    seen: str


def checks(board: Board, delays: Delays | None, recorded: int) -> list[Check]:
    """Every expectation of the demo."""
    rows = board.rows
    found = [
        *story(rows),
        Check(
            "every call of SIPp went as its scenario says",
            not any(row.trouble for row in rows.values()),
            "; ".join(f"{row.part.name}: {row.trouble}" for row in rows.values() if row.trouble),
        ),
    ]
    found.append(Check("every call is recorded", recorded == board.calls, f"{recorded} of {board.calls}"))
    if delays is not None:
        added = f"{delays.added_p50:.1f} ms"
        fast = delays.answered and delays.added_p50 < LONGEST_ADDED_MS
        found.append(Check(f"screening adds less than {LONGEST_ADDED_MS:g} ms (median)", fast, added))
    return found


def story(rows: dict[str, Row]) -> Iterator[Check]:
    """What each role must have met with."""
    normal, hammer, crowd = rows[NORMAL.name], rows[HAMMER.name], rows[CROWD]
    yield of(normal, "reaches an operator", normal.reached == 1 == normal.verdicts["allow"])
    asked = hammer.verdicts["challenge"]
    yield of(hammer, "is let through at first, then challenged", hammer.verdicts["allow"] >= 3 and asked >= 10)
    yield of(hammer, "reaches no operator once challenged", hammer.reached == hammer.verdicts["allow"])
    for robot in (rows[SILENT.name], rows[GUESSER.name]):
        failed = robot.captcha["failed"] == 1 == robot.endings["divert"]
        yield of(robot, "fails the CAPTCHA and never reaches the queue", failed and not robot.reached)
    person = rows[PERSON.name]
    passed = person.verdicts["challenge"] == 1 == person.captcha["passed"]
    yield of(person, "passes the CAPTCHA and reaches an operator", passed and person.reached == 1)
    denied = rows[DENIED.name]
    refused = denied.verdicts["reject"] == 1 and not denied.trouble
    yield of(denied, "gets 403 and is never answered", refused and not denied.reached)
    all_in = crowd.verdicts["allow"] == crowd.part.calls == crowd.reached
    yield of(crowd, f"all {crowd.part.calls} reach an operator", all_in)


def of(row: Row, text: str, met: bool) -> Check:
    """One expectation of one role."""
    seen = f"verdicts {dict(row.verdicts)}, captcha {dict(row.captcha)}, operator {row.reached}"
    return Check(f"{row.part.name} {text}", met, seen)
