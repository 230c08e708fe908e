"""A whole session: environment, verdict, CAPTCHA, ways on, through the compiled door and the real screen."""

from __future__ import annotations

from typing import Any

from agi_screen.inbound.environment import Environment
from tests.fuzz.target import Target
from tests.fuzz.targets.agi_environment import ARGUMENTS, whole
from tests.fuzz.targets.doors import CompiledDoor
from tests.fuzz.targets.made_screen import MadeScreen
from tests.fuzz.targets.promises import check_commands, check_record

KEYS = b"".join(b"200 result=%d endpos=%d\n" % (48 + key, 800 * key) for key in range(10))
FINE = b"200 result=0\n" * 30
TALKS = (
    FINE,
    KEYS + KEYS,
    b"200 result=0\n" * 5 + KEYS,
    b"200 result=42\n" * 20,
    b"200 result=0 endpos=9000\nHANGUP\n",
)
ROUTES = {"agi_network_script": "captcha"}
SEEDS = (
    *(whole(ARGUMENTS, **ROUTES) + b"\n\n" + talk for talk in TALKS),
    *(
        whole(ARGUMENTS, agi_network_script=route) + b"\n\n" + FINE
        for route in ("screen", "decide", "feedback", "nope")
    ),
)
WORDS = (b"200 result=", b"200 result=53", b"200 result=-1", b"endpos=", b"HANGUP", b"511 ", b"510 Invalid", b"captcha")


class AgiSession(Target):
    """Digits of the CAPTCHA are chosen anew each time, so the same input does not lead to the same talk twice."""

    name = "agi_session"
    what = "whole sessions with the CAPTCHA, through the compiled door and the real screen"
    words = WORDS
    seeds = SEEDS
    modules = ("agi_screen.reply", "agi_screen.screen")

    def __init__(self) -> None:
        self._made = MadeScreen()
        self._door = CompiledDoor(self._asked)

    async def open(self) -> None:
        await self._door.open()

    async def close(self) -> None:
        self._door.close()

    def _asked(self, environment: Environment, session: Any) -> None:
        route = self._made.screen.routes.get(environment.route)
        if route is not None:
            route(environment, session)
        else:
            session.finish(b'EXEC MSet "SCREEN_VERDICT=allow"\n')

    def take(self, data: bytes) -> None:
        made = self._made
        made.clock.advance(1.0)
        check_commands(self._door.talk(data))
        self._door.owner.aborts.clear()
        assert made.room.running == 0, "somebody is still in the CAPTCHA"
        record = made.trail.taken()
        if record is not None:
            check_record(record)
