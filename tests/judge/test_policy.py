"""Each row of `tests/calls/policy.toml` is one test of the shipped policy."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from agi_screen.base.call import Call
from agi_screen.base.clock import ManualClock
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.judge.judge import Judge
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.settings import load

ROWS = tomllib.loads((Path(__file__).parents[1] / "calls/policy.toml").read_text())["call"]
TRUNK = "PJSIP/trunk"
BY_HAND = (1.0, 5.0, 2.0, 4.5, 2.5)  # seconds between redials: 20 in a minute, unevenly


def judge_for(row: dict[str, Any], clock: ManualClock, folder: Path) -> Judge:
    level, mode = row.get("level", "normal"), row.get("mode", "enforce")
    (folder / "agi-screen.toml").write_text(f'mode = "{mode}"\n[policy]\nlevel = "{level}"\n')
    settings = load(folder / "agi-screen.toml")
    entries = [ListEntry(ListName(a), MatchKind(b), c) for a, b, c in row.get("lists", [])]
    passes = PassBook(100, clock, row.get("passes", 1), 3600)
    if "passes" in row:
        passes.grant(NumberPlan("US", 10).number(row["caller"]).e164, TRUNK)
    return Judge(settings.config, settings.signals, Lists.build(entries, clock.wall()), passes)


def call_of(row: dict[str, Any], clock: ManualClock) -> Call:
    plan = NumberPlan("US", 10)
    tampering = tuple(row.get("tampering", ()))
    number, did = plan.number(row["caller"]), plan.number("18005550100")
    call = Call("id", number, did, TRUNK, "", "u", clock.wall(), clock.ticks(), tampering=tampering)
    return call._replace(**row.get("headers", {}))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_policy(row: dict[str, Any], tmp_path: Path) -> None:
    clock = ManualClock(1.7e9)
    judge = judge_for(row, clock, tmp_path)
    judge.lists, lists = Lists.build([], clock.wall()), judge.lists  # earlier calls were not listed
    for n in range(row.get("calls", 1) - 1):
        judge.passes, passes = PassBook(1, clock, 1, 1), judge.passes
        judge.decide(call_of(row, clock))
        judge.passes = passes
        clock.advance(3.0 if row.get("clock") else BY_HAND[n % len(BY_HAND)])
    judge.lists = lists
    explained = judge.explain(call_of(row, clock))
    decision = judge.decide(call_of(row, clock))
    assert decision.verdict == row["verdict"]
    assert decision.final == row.get("final", "")
    found = {e.signal: e.score for e in decision.evidence}
    assert found == pytest.approx(row.get("signals", {}), abs=0.35)  # tokens come back while the calls come
    assert decision.score == pytest.approx(row.get("score", sum(found.values())))
    if row.get("mode", "enforce") == "enforce":
        assert (explained.verdict, explained.final) == (decision.verdict, decision.final)
        assert {e.signal: e.score for e in explained.evidence} == pytest.approx(found)
