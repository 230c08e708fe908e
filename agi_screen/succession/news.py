"""What the elder tells its successor of calls that end with it, and how the successor takes it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from agi_screen.base.happened import Happened
from agi_screen.base.records import CallRecord, Pass
from agi_screen.daemon import Daemon
from agi_screen.succession.pair import Message, Pair
from agi_screen.succession.state import PASSES
from agi_screen.trail.tracked import TrackedCall

log = logging.getLogger("agi_screen.restart")

CALL: TypeAdapter[TrackedCall] = TypeAdapter(TrackedCall)
RECORD: TypeAdapter[CallRecord] = TypeAdapter(CallRecord)
HAPPENED: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Happened)}
CHUNK = 100


class Teller:
    """The elder's side: from now on its trail and its judge tell the successor."""

    def __init__(self, daemon: Daemon, pair: Pair) -> None:
        self._daemon = daemon
        self._pair = pair
        daemon.trail.heir = self._decided
        daemon.judge.on_learned = self._learned

    def _decided(self, record: CallRecord, passes: Sequence[Pass]) -> None:
        call = self._daemon.tracker.hand_on(record.uniqueid)
        followed = CALL.dump_python(call, mode="json") if call is not None else None
        given = [asdict(held) for held in passes]
        self._pair.send("decided", record=RECORD.dump_python(record, mode="json"), call=followed, passes=given)

    def _learned(self, happened: Happened) -> None:
        kind = type(happened).__name__
        self._pair.send("learned", kind=kind, what=HAPPENED[kind].dump_python(happened, mode="json"))

    async def hand_on_calls(self) -> int:
        """The calls that have their verdict and go on: the successor follows them to their end."""
        told = 0
        for uniqueid in self._daemon.tracker.decided:
            call = self._daemon.tracker.hand_on(uniqueid)
            if call is not None:
                self._pair.send("call", call=CALL.dump_python(call, mode="json"))
                told += 1
            if told % CHUNK == 0:
                await self._pair.drain()
        self._pair.send("settled")
        await self._pair.drain()
        return told


class Taker:
    """The successor's side: `take` one message."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        daemon.tracker.expect()
        self._by_name: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "decided": self._decided,
            "learned": self._learned,
            "call": self._call,
            "settled": lambda _: daemon.tracker.settled(),
        }

    def take(self, message: Message) -> None:
        """What is not understood is said and left."""
        try:
            self._by_name[message["is"]](message)
        except (KeyError, TypeError, ValidationError) as error:
            log.error("the daemon before us said what we do not understand: %s", error)

    def _decided(self, said: Mapping[str, Any]) -> None:
        record = RECORD.validate_python(said["record"])
        passes = PASSES.validate_python(said["passes"])
        self._daemon.passes.restore(passes)
        self._daemon.recorder.passes(passes)
        if said["call"] is not None:
            self._daemon.tracker.adopt(CALL.validate_python(said["call"]))
        self._daemon.trail.inherited(record)

    def _learned(self, said: Mapping[str, Any]) -> None:
        self._daemon.trail.learned(HAPPENED[said["kind"]].validate_python(said["what"]))

    def _call(self, said: Mapping[str, Any]) -> None:
        call = CALL.validate_python(said["call"])
        if call.record is not None:
            self._daemon.trail.remember(call.record)
        self._daemon.tracker.adopt(call)
