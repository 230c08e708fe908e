"""What reports and the tuning read is the same, whichever kind of store it was written to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agi_screen.base.clock import ManualClock
from agi_screen.base.errors import StoreError
from agi_screen.base.records import Feedback
from agi_screen.base.store import Store
from agi_screen.base.store_opening import reading
from agi_screen.base.store_place import Place
from agi_screen.base.store_range import StoreRange, opened_range
from agi_screen.base.verdict import CaptchaResult, Level, Verdict
from agi_screen.what_if.tuning.sample import read_attacks, read_sample
from tests.made import NOON, a_call, an_end
from tests.postgresql import OwnServer

DAY = 86400.0
VERDICTS = (Verdict.ALLOW, Verdict.CHALLENGE, Verdict.REJECT)


async def filled(place: Place) -> Place:
    """Two days of calls that differ in what is asked for, and an attack in the middle."""
    store = await Store.open(place, clock=ManualClock(NOON))
    calls = [
        a_call(
            f"c{n:03}",
            started=NOON + n * 900.5,
            caller=f"+1415{n % 7}",
            verdict=VERDICTS[n % 3],
            level=Level.SIEGE if 60 <= n < 70 else Level.NORMAL,
            captcha=CaptchaResult.PASSED if n % 4 else CaptchaResult.FAILED,
        )
        for n in range(190)
    ]
    await store.save_calls(calls)
    await store.save_ends([an_end(call.uniqueid, talk_time=float(n)) for n, call in enumerate(calls) if n % 2])
    for label in ("robot", "person"):
        await store.save_feedback(Feedback("c010", "+1", label, "PJSIP/1", NOON + 1))
    await store.set_setting("level", "siege", "ann", NOON)
    await store.close()
    return place


ASKED: dict[str, Callable[[StoreRange], Any]] = {
    "count": lambda r: r.count(),
    "calls": lambda r: list(r.calls()),
    "first": lambda r: r.first_record(),
    "minutes": lambda r: list(r.calls_a_minute(NOON)),
    "callers": lambda r: sorted(r.callers_before(NOON)),
    "feedback": lambda r: list(r.feedback()),
    "settings": lambda r: list(r.settings_history()),
}


async def test_reports_read_the_same(postgresql: OwnServer, tmp_path: Path) -> None:
    places = [await filled(tmp_path / "x.db"), await filled(postgresql.place())]
    answers = []
    for place in places:
        with opened_range(place, NOON + 3600, NOON + DAY, NOON) as stored:
            answers.append({name: ask(stored) for name, ask in ASKED.items()})
    assert answers[0] == answers[1]
    assert all(answers[0].values())


async def test_tuning_reads_the_same(postgresql: OwnServer, tmp_path: Path) -> None:
    places = [await filled(tmp_path / "x.db"), await filled(postgresql.place())]
    file, server = [read_sample(place, NOON + 3600, NOON + DAY, NOON, 30.0, 50) for place in places]
    assert (file.calls, file.total, file.names) == (server.calls, server.total, server.names)
    assert len(file) == 50
    for column in ("points", "kind", "level", "verdict", "fixed", "passed"):
        assert (getattr(file, column) == getattr(server, column)).all()
    attacks = [read_attacks(place, NOON, NOON + 2 * DAY, NOON) for place in places]
    assert attacks[0] == attacks[1]
    assert [attack.calls for attack in attacks[0]] == [10]


async def test_a_report_sees_one_state_and_changes_none(postgresql: OwnServer) -> None:
    place = await filled(postgresql.place())
    with opened_range(place, 0.0, NOON + 9 * DAY, NOON) as stored:
        before = stored.count()
        store = await Store.open(place, clock=ManualClock(NOON))
        await store.save_calls([a_call("new")])
        await store.close()
        assert stored.count() == before
    with pytest.raises(StoreError, match="read-only"), reading(place, NOON) as conn:
        conn.execute("SELECT nextval('feedback_n_seq')").fetchone()
