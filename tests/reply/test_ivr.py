"""Dialogues played over AGI: which commands go out, what each kind of reply means, and when each key came."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import pytest

from agi_screen.base.agi_wire import Reply
from agi_screen.base.clock import ManualClock
from agi_screen.base.config import Captcha
from agi_screen.reply.captcha.dialogue import Ask, Heard, Say
from agi_screen.reply.captcha.ivr import MANY_KEYS, Ivr, PromptError, Talk, pressed
from agi_screen.reply.captcha.prompts import SHIPPED, Voice
from tests.reply.shipped import CAPTCHA

KNOWN = (1, 2, 3)
ASK = Ask(("press", "4", "7", "1"), KNOWN)
ENGLISH = Voice("en", SHIPPED)


@dataclass(slots=True)
class FakeAsterisk:
    """Plays each sound for a second, or up to a key; the keys come by a script. The real one stands in tests/asterisk.

    `script`: the keys by the how-manieth command that can take one, each with the seconds it has run.
    """

    script: dict[int, tuple[str, float]] = field(default_factory=dict)
    clock: ManualClock = field(default_factory=ManualClock)
    commands: list[str] = field(default_factory=list)
    tones: int = 0
    spoken: float = 0.0
    waits: int = 0

    def hear(self, talk: Talk[Heard]) -> Heard:
        """Runs a talk to its end."""
        try:
            line, within = next(talk)
            while True:
                assert within > 0
                line, within = talk.send(self.reply(line.decode().strip()))
        except StopIteration as end:
            heard: Heard = end.value
            return heard

    def reply(self, line: str) -> Reply:
        self.commands.append(line)
        if line.startswith("GET VARIABLE"):
            return Reply(200, "1", f"({self.tones})")
        if not line.startswith(("STREAM FILE", "WAIT FOR DIGIT")):
            return Reply(200, "0")
        key, after = self.script.get(self.waits, ("", 1.0))
        self.waits += 1
        self.clock.advance(after)
        code = str(ord(key)) if key else "0"
        return Reply(200, code, f"endpos={round(after * 8000)}") if line.startswith("STREAM") else Reply(200, code)

    @property
    def played(self) -> list[str]:
        return [line.split()[2].rpartition("/")[2] for line in self.commands if line.startswith("STREAM")]


def once(step: Ask | Say) -> Generator[Ask | Say, Heard, Heard]:
    heard = yield step
    return heard


def ask(asterisk: FakeAsterisk, step: Ask | Say = ASK, config: Captcha = CAPTCHA) -> Heard:
    ivr = Ivr(config, ENGLISH, asterisk.clock, lambda: asterisk.spoken)
    return asterisk.hear(ivr.play(once(step)))


def test_a_person_who_listens_and_presses() -> None:
    asterisk = FakeAsterisk({4: ("4", 1.5), 5: ("7", 0.25), 6: ("1", 0.5)})
    heard = ask(asterisk)
    assert heard == Heard("471", 0, (5.5, 5.75, 6.25), 4.0, 6.25, 0.0, 4.5)
    assert [name.partition("-")[0] for name in asterisk.played] == ["press", "4", "7", "1"]
    assert asterisk.commands[4:] == ["WAIT FOR DIGIT 5000"] * 3 + ["SET VARIABLE TIMEOUT(absolute) 40"]


def test_keys_pressed_along_with_the_digits_count_and_the_digits_go_on() -> None:
    asterisk = FakeAsterisk({1: ("4", 0.5), 3: ("7", 0.5), 5: ("1", 0.5)})
    heard = ask(asterisk)
    assert (heard.keys, heard.early) == ("471", 0)
    assert [line.rpartition(" ")[2] for line in asterisk.commands if line.startswith("STREAM")] == [
        *("0123456789*#", "0123456789*#"),  # the sentence, the first digit
        *("4000", "0123456789*#"),  # the rest of it, the second digit
        *("4000", "0123456789*#"),  # and the third, which the last key ends
    ]


def test_a_key_in_the_sentence_skips_it_and_is_no_answer() -> None:
    asterisk = FakeAsterisk({0: ("4", 0.1)})
    heard = ask(asterisk)
    assert (heard.keys, heard.early) == ("", 1)
    assert len(asterisk.played) == 4


def test_a_key_that_nobody_can_know_yet_is_early() -> None:
    heard = ask(FakeAsterisk({1: ("4", 0.5), 2: ("7", 0.5)}))  # the second while the first digit is still spoken
    assert (heard.keys, heard.early) == ("4", 1)


def test_a_star_says_the_same_again_and_forgets_the_keys() -> None:
    asterisk = FakeAsterisk({4: ("4", 0.5), 5: ("*", 0.5), 10: ("4", 0.5), 11: ("7", 0.5), 12: ("1", 0.5)})
    assert ask(asterisk).keys == "471"
    assert asterisk.played[:4] == asterisk.played[4:]


def test_a_star_for_ever_is_not_obeyed() -> None:
    asterisk = FakeAsterisk(dict.fromkeys(range(100), ("*", 0.1)))
    assert ask(asterisk).keys == ""
    assert len(asterisk.played) == 3


def test_a_hash_sends_what_was_pressed() -> None:
    asterisk = FakeAsterisk({4: ("4", 0.5), 5: ("#", 0.5)})
    assert ask(asterisk).keys == "4"
    assert asterisk.waits == 6


def test_a_flood_of_keys_is_over_soon() -> None:
    asterisk = FakeAsterisk(dict.fromkeys(range(1000), ("5", 0.0)))
    heard = ask(asterisk, Ask(("press", *"4711471"), tuple(range(1, 8))))
    assert heard.early + len(heard.keys) <= MANY_KEYS
    assert asterisk.waits <= MANY_KEYS + 8


def test_silence_has_its_time_and_later_more() -> None:
    asterisk = FakeAsterisk()
    assert ask(asterisk).keys == ""
    ask(asterisk, ASK._replace(patience=1.5))
    waits = [line for line in asterisk.commands if line.startswith("WAIT")]
    assert waits == ["WAIT FOR DIGIT 5000", "WAIT FOR DIGIT 7500"]


def test_what_is_only_said_cannot_be_interrupted() -> None:
    asterisk = FakeAsterisk()
    ask(asterisk, Say(("passed",)))
    assert asterisk.commands[0] == 'STREAM FILE agi-screen/passed ""'


def test_the_callers_speech_is_measured_over_the_question() -> None:
    asterisk = FakeAsterisk(spoken=2.0)
    ivr = Ivr(CAPTCHA, ENGLISH, asterisk.clock, lambda: asterisk.clock.ticks() / 4e9)
    assert asterisk.hear(ivr.play(once(ASK))).spoken == pytest.approx(
        1.0
    )  # a quarter of 4 s; what is said while we wait counts nothing


@pytest.mark.parametrize(("tones", "tone"), [(0, ""), (2, "fax")])
def test_a_fax_is_listened_for_and_after_it_a_modem(tones: int, tone: str) -> None:
    asterisk = FakeAsterisk(tones=tones)
    ivr = Ivr(CAPTCHA, ENGLISH, asterisk.clock, lambda: 0.0)
    for line in drive(ivr.open(early=False, watched=True), asterisk):
        assert line
    asterisk.hear(ivr.play(once(ASK)))
    assert ivr.tone == tone
    set_for = [
        line.split("(")[1].split(",")[0] for line in asterisk.commands if "TONE_DETECT" in line and "SET" in line
    ]
    assert set_for == (["1100"] if tone else ["1100", "2100"])


def test_the_time_limit_is_set_before_anything_that_takes_time() -> None:
    asterisk = FakeAsterisk()
    ivr = Ivr(CAPTCHA, ENGLISH, asterisk.clock, lambda: 0.0)
    assert drive(ivr.open(early=False, watched=False), asterisk)[:2] == ["SET VARIABLE TIMEOUT(absolute) 40", "ANSWER"]
    assert drive(ivr.open(early=True, watched=True), asterisk)[1:3] == [
        "EXEC Progress",
        'SET VARIABLE TALK_DETECT(set) "600,512"',
    ]


def drive(talk: Talk[None], asterisk: FakeAsterisk) -> list[str]:
    """The commands of a talk that gives nothing back."""
    before = len(asterisk.commands)
    for_ever: Callable[[Reply | None], tuple[bytes, float]] = talk.send  # type: ignore[assignment]
    reply: Reply | None = None
    try:
        while True:
            line, _ = for_ever(reply)
            reply = asterisk.reply(line.decode().strip())
    except StopIteration:
        return asterisk.commands[before:]


@pytest.mark.parametrize("reply", [Reply(200, "0", "endpos=0"), Reply(200, "-1", "endpos=0"), Reply(510)])
def test_a_prompt_that_cannot_be_played_judges_nobody(reply: Reply) -> None:
    asterisk = FakeAsterisk()
    talk = Ivr(CAPTCHA, ENGLISH, asterisk.clock, lambda: 0.0).play(once(ASK))
    next(talk)
    if reply.result == "-1":  # a hang-up, perhaps: only the next command tells
        talk.send(reply)
    with pytest.raises(PromptError, match="prompts installed"):
        talk.send(reply)


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (Reply(200, "49"), "1"),
        (Reply(200, "42"), "*"),
        (Reply(200, "0"), ""),
        (Reply(200, "-1"), ""),
        (Reply(200, "65"), ""),
        (Reply(510, "49"), ""),
        (Reply(200, "²"), ""),
    ],
)
def test_keys_come_as_ascii_codes(reply: Reply, key: str) -> None:
    assert pressed(reply) == key
