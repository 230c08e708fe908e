"""Replies of Asterisk, in a talk of four commands: the compiled door and its twin hear and say the same."""

from __future__ import annotations

from typing import Any

from agi_screen.base.agi_wire import Reply, command, mset, parse_reply
from agi_screen.base.errors import HangupError
from agi_screen.inbound.conversation import Steps, converse
from agi_screen.inbound.environment import Environment
from tests.fuzz.target import Target
from tests.fuzz.targets.doors import CompiledDoor, PureDoor
from tests.fuzz.targets.promises import check_commands

ASK = b"agi_network_script: screen\nagi_channel: PJSIP/t-1\n\n"
COMMANDS = (
    command("ANSWER"),
    command("STREAM FILE", "agi-screen/press", "0123456789"),
    command("WAIT FOR DIGIT", "500"),
)
END = mset({"SCREEN_VERDICT": "allow"})
SEEDS = (
    ASK + b"200 result=0\n200 result=53 endpos=160\n200 result=-1\n200 result=0\n",
    ASK
    + b"520-Invalid command syntax.  Proper usage follows:\nUsage: ANSWER\n520 End of proper usage.\n200 result=0\n",
    ASK + b"HANGUP\n511 Command Not Permitted on a dead channel or intercept routine\n",
    ASK + b"200 result=1 (12345)\n200 result=0 endpos=5920\n510 Invalid or unknown command\n200 result=0\n",
    ASK + b"100 Trying...\n200 result=49\n200 result=0\n200 result=0\n",
)
WORDS = (
    b"200 ",
    b"result=",
    b" endpos=",
    b"200 result=0",
    b"520-",
    b"520 ",
    b"HANGUP",
    b"511 ",
    b" (timeout)",
    b"result=-1",
)


class AgiReplies(Target):
    """`heard` is what a talk was told, reply by reply."""

    name = "agi_replies"
    what = "replies to AGI commands, through the compiled door and its pure twin"
    words = WORDS
    between = b"="
    seeds = SEEDS
    modules = ("agi_screen.inbound._sessions_py", "agi_screen.base.agi_wire", "agi_screen.inbound.conversation")

    def __init__(self) -> None:
        self._heard: list[Any] = []
        self._compiled, self._pure = CompiledDoor(self._asked), PureDoor(self._asked)

    async def open(self) -> None:
        await self._compiled.open()

    async def close(self) -> None:
        self._compiled.close()

    def _asked(self, _: Environment, session: Any) -> None:
        converse(session, self._steps(session))

    def _steps(self, session: Any) -> Steps:
        for line in COMMANDS:
            try:
                self._heard.append((yield line, 3600.0))
            except HangupError:
                self._heard.append("hung up")
                break
        session.finish(END)

    def take(self, data: bytes) -> None:
        for line in data.split(b"\n"):
            check_reply(line.decode("utf-8", "replace"))
        talks = [self._talk(door, data) for door in (self._compiled, self._pure)]
        assert talks[0] == talks[1], talks

    def _talk(self, door: CompiledDoor | PureDoor, data: bytes) -> tuple[bytes, list[Any], list[str]]:
        self._heard = []
        said = door.talk(data)
        check_commands(said)
        aborts, door.owner.aborts = door.owner.aborts, []
        return said, self._heard, aborts


def check_reply(line: str) -> None:
    """A reply is one only if it begins as one, and its figures are figures."""
    reply = parse_reply(line)
    if reply is None:
        return
    assert isinstance(reply, Reply)
    assert 0 <= reply.code <= 999
    assert line[:3].isascii()
    assert line[:3].isdigit()
    assert " " not in reply.result
    assert 0 <= reply.endpos < 10**18
