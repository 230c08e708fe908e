"""`found(made)`: the findings of calls that were written to a database and read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agi_screen.base.records import CallRecord
from agi_screen.base.store_range import opened_range
from agi_screen.what_if.investigate.columns import Columns, Gathering
from agi_screen.what_if.investigate.findings import Findings, findings
from tests.made import a_call, an_end
from tests.what_if.investigate.attack import Made, fill

Found = Callable[[Sequence[Made], float, float], Findings]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    def read(made: Sequence[Made], since: float, until: float) -> Findings:
        path = tmp_path / "calls.db"
        path.unlink(missing_ok=True)
        fill(path, iter(made))
        with opened_range(path, since, until, until) as stored:
            return findings(stored, (), lambda _: None)

    return read


def columns_of(calls: Sequence[tuple[str, float]]) -> Columns:
    """(caller, started) each, in this order."""
    gathering = Gathering()
    for place, (caller, started) in enumerate(calls):
        record = a_call(str(place), caller=caller, started=started, evidence=())
        gathering.take(row_of(record))
    return gathering.columns()


def row_of(r: CallRecord, ended: bool = False) -> tuple[object, ...]:
    """As `StoreRange.calls` gives it."""
    end = an_end(r.uniqueid)
    tail = (end.uniqueid, end.ended, end.cause, end.disposition.value, end.queue, end.queue_wait, end.talk_time, "o")
    return (*r._replace(evidence="[]", tampering="[]", conduct="[]"), *(tail if ended else (None,) * 8))  # type: ignore[arg-type]
