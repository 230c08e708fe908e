"""What is measured of a caller, from the keys over AGI to the judge's doubt and back to one more question."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agi_screen.base.agi_wire import Reply
from agi_screen.base.call import Call, Number, NumberKind
from agi_screen.base.clock import ManualClock
from agi_screen.base.conduct import Conduct
from agi_screen.base.verdict import CaptchaResult, Level
from agi_screen.reply.captcha.captcha import CaptchaRoom, Ended, Sitting
from agi_screen.reply.captcha.ivr import Ears, Ivr
from agi_screen.what_if.rehearsal import Rehearsal
from tests.reply.shipped import CAPTCHA, CHALLENGES, SETTINGS
from tests.reply.test_challenges import understood
from tests.reply.test_ivr import ASK, ENGLISH, FakeAsterisk, drive, once

WHO = Number("+14155552671", "+14155552671", NumberKind.VALID)
DID = Number("18005550100", "+18005550100", NumberKind.VALID)
CALL = Call("18c0ffee123abcd0001", WHO, DID, "carrier", "", "", 0.0, 1_000_000_000)
PERSON, MACHINE = (0.9, 0.31, 0.44), (0.02, 0.08, 0.08)
ONE_SECOND = Reply(200, "0", "endpos=8000")


@dataclass(slots=True)
class FakeCaller:
    """Knows all answers, and presses them at a pace, question by question; speaks for a share of the time. At the
    command number `leaves` the caller hangs up."""

    paces: list[tuple[float, ...]]
    speaks: float = 0.0
    leaves: int = 10_000
    clock: ManualClock = field(default_factory=ManualClock)
    commands: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)

    def spoken(self) -> float:
        return self.clock.ticks() / 1e9 * self.speaks

    def reply(self, line: str) -> Reply:
        self.commands.append(line)
        if line.startswith("STREAM"):
            word = line.split()[2].rpartition("/")[2]
            self.said.append(word.partition("-")[0] if word[0].isdigit() else word)
            self.clock.advance(1.0)
            return ONE_SECOND
        if not line.startswith("WAIT"):
            return Reply(200, "1", "(0)") if line.startswith("GET") else Reply(200, "0")
        if self.said:
            self.keys, self.said = list(understood(tuple(self.said))), []
            self.gaps = list(self.paces.pop(0)) if self.paces else []
        if not self.gaps or not self.keys:
            self.clock.advance(5.0)
            return Reply(200, "0")
        self.clock.advance(self.gaps.pop(0))
        return Reply(200, str(ord(self.keys.pop(0))))


def sit(caller: FakeCaller) -> tuple[Ended | None, Sitting]:
    """A whole CAPTCHA with the judge's own doubt; no end where the caller hung up."""
    judge = Rehearsal(SETTINGS, 0.0).judge

    def doubt(conduct: Conduct) -> float:
        return judge.conduct(CALL, conduct).points / CAPTCHA.doubt

    plain = [challenge for challenge in CHALLENGES if challenge.name in ("digits", "one_key")]
    room = CaptchaRoom(CAPTCHA.model_copy(update={"sounds": Path("/there/are/none")}), plain, caller.clock)
    sitting = Sitting(CALL, Level.NORMAL, doubt, caller.spoken, watched=True, began=caller.clock.ticks() / 1e9)
    talk = room.run(sitting)
    try:
        line, _ = next(talk)
        while len(caller.commands) < caller.leaves:
            line, _ = talk.send(caller.reply(line.decode().strip()))
    except StopIteration as end:
        ended: Ended = end.value
        return ended, sitting
    return None, sitting


def test_a_person_is_believed_at_once() -> None:
    ended, sitting = sit(FakeCaller([PERSON]))
    assert ended is not None
    assert (ended.result, str(sitting.conduct())) == (CaptchaResult.PASSED, "digits:right")


def test_right_keys_at_a_machine_s_pace_are_asked_once_more_and_then_believed_of_a_person() -> None:
    ended, sitting = sit(FakeCaller([MACHINE, (0.9, 0.5, 0.9)]))
    assert ended is not None
    assert (ended.result, str(sitting.conduct())) == (CaptchaResult.PASSED, "digits:right,digits:right")


@pytest.mark.parametrize(("paces", "speaks"), [([MACHINE] * 3, 0.0), ([PERSON] * 3, 0.9)])
def test_a_machine_may_be_right_as_often_as_it_likes(paces: list[tuple[float, ...]], speaks: float) -> None:
    ended, sitting = sit(FakeCaller(paces, speaks))
    assert ended is not None
    assert (ended.result, len(sitting.attempts)) == (CaptchaResult.FAILED, CAPTCHA.attempts)
    assert all(attempt.right for attempt in sitting.attempts)


def left_at(leaves: int, speaks: float = 0.0) -> tuple[Conduct, FakeCaller]:
    caller = FakeCaller([PERSON[:1]], speaks, leaves)
    ended, sitting = sit(caller)
    assert ended is None
    return sitting.conduct(hung_up=True, now=caller.clock.ticks() / 1e9), caller


def test_what_a_hang_up_breaks_off_counts() -> None:
    """The question is said by the commands 6 to 9; the tenth waits for the first key, the next for the second."""
    conduct, caller = left_at(8, speaks=0.5)
    (attempt,) = conduct.attempts
    assert (attempt.silent, attempt.asked == attempt.took) == (True, True)
    assert attempt.spoken == pytest.approx(attempt.asked / 2)
    later, _ = left_at(len(caller.commands) + 4)
    assert (later.attempts[0].keys, later.attempts[0].begun) == (1, True)


def test_before_the_first_question_nothing_is_broken_off() -> None:
    assert left_at(2)[0].attempts == ()


def test_the_reaction_is_from_the_begin_of_the_word() -> None:
    _, sitting = sit(FakeCaller([PERSON]))
    assert sitting.attempts[0].reacted == pytest.approx(3.9)  # three digits of a second each, and 0.9 s


@pytest.mark.parametrize(("absent", "asked"), [(False, [2, 1, 1]), (True, [2, 0, 0])])
def test_an_asterisk_without_the_module_is_asked_once(absent: bool, asked: list[int]) -> None:
    class FakeOld(FakeAsterisk):
        def reply(self, line: str) -> Reply:
            said = FakeAsterisk.reply(self, line)
            return Reply(200, "0") if absent and line.startswith("GET") else said

    ears = Ears()
    counts = []
    for _ in range(3):
        asterisk = FakeOld()
        ivr = Ivr(CAPTCHA, ENGLISH, asterisk.clock, lambda: 0.0, ears)
        counts.append(sum("TONE_DETECT" in line for line in drive(ivr.open(early=False, watched=True), asterisk)))
        asterisk.hear(ivr.play(once(ASK)))
    assert counts == asked
    assert ears.tones is not absent
