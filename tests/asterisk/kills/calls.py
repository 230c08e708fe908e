"""The calls of a run: fifty a second that want an operator, and some that are in a CAPTCHA when the daemon dies."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from benchmarks.load_programs import program
from tests.asterisk.ami import Ami, Event
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until

SCREENED, ASKED = "18005550300", "18005550301"
ASKED_CALLERS = "+1651555"
# The caller hears no answer before an operator gives it: who was answered has reached one.
SITE = f"""
[from-trunk]
exten => {SCREENED},1,Gosub(agi-screen,s,1)
 same => n,UserEvent(Decided,Id: ${{SCREEN_CALL_ID}},Verdict: ${{SCREEN_VERDICT}},Why: ${{SCREEN_ERROR}})
 same => n,Dial(PJSIP/operator,20)
exten => {ASKED},1,Set(AGI_SCREEN_AGI=agi://${{AGI_SCREEN_DAEMON}}/captcha)
 same => n,Gosub(agi-screen,s,1)
 same => n,Dial(PJSIP/operator,20)
"""
OPERATOR_SECONDS = 20.0


@dataclass(slots=True)
class Told:
    """What the callers and the dialplan saw."""

    placed: int = 0
    answered: int = 0
    refused: int = 0
    open: int = 0
    resent: int = 0
    slowest_ms: float = 0.0
    asked: int = 0
    asked_reached: int = 0
    verdicts: dict[str, str] = field(default_factory=dict)  # of each record's id
    unscreened: Counter[str] = field(default_factory=Counter)


class Calls:
    """`start` calls until `stop`; `ask` places one call that is asked questions."""

    def __init__(self, lab: Lab, desk: Desk, ami: Ami, rate: int, chunk_seconds: float) -> None:
        self.told = Told()
        self._lab, self._desk, self._ami = lab, desk, ami
        self._rate, self._chunk = rate, chunk_seconds
        self._callers = itertools.count(1)
        self._over = False
        self._task: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self._ami.action("Events", EventMask="user")
        self._ami.listeners.append(self._event)
        self._task = asyncio.create_task(self._keep_calling())

    async def stop(self) -> None:
        """Waits for the end of all calls."""
        self._over = True
        assert self._task is not None
        await self._task
        await asyncio.gather(*self._asked)

    def ask(self) -> None:
        task = asyncio.create_task(self._ask(f"{ASKED_CALLERS}{next(self._callers):04d}"))
        self._asked.add(task)

    async def _keep_calling(self) -> None:
        while not self._over:
            words = (self._lab.ports.sip, SCREENED, self._rate, self._chunk, self.told.placed)
            load = await asyncio.create_subprocess_exec(
                program("sip_load"), *map(str, words), stdout=asyncio.subprocess.PIPE
            )
            said = json.loads((await load.communicate())[0])
            for name in ("placed", "answered", "refused", "open", "resent"):
                setattr(self.told, name, getattr(self.told, name) + said[name])
            self.told.slowest_ms = max(self.told.slowest_ms, said["max"])
            self._forget()

    def _forget(self) -> None:
        """A thousand kills are a hundred thousand calls."""
        self._ami.events.clear()
        for call_id, call in list(self._desk.calls.items()):
            if call.ended and ASKED_CALLERS not in call.caller:
                del self._desk.calls[call_id]

    async def _ask(self, number: str) -> None:
        self.told.asked += 1
        async with await Caller.place(Dial(self._lab.ports.sip, ASKED, number)):
            with suppress(AssertionError):
                await until(lambda: bool(self._desk.calls_of(number)), OPERATOR_SECONDS)
                self.told.asked_reached += 1

    def _event(self, event: Event) -> None:
        if event.get("UserEvent") != "Decided":
            return
        if event.get("Verdict"):
            self.told.verdicts[event["Id"]] = event["Verdict"]
        else:
            self.told.unscreened[event.get("Why", "")] += 1
