"""Queues by events, set right by Asterisk's own list."""

from __future__ import annotations

from typing import Any, NamedTuple

from agi_screen.base.clock import ManualClock
from agi_screen.trail.board.queues import MOST_QUEUES, QueueBoard
from tests.made import NOON


class Heard(NamedTuple):
    name: str
    fields: dict[str, str]


def heard(name: str, queue: str = "desk", **fields: str) -> Heard:
    return Heard(name, {"Queue": queue, **fields})


def boards() -> tuple[QueueBoard, ManualClock]:
    clock = ManualClock(NOON)
    return QueueBoard(clock), clock


def only(board: QueueBoard) -> dict[str, Any]:
    (queue,) = board.state()
    return queue


def test_join_wait_answer_and_abandon() -> None:
    board, clock = boards()
    board.take(heard("QueueCallerJoin", Uniqueid="1"))
    clock.advance(10)
    board.take(heard("QueueCallerJoin", Uniqueid="2"))
    clock.advance(5)
    assert (only(board)["waiting"], only(board)["longest"]) == (2, 15)
    board.take(heard("QueueCallerLeave", Uniqueid="1"))
    board.take(heard("AgentConnect", Uniqueid="1", HoldTime="15"))
    board.take(heard("QueueCallerAbandon", Uniqueid="2"))
    queue = only(board)
    assert (queue["waiting"], queue["answered"], queue["abandoned"], queue["wait"]) == (0, 1, 1, 15)
    clock.advance(3700)
    assert (only(board)["answered"], only(board)["abandoned"]) == (0, 0)


def test_the_list_of_asterisk_counts_and_keeps_who_just_joined() -> None:
    board, clock = boards()
    board.take(heard("QueueCallerJoin", Uniqueid="gone"))  # its leaving was never heard
    clock.advance(10)
    board.take(heard("QueueCallerJoin", Uniqueid="new"))
    board.take(heard("AgentConnect", Uniqueid="x", HoldTime="4"))
    board.listed(
        [
            heard("QueueParams"),
            heard("QueueMember", Location="PJSIP/1", Status="1", Paused="0", InCall="0"),
            heard("QueueMember", Location="PJSIP/2", Status="2", Paused="0", InCall="1"),
            heard("QueueMember", Location="PJSIP/3", Status="1", Paused="1", InCall="0"),
            heard("QueueMember", Location="PJSIP/4", Status="5", Paused="1", InCall="0"),
            heard("QueueEntry", Uniqueid="old", Wait="90"),
            heard("QueueEntry", "no such queue", Uniqueid="old", Wait="90"),
        ]
    )
    queue = only(board)
    assert (queue["waiting"], queue["longest"], queue["answered"]) == (2, 90, 1)
    assert queue["members"] == {"free": 1, "talking": 1, "ringing": 0, "paused": 1, "gone": 1}


def test_hostile_and_endless_names_stay_bounded() -> None:
    board, _ = boards()
    for number in range(10 * MOST_QUEUES):
        board.take(heard("QueueCallerJoin", f"queue {number}"))
    board.take(Heard("AgentConnect", {}))
    board.take(heard("AgentConnect", "queue 1", HoldTime="not a number"))
    assert len(board.state()) == MOST_QUEUES


def test_reset_keeps_counts_and_lets_callers_go() -> None:
    board, _ = boards()
    board.take(heard("QueueCallerJoin", Uniqueid="1"))
    board.take(heard("QueueCallerAbandon", Uniqueid="0"))
    board.reset()
    assert (only(board)["waiting"], only(board)["abandoned"]) == (0, 1)
