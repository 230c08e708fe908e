"""A table to read: each row a signal, what it is shown, and whether it speaks against (+), for (-), or not at all."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest

from agi_screen.base.call import Call
from agi_screen.judge.blocks import Block
from agi_screen.judge.signal import Facts
from agi_screen.judge.surge import Surges
from tests.judge.calls import MISSING, WITHHELD, a_call_at
from tests.judge.signals.made import CALL, DAY, NOW, TABLES, history, points

AGAINST, FOR, SILENT = 1, -1, 0
KNOWN = history(talks=3, talked=300.0, last_talk=NOW - DAY, trunk="t")
ODD = CALL._replace(tampering=("control:2",))
OTHER_TRUNK = CALL._replace(trunk="other")
NEIGHBOUR = a_call_at(NOW, "+18005550199")
ITSELF = a_call_at(NOW, "+18005550100")
FULL_BLOCK = Block(digits=8, over=9.0, calls=60.0, usual=0.0, distinct=50.0, sequential=0.0)
IN_A_ROW = Block(digits=8, over=1.0, calls=9.0, distinct=9.0, sequential=9.0)
TWO = Block(digits=8, over=0.6, calls=2.0, distinct=2.0, sequential=1.0)
FORGED = Surges(known=0.5)
LONG_AGO = NOW - 400 * DAY


class Row(NamedTuple):
    signal: str
    shown: str
    says: int
    facts: Facts = Facts()
    call: Call = CALL
    keys: dict[str, object] = {}  # noqa: RUF012 - never written to


def caller(**facts: object) -> Facts:
    return Facts(caller=history(**facts))


def clock(gaps: int = 9, deviation: float = 0.0) -> Facts:
    return caller(calls=gaps + 1, gaps=gaps, gap=60.0, spread=(60.0 * deviation) ** 2)


ROWS = [
    Row("anonymous", "withheld", AGAINST, call=a_call_at(NOW, WITHHELD)),
    Row("anonymous", "no number", AGAINST, call=a_call_at(NOW, MISSING)),
    Row("anonymous", "a number", SILENT),
    Row("invalid_number", "of no plan", AGAINST, call=a_call_at(NOW, "0000")),
    Row("invalid_number", "the dialled one", AGAINST, call=ITSELF),
    Row("invalid_number", "a good one", SILENT),
    Row("invalid_number", "withheld", SILENT, call=a_call_at(NOW, WITHHELD)),
    Row("hostile_caller_id", "control characters", AGAINST, call=ODD),
    Row("hostile_caller_id", "clean", SILENT),
    Row("neighbour", "same exchange as the dialled", AGAINST, call=NEIGHBOUR),
    Row("neighbour", "the dialled number itself", SILENT, call=ITSELF),
    Row("neighbour", "from elsewhere", SILENT),
    Row("neighbour", "no number", SILENT, call=a_call_at(NOW, MISSING, dialled="")),
    Row("unexpected_region", "not served", AGAINST, keys={"served": ["+1612", "+44"]}),
    Row("unexpected_region", "served", SILENT, keys={"served": ["+1415"]}),
    Row("unexpected_region", "not served but known", SILENT, Facts(caller=KNOWN), keys={"served": ["+1612"]}),
    Row("unexpected_region", "an area that never calls", AGAINST, Facts(block=Block(share=0.0))),
    Row("unexpected_region", "an area that does", SILENT, Facts(block=Block(share=0.5))),
    Row("unexpected_region", "too little learned", SILENT, Facts(block=Block(share=-1.0))),
    Row("unexpected_region", "no number", SILENT, call=a_call_at(NOW, WITHHELD), keys={"served": ["+1612"]}),
    Row("caller_rate", "over the limit", AGAINST, Facts(tokens={"caller_rate": -2.0})),
    Row("caller_rate", "the last token taken", SILENT, Facts(tokens={"caller_rate": 0.0})),
    Row("caller_rate", "no bucket", SILENT, Facts(tokens={"caller_rate": float("nan")})),
    Row("block_rate", "far over its share", AGAINST, Facts(block=FULL_BLOCK)),
    Row("block_rate", "at its limit", SILENT, Facts(block=FULL_BLOCK._replace(over=1.0))),
    Row("block_rate", "of a known caller", SILENT, Facts(caller=KNOWN, block=FULL_BLOCK)),
    Row("block_rate", "of a known number, forged", AGAINST, Facts(caller=KNOWN, block=FULL_BLOCK, surges=FORGED)),
    Row("distinct_callers", "many numbers", AGAINST, Facts(block=FULL_BLOCK)),
    Row("distinct_callers", "one after the other", AGAINST, Facts(block=IN_A_ROW)),
    Row("distinct_callers", "two neighbours by chance", SILENT, Facts(block=TWO)),
    Row("distinct_callers", "one number", SILENT, Facts(block=Block(digits=8, over=9.0, calls=60.0, distinct=1.0))),
    Row("distinct_callers", "an area", SILENT, Facts(block=FULL_BLOCK._replace(digits=4))),
    Row("distinct_callers", "of a known caller", SILENT, Facts(caller=KNOWN, block=FULL_BLOCK)),
    Row("concurrent_calls", "twenty at once", AGAINST, caller(open=20)),
    Row("concurrent_calls", "an office", SILENT, caller(open=3)),
    Row("concurrent_calls", "nobody", SILENT),
    Row("regularity", "like a clock", AGAINST, clock()),
    Row("regularity", "by chance", SILENT, clock(deviation=1.0)),
    Row("regularity", "by hand", SILENT, clock(deviation=0.5)),
    Row("regularity", "too few to see", SILENT, clock(gaps=2)),
    Row("regularity", "a block like a clock", AGAINST, Facts(block=Block(8, 1.5, gaps=19, gap=6.0, evenness=0.03))),
    Row("regularity", "a block by chance", SILENT, Facts(block=Block(8, 1.5, gaps=19, gap=6.0, evenness=0.9))),
    Row("regularity", "a whole area", SILENT, Facts(block=Block(4, 1.5, gaps=89, gap=3.0, evenness=0.03))),
    Row("short_calls", "operators hung up", AGAINST, caller(talks=3, shorts=3)),
    Row("short_calls", "but once talked at length", SILENT, caller(talks=4, shorts=3, talked=60.0)),
    Row("short_calls", "none short", SILENT, caller(talks=3)),
    Row("redial", "got nobody and tries again", FOR, caller(calls=2, unserved_run=1, unserved=NOW - 60)),
    Row("redial", "served last time", SILENT, caller(calls=2)),
    Row("redial", "hours later", SILENT, caller(calls=2, unserved_run=1, unserved=NOW - DAY)),
    Row("redial", "too many times", SILENT, caller(calls=99, unserved_run=98, unserved=NOW - 60)),
    Row("redial", "failed a CAPTCHA", SILENT, caller(calls=2, unserved_run=1, unserved=NOW - 60, failed=1)),
    Row("redial", "like a clock", SILENT, caller(unserved_run=5, unserved=NOW - 60, gaps=5, gap=60.0)),
    Row("known_caller", "talked yesterday", FOR, Facts(caller=KNOWN)),
    Row("known_caller", "marked as a person", FOR, caller(person=1, marked_at=NOW - DAY)),
    Row("known_caller", "talked years ago", SILENT, caller(talks=3, talked=300.0, last_talk=LONG_AGO)),
    Row("known_caller", "only short talks", SILENT, caller(talks=9, shorts=9, last_talk=NOW - DAY)),
    Row("known_caller", "while known callers surge", SILENT, Facts(caller=KNOWN, surges=Surges(known=0.5))),
    Row("known_caller", "while strangers surge", FOR, Facts(caller=KNOWN, surges=Surges(unknown=1.0))),
    Row("captcha_history", "failed", AGAINST, caller(failed=1, captcha_at=NOW - 60)),
    Row("captcha_history", "hung up three times", AGAINST, caller(hungup=3, captcha_at=NOW - 60)),
    Row("captcha_history", "hung up twice, annoyed", SILENT, caller(hungup=2, captcha_at=NOW - 60)),
    Row("captcha_history", "passed", FOR, caller(passed=1, captcha_at=NOW - 60)),
    Row("captcha_history", "passed, and its calls were short", SILENT, caller(passed=1, captcha_at=NOW - 60, shorts=1)),
    Row("captcha_history", "failed long ago", SILENT, caller(failed=3, captcha_at=LONG_AGO)),
    Row("captcha_history", "never asked", SILENT),
    Row("operator_feedback", "a robot", AGAINST, caller(robot=2, person=1, marked_at=NOW - 60)),
    Row("operator_feedback", "a person", FOR, caller(robot=1, person=2, marked_at=NOW - 60)),
    Row("operator_feedback", "as many say so as so", SILENT, caller(robot=1, person=1, marked_at=NOW - 60)),
    Row("operator_feedback", "long ago", SILENT, caller(robot=1, marked_at=LONG_AGO)),
    Row("surge", "a stranger among strangers", AGAINST, Facts(surges=Surges(unknown=0.7))),
    Row("surge", "a known caller among strangers", SILENT, Facts(caller=KNOWN, surges=Surges(unknown=0.7))),
    Row("surge", "a known caller among forged ones", AGAINST, Facts(caller=KNOWN, surges=Surges(known=0.7))),
    Row("surge", "calm", SILENT),
    Row("trunk_rate", "the attacked trunk", AGAINST, Facts(surges=Surges(trunk=0.7))),
    Row("trunk_rate", "a known caller on it", SILENT, Facts(caller=KNOWN, surges=Surges(trunk=0.7))),
    Row("trunk_rate", "another trunk", SILENT, Facts(surges=Surges(unknown=0.7))),
    Row("did_rate", "the attacked number", AGAINST, Facts(surges=Surges(did=0.7))),
    Row("did_rate", "a known caller of it", SILENT, Facts(caller=KNOWN, surges=Surges(did=0.7))),
    Row("did_rate", "another number", SILENT, Facts(surges=Surges(unknown=0.7))),
    Row("business_hours", "no hours are said", SILENT),
    Row("business_hours", "closed", AGAINST, keys={"open": ["sat 08:00-09:00"]}),
    Row("business_hours", "open", SILENT, keys={"open": ["mon-sun 00:00-24:00"]}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.signal}: {row.shown}")
def test_when_it_speaks(row: Row) -> None:
    found = points(row.signal, row.facts, row.call, **row.keys)
    assert (found > 0) - (found < 0) == row.says


def grows(name: str, *facts: Facts) -> bool:
    strengths = [abs(points(name, shown)) for shown in facts]
    return all(a < b for a, b in pairwise(strengths))


def test_the_more_the_stronger() -> None:
    assert grows("caller_rate", *(Facts(tokens={"caller_rate": float(-n)}) for n in (1, 2, 3)))
    assert grows("concurrent_calls", *(caller(open=TABLES["concurrent_calls"]["limit"] + n) for n in (0, 1, 2)))
    assert grows("captcha_history", *(caller(failed=n, captcha_at=NOW) for n in (1, 2, 3)))
    assert grows("redial", *(caller(unserved_run=n, unserved=NOW) for n in (1, 2, 3)))
    assert grows("known_caller", *(caller(talks=n, talked=60.0, last_talk=NOW) for n in (1, 2, 3)))
    assert grows("block_rate", *(Facts(block=FULL_BLOCK._replace(over=over)) for over in (1.5, 2.0, 2.5)))
    assert grows("distinct_callers", *(Facts(block=FULL_BLOCK._replace(distinct=d)) for d in (10.0, 12.0, 14.0)))
    assert grows("surge", *(Facts(surges=Surges(unknown=s)) for s in (0.5, 0.7, 0.9)))


def test_a_known_number_on_another_trunk_is_believed_less() -> None:
    here, there = (points("known_caller", Facts(caller=KNOWN), call) for call in (CALL, OTHER_TRUNK))
    assert here < there < 0


def test_three_failures_are_full_strength() -> None:
    assert points("captcha_history", caller(failed=3, captcha_at=NOW)) == 1.0


def test_what_a_block_usually_sends_is_excused() -> None:
    assert points("distinct_callers", Facts(block=FULL_BLOCK._replace(usual=25.0))) == 0.0
