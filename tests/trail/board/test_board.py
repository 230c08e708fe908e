"""The board: calls by second and verdict, CAPTCHAs once, the newest, what a viewer has not seen."""

from __future__ import annotations

from typing import Any

from agi_screen.base.clock import ManualClock
from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.trail.board.board import BATCH, COLUMNS, Board, Mark
from tests.made import NOON, a_call, an_end

ALLOWED = {"verdict": Verdict.ALLOW, "final_verdict": Verdict.ALLOW, "captcha": CaptchaResult.SKIPPED}
REJECTED = {"verdict": Verdict.REJECT, "final_verdict": Verdict.REJECT, "captcha": CaptchaResult.SKIPPED}


def boards() -> tuple[Board, ManualClock]:
    clock = ManualClock(NOON)
    return Board(clock), clock


def call(number: int, **changes: Any) -> CallRecord:
    return a_call(f"c{number}", **{"caller": f"+1415555{number:04}", **ALLOWED, **changes})


def named(row: list[int]) -> dict[str, int]:
    return {name: count for name, count in zip(COLUMNS, row, strict=True) if count}


def test_calls_count_in_the_second_they_came_in() -> None:
    board, clock = boards()
    board.decided(call(1))
    board.decided(call(2, **REJECTED))
    clock.advance(2)
    board.decided(call(3))
    clock.advance(1)
    parts, mark = board.parts(Mark())
    assert [named(row) for row in parts["seconds"]["rows"]] == [{"allow": 1, "reject": 1}, {}, {"allow": 1}]
    assert named(list(parts["totals"].values())) == {"allow": 2, "reject": 1}
    assert board.parts(mark)[0]["seconds"]["rows"] == []


def test_a_wall_clock_set_back_or_ahead_moves_no_count() -> None:
    board, clock = boards()
    board.decided(call(1))
    clock.advance(-7200)
    board.decided(call(2))
    clock.advance(1)
    parts, _ = board.parts(Mark())
    assert [named(row) for row in parts["seconds"]["rows"]] == [{"allow": 2}]


def test_a_captcha_counts_when_it_begins_and_once() -> None:
    board, clock = boards()
    board.challenged()
    assert named(list(board.parts(Mark())[0]["recent"].values())) == {"challenge": 1}
    clock.advance(20)
    board.decided(a_call("c1", captcha=CaptchaResult.PASSED))
    clock.advance(1)
    assert named(list(board.parts(Mark())[0]["recent"].values())) == {"challenge": 1, "passed": 1}


def test_who_was_offered_none_did_not_hang_up_in_it() -> None:
    board, _ = boards()
    board.challenged()
    board.decided(a_call("c1", captcha=CaptchaResult.HUNGUP, error="captcha_limit", final_verdict=Verdict.CHALLENGE))
    assert named(list(board.parts(Mark())[0]["recent"].values())) == {"challenge": 1, "elsewhere": 1}


def test_a_challenge_left_to_the_dialplan_counts_by_its_record() -> None:
    board, _ = boards()
    board.decided(a_call("c1", captcha=CaptchaResult.SKIPPED, final_verdict=Verdict.CHALLENGE))
    assert named(list(board.parts(Mark())[0]["recent"].values())) == {"challenge": 1}


def test_a_viewer_is_told_what_it_has_not_seen() -> None:
    board, _ = boards()
    for number in range(3):
        board.decided(call(number))
    parts, mark = board.parts(Mark())
    assert [told["id"] for told in parts["calls"]] == ["c2", "c1", "c0"]
    board.decided(call(3))
    board.ended(an_end("u-c1"), call(1))
    parts, mark = board.parts(mark)
    assert [told["id"] for told in parts["calls"]] == ["c3"]
    assert [(told["id"], told["end"]["how"]) for told in parts["ends"]] == [("c1", "talked")]
    assert board.parts(mark)[0]["calls"] == board.parts(mark)[0]["ends"] == []
    whole = {told["id"]: told["end"] for told in board.parts(Mark())[0]["calls"]}
    assert whole["c1"]["talk"] == 61.2
    assert whole["c2"] is None


def test_a_flood_keeps_the_newest_hundred_and_counts_all() -> None:
    board, clock = boards()
    for number in range(10 * BATCH):
        board.decided(call(number))
    clock.advance(1)
    parts, _ = board.parts(Mark())
    assert len(parts["calls"]) == 100
    assert parts["calls"][0]["id"] == f"c{10 * BATCH - 1}"
    assert parts["totals"]["allow"] == 10 * BATCH
    assert len(parts["top"]["callers"]["rows"]) <= 10


def test_tops_name_who_calls_and_who_was_stopped() -> None:
    board, _ = boards()
    for number in range(4):
        board.decided(call(number, caller="+14155550001", **(REJECTED if number else ALLOWED)))
    board.decided(call(9, caller="", caller_raw="", caller_kind="anonymous"))
    top = board.parts(Mark())[0]["top"]
    assert top["callers"]["rows"] == [("+14155550001", 4, 3), ("anonymous", 1, 0)]
    assert top["blocks"]["rows"] == [("+1415555", 4, 3)]
    assert top["areas"]["rows"] == [("+1415", 4, 3), ("anonymous", 1, 0)]
    assert top["dids"]["rows"] == [("+18005551234", 5, 3)]


def test_hours_of_silence_empty_the_window() -> None:
    board, clock = boards()
    board.decided(call(1))
    clock.advance(7200)
    parts, _ = board.parts(Mark())
    assert sum(parts["recent"].values()) == 0
    assert parts["totals"]["allow"] == 1
    assert sum(map(sum, parts["minutes"]["rows"])) == 1
    assert parts["top"]["callers"]["rows"] == []
    assert parts["distinct"]["callers"]["hour"] == 0
