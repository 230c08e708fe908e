"""The AGI environment → a call → the judge → the command, the log line, the AMI event and the row it leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from zlib import crc32

from agi_screen.inbound import environment as careful
from agi_screen.inbound import request
from agi_screen.inbound._environment import ordinary
from agi_screen.inbound._request_py import to_call as to_call_py
from agi_screen.inbound.environment import KEYS, OPTIONS, Environment
from agi_screen.inbound.sessions import Session
from tests.fuzz.target import Target
from tests.fuzz.targets.made_screen import MadeScreen
from tests.fuzz.targets.promises import WORD, check_call, check_commands, check_record

EVERY_JUDGED = 20
MOST_LINES = careful.MAX_LINES + 3
VALUES = {"agi_network_script": "screen", "agi_channel": "PJSIP/my-trunk-00000001", "agi_uniqueid": "1700000000.1"}
VALUES |= {"agi_callerid": "4155552671", "agi_calleridname": "José", "agi_dnid": "18005550100", "agi_language": "en"}
ARGUMENTS = ("raw=4155552671", "removed=0", "control=0", "did=18005550100", "pres=0", "trunk=carrier-1")
SIGNED: tuple[str, ...] = (
    "identity=eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiJ9.eyJhdHRlc3QiOiJBIn0.c2ln;info=<https://c/c.pem>",
)
SIGNED += ("attest=success-A", "verstat=TN-Validation-Passed-A", "agent=friendly-scanner", "label=robot")


def whole(arguments: tuple[str, ...], **changed: str) -> bytes:
    """All lines that Asterisk sends, in its order."""
    lines = [f"{key}: {({**VALUES, **changed}).get(key, 'x')}" for key in KEYS]
    return "\n".join([*lines, *(f"agi_arg_{n}: {text}" for n, text in enumerate(arguments, 1))]).encode()


SEEDS = (
    whole(ARGUMENTS),
    whole((*ARGUMENTS, *SIGNED)),
    whole(ARGUMENTS, agi_callerid="unknown", agi_calleridname="unknown"),
    whole(("raw=anonymous", "control=3"), agi_callerid="unknown", agi_rdnis="+16505550100"),
    whole((), agi_callerid="+442079460000", agi_network_script="/decide?x=1"),
    whole(("raw=2671", "did=101"), agi_callerid="2671"),
)


class OneCommand:
    """A session that is told its last command."""

    hungup, why, noise = False, "", 0

    def __init__(self) -> None:
        self.sent = b""

    def send(self, line: bytes, then: Callable[[Any], None], within: float) -> None:
        """Nobody answers."""
        self.sent += line

    def finish(self, line: bytes) -> None:
        self.sent += line


class AgiEnvironment(Target):
    """Both parsers and both twins say the same; the facts are bounded; what comes out of us is ours."""

    name = "agi_environment"
    what = "AGI environment to the verdict's command, log line, AMI event and row"
    words = tuple(f"agi_{word}: ".encode() for word in (*KEYS[:3], "arg_1", "arg_2", "arg_100", "x")) + tuple(
        f"{option}=".encode() for option in sorted(OPTIONS)
    )
    seeds = SEEDS
    modules = ("agi_screen.inbound.environment", "agi_screen.inbound._request_py", "agi_screen.base.numbers")

    def __init__(self) -> None:
        self.made = MadeScreen()

    def take(self, data: bytes) -> None:
        made = self.made
        made.clock.advance(0.05)
        quick = ordinary(Environment, data)
        said = careful._line_by_line(data.decode("utf-8", "replace"))
        assert quick is None or quick == said, (quick, said)
        assert len(said.tampering) <= MOST_LINES
        assert all(map(WORD.fullmatch, said.tampering)), said.tampering
        call, plain = request.to_call(said, made.plan, made.clock), to_call_py(said, made.plan, made.clock)
        assert call._replace(id="") == plain._replace(id=""), (call, plain)
        check_call(call)
        if crc32(data) % EVERY_JUDGED == 0:
            self._judged(said)

    def _judged(self, said: Environment) -> None:
        """The whole way, which takes ten times as long: one in so many."""
        made, session = self.made, OneCommand()
        made.screen.decide(said, cast("Session", session))
        assert session.sent.count(b"\n") == 1
        check_commands(session.sent)
        record = made.trail.taken()
        assert record is not None
        check_record(record)
