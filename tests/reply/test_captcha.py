"""A whole CAPTCHA of one caller over a scripted Asterisk: questions, conduct, ways on, languages, limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agi_screen.base.agi_wire import Reply
from agi_screen.base.call import Call, Number, NumberKind
from agi_screen.base.clock import ManualClock
from agi_screen.base.conduct import Conduct
from agi_screen.base.verdict import CaptchaResult, Level
from agi_screen.base.ways import Way
from agi_screen.reply.captcha.captcha import CaptchaRoom, Ended, Sitting
from agi_screen.reply.captcha.ivr import PromptError, Talk
from tests.reply.shipped import CAPTCHA, CHALLENGES
from tests.reply.test_challenges import understood

WHO = Number("+14155552671", "+14155552671", NumberKind.VALID)
DID = Number("18005550100", "+18005550100", NumberKind.VALID)
CALL = Call("18c0ffee123abcd0001", WHO, DID, "carrier", "", "", 0.0, 1_000_000_000)
Keys = Callable[[list[str]], str]  # of the words of a question, what is pressed


def room(**keys: object) -> CaptchaRoom:
    captcha = CAPTCHA.model_copy(update={"sounds": Path("/there/are/none"), **keys})
    return CaptchaRoom(captcha, CHALLENGES, ManualClock())


def sitting(call: Call = CALL, doubt: Callable[[Conduct], float] = lambda _: 0.0) -> Sitting:
    return Sitting(call, Level.NORMAL, doubt, lambda: 0.0, watched=False, began=1.0)


class ScriptedCaller:
    """Hears the words of each question and presses keys when waited for."""

    def __init__(self, keys: Keys) -> None:
        self.said: list[list[str]] = [[]]
        self.commands: list[str] = []
        self._keys = keys
        self._left: list[str] = []

    def run(self, talk: Talk[Ended] | Talk[Way]) -> Ended | Way:
        try:
            line, _ = next(talk)
            while True:
                line, _ = talk.send(self._reply(line.decode().strip()))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _reply(self, line: str) -> Reply:
        self.commands.append(line)
        if line.startswith("GET VARIABLE"):
            return Reply(200, "1", "(0)")
        if line.startswith("STREAM"):
            word = line.split()[2].rpartition("/")[2]
            self.said[-1].append(word.partition("-")[0] if word[0].isdigit() else word)
            return Reply(200, "0", "endpos=8000")
        if line.startswith("WAIT"):
            if self.said[-1]:
                self._left = list(self._keys(self.said[-1]))
                self.said.append([])
            return Reply(200, str(ord(self._left.pop(0))) if self._left else "0")
        return Reply(200, "0")

    @property
    def words(self) -> list[str]:
        return [word for said in self.said for word in said]


def right(words: list[str]) -> str:
    return "" if words[0].startswith("callback") else understood(tuple(words))


def wrong(words: list[str]) -> str:
    return (
        "" if words[0].startswith("callback") else "".join(str((int(key) + 1) % 10) for key in understood(tuple(words)))
    )


def test_a_person_passes_at_the_first_try() -> None:
    for _ in range(50):
        caller = ScriptedCaller(right)
        ended = caller.run(room().run(sitting()))
        assert isinstance(ended, Ended)
        assert (ended.result, ended.way) == (CaptchaResult.PASSED, None)
        assert caller.words[-1] == "passed"


def test_who_fails_but_pressed_keys_gets_an_operator_as_often_as_configured() -> None:
    place = room()
    ways = [ended_way(place, wrong) for _ in range(13)]
    assert ways == [Way.HUMAN] * 12 + [Way.DIVERT]


def ended_way(place: CaptchaRoom, keys: Keys, doubt: Callable[[Conduct], float] = lambda _: 0.0) -> Way | None:
    ended = ScriptedCaller(keys).run(place.run(sitting(doubt=doubt)))
    assert isinstance(ended, Ended)
    return ended.way


def test_who_presses_nothing_or_acts_like_a_machine_gets_none() -> None:
    assert ended_way(room(), lambda _: "") is Way.DIVERT
    assert ended_way(room(), wrong, lambda _: 0.6) is Way.DIVERT
    assert ended_way(room(), right, lambda _: 1.0) is Way.DIVERT


def test_a_call_back_is_taken_with_a_one() -> None:
    caller = ScriptedCaller(lambda words: "1" if words[0] == "callback-offer" else "")
    ended = caller.run(room().run(sitting()))
    assert isinstance(ended, Ended)
    assert ended.way is Way.CALLBACK
    assert caller.words[-1] == "callback-taken"


def test_nobody_is_called_back_at_no_number() -> None:
    nameless = CALL._replace(caller=Number("", "", NumberKind.ANONYMOUS))
    caller = ScriptedCaller(lambda words: "1" if words[0] == "callback-offer" else "")
    ended = caller.run(room().run(sitting(nameless)))
    assert isinstance(ended, Ended)
    assert ended.way is Way.DIVERT


def test_redress_says_a_number_and_the_case() -> None:
    caller = ScriptedCaller(lambda _: "")
    ended = caller.run(room(redress="+1 800 555 0199", on_failure=(Way.REDRESS,)).run(sitting()))
    assert isinstance(ended, Ended)
    assert ended.way is Way.REDRESS
    said = caller.words[caller.words.index("redress") :]
    digits = "".join(word for word in said if word.isdigit())
    assert digits == "18005550199" + f"{int('18c0ffee123', 16) % 10**8:08d}"
    assert "case" in said


def test_no_way_at_all_is_a_goodbye() -> None:
    ended = ScriptedCaller(lambda _: "").run(room(on_failure=(Way.REDRESS,)).run(sitting()))
    assert isinstance(ended, Ended)
    assert ended.way is Way.GOODBYE


def test_who_waits_for_an_operator_is_told_so_where_we_speak_already() -> None:
    for way in (Way.HUMAN, Way.LAST):
        caller = ScriptedCaller(wrong)
        caller.run(room(on_failure=(way,)).run(sitting()))
        assert caller.words[-1] == "wait-last"


def test_our_ears_are_off_whatever_way_the_call_goes_on() -> None:
    for ways in ((Way.CALLBACK, Way.DIVERT), (Way.REDRESS, Way.LAST)):
        caller = ScriptedCaller(lambda _: "")
        caller.run(room(redress="18005550199").show_way(sitting(), ways))
        assert "TONE_DETECT(0,,x)" in caller.commands[-1]


def test_a_way_without_words_answers_no_call() -> None:
    caller = ScriptedCaller(lambda _: "")
    assert caller.run(room().show_way(sitting(), (Way.VOICEMAIL,))) is Way.VOICEMAIL
    assert not caller.commands


def test_full_and_asked_too_often_are_told_apart() -> None:
    full = room(max_concurrent=1)
    full.running = 1
    assert full.refuses(CALL) == ("captcha_full", (Way.ALLOW,))
    place = room()
    assert [place.refuses(CALL)[0] for _ in range(4)] == ["", "", "", "captcha_limit"]


def test_nobody_stays_counted() -> None:
    place = room()
    ScriptedCaller(right).run(place.run(sitting()))
    talk = place.run(sitting())
    next(talk)
    assert place.running == 1
    talk.close()
    assert place.running == 0


@pytest.mark.parametrize(
    ("config", "channel", "language"),
    [
        ({}, "en_US", "en"),
        ({}, "es_MX", "es"),
        ({}, "zz", "en"),
        ({"language": "fr"}, "en", "fr"),
        ({"did_languages": {"+18005550100": "de"}, "language": "fr"}, "en", "de"),
        ({"did_languages": {"+18005550199": "de"}}, "it_CH", "it"),
    ],
)
def test_the_language(config: dict[str, object], channel: str, language: str) -> None:
    place, who = room(**config), sitting(CALL._replace(language=channel))
    caller = ScriptedCaller(right)
    caller.run(place.run(who))
    assert who.ivr is not None
    assert who.ivr.voice.language == language
    chosen = [line for line in caller.commands if "CHANNEL(language)" in line]
    assert chosen == ([] if language == channel else [f"SET VARIABLE CHANNEL(language) {language}"])


def test_offered_languages_are_named_and_chosen() -> None:
    def keys(words: list[str]) -> str:
        return words[1] if words == ["choose", "3"] else right(words) if words[0] != "choose" else ""

    who, caller = sitting(), ScriptedCaller(keys)
    caller.run(room(offer=("es", "fr")).run(who))
    assert who.ivr is not None
    assert who.ivr.voice.language == "fr"


def test_no_prompts_at_all_judge_nobody(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="doctor"):
        ScriptedCaller(right).run(room(sounds=tmp_path).run(sitting()))


def test_early_media_where_the_trunk_carries_it() -> None:
    for config, opened in (
        ({}, "ANSWER"),
        ({"early_trunks": ("carrier",)}, "EXEC Progress"),
        ({"media": "early"}, "EXEC Progress"),
    ):
        caller = ScriptedCaller(right)
        caller.run(room(**config).run(sitting()))
        assert caller.commands[1] == opened
