"""The CAPTCHA of one caller from the first word to the way on: language, questions, conduct, ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agi_screen.base.call import Call, case_number
from agi_screen.base.clock import Clock
from agi_screen.base.conduct import Attempt, Conduct
from agi_screen.base.config import Captcha
from agi_screen.base.units import Rate
from agi_screen.base.verdict import CaptchaResult, Level
from agi_screen.base.ways import Way
from agi_screen.reply.captcha.challenge import Posed
from agi_screen.reply.captcha.dialogue import Plan, attempt_of, questions
from agi_screen.reply.captcha.ivr import Ears, Ivr, PromptError, Talk
from agi_screen.reply.captcha.languages import choice, language_of
from agi_screen.reply.captcha.offers import Offers
from agi_screen.reply.captcha.picker import Picker
from agi_screen.reply.captcha.prompts import Prompts
from agi_screen.reply.captcha.registry import EASY, AnyChallenge
from agi_screen.reply.captcha.ways import SPOKEN, Case, deserves_a_human, say

FIRST_KEY = 2  # of the languages offered; 1 is what is spoken anyway
FULL, LIMIT = "captcha_full", "captcha_limit"
SURE = 0.02  # a guesser passes more often: such a pass is worth one call


class Ended(NamedTuple):
    """How a CAPTCHA ended. `way`: the way on of who did not pass; `chance`: of a guesser to have passed."""

    result: CaptchaResult
    way: Way | None = None
    chance: float = 1.0


@dataclass(slots=True)
class Sitting:
    """One caller in the CAPTCHA. What a hang-up must not lose is kept here.

    `doubt` says how far the conduct so far is from a person's: 1 is not believed. `spoken` is how long the caller has
    spoken in this call, in seconds; `watched` whether anybody would tell.
    """

    call: Call
    level: Level
    doubt: Callable[[Conduct], float]
    spoken: Callable[[], float]
    watched: bool
    began: float
    attempts: list[Attempt] = field(default_factory=list)
    posed: list[Posed] = field(default_factory=list)
    result: CaptchaResult = CaptchaResult.HUNGUP  # until the questions are over
    ivr: Ivr | None = None

    def conduct(self, *, hung_up: bool = False, now: float = 0.0) -> Conduct:
        """How the caller behaved so far. After a hang-up the question that it broke off counts too."""
        tone = self.ivr.tone if self.ivr is not None else ""
        attempts = (*self.attempts, *(self._broken_off() if hung_up else ()))
        return Conduct(attempts, hung_up, max(0.0, now - self.began), tone)

    def _broken_off(self) -> tuple[Attempt, ...]:
        heard = self.ivr.unfinished if self.ivr is not None else None
        if heard is None or len(self.posed) == len(self.attempts):  # nothing asked, or not by a challenge
            return ()
        return (attempt_of(self.posed[-1], heard),)


class CaptchaRoom:
    """Holds what all CAPTCHAs share: the sounds, the last questions, the limits, and how many callers are in it."""

    def __init__(self, config: Captcha, challenges: Sequence[AnyChallenge], clock: Clock) -> None:
        self._clock = clock
        self._config = config
        self.picker = Picker(challenges)
        self.offers = Offers(config, _easy_rate(challenges))
        self.running = 0
        self.configure(config, challenges)

    def configure(self, config: Captcha, challenges: Sequence[AnyChallenge], prompts: Prompts | None = None) -> None:
        """Takes a new configuration, and the sounds as they were just found (looked at here where nobody did).
        Asterisk's ears are tried anew. Who is in the CAPTCHA ends it as it began."""
        self._config = config
        self.prompts = prompts or Prompts.found(config.sounds, config.prompts)
        self.ears = Ears()
        self.picker.configure(challenges)
        self.offers.configure(config, _easy_rate(challenges))

    def refuses(self, call: Call) -> tuple[str, tuple[Way, ...]]:
        """Why this caller is offered none, and the ways on; empty where one is. Counts the offer."""
        if self.running >= self._config.max_concurrent:
            return FULL, self._config.on_full
        if not self.offers.take(call):
            return LIMIT, self._config.on_limit
        return "", ()

    def run(self, sitting: Sitting) -> Talk[Ended]:
        """Asks until the caller has passed, or is shown the way on. Raises PromptError where nothing could be asked."""
        self.running += 1
        try:
            ivr = yield from self._open(sitting)
            yield from self._offer_languages(ivr)
            passed = yield from ivr.play(questions(self._plan(sitting), sitting.attempts))
            sitting.result = passed.result
            ways = () if passed.result is CaptchaResult.PASSED else self._config.on_failure
            way = yield from self.show_way(sitting, ways)
            return Ended(passed.result, way if ways else None, passed.chance)
        finally:
            self.running -= 1

    def show_way(self, sitting: Sitting, ways: Sequence[Way]) -> Talk[Way]:
        """The first of these ways that can be had; the call goes on to others then."""
        way = yield from self._way(sitting, ways)
        if sitting.ivr is not None:
            yield from sitting.ivr.close(watched=sitting.watched)
        return way

    def _way(self, sitting: Sitting, ways: Sequence[Way]) -> Talk[Way]:
        """Nothing is answered before there is something to say."""
        for way in ways:
            if way is Way.HUMAN and not self._human(sitting):
                continue
            ivr = sitting.ivr
            if way in SPOKEN:
                ivr = ivr or (yield from self._open(sitting))
            if ivr is None or (yield from ivr.play(say(way, self._case(sitting.call)))):
                return way
        return Way.GOODBYE

    def _human(self, sitting: Sitting) -> bool:
        doubt = sitting.doubt(sitting.conduct())
        return deserves_a_human(sitting.attempts, doubt) and self.offers.human(self._clock.ticks())

    def _case(self, call: Call) -> Case:
        return Case(self._config.redress, case_number(call.id), bool(call.caller.e164))

    def _open(self, sitting: Sitting) -> Talk[Ivr]:
        call, config = sitting.call, self._config
        wanted = language_of(call, config)
        voice = self.prompts.voice(wanted)
        if voice is None:
            raise PromptError(f"no prompts in {config.sounds}: `agi-screen doctor` says what is missing")
        ivr = sitting.ivr = Ivr(config, voice, self._clock, sitting.spoken, self.ears)
        early = config.media == "early" or call.trunk in config.early_trunks
        yield from ivr.open(early=early, watched=sitting.watched)
        if voice.language != call.language:
            yield from ivr.speak(voice)
        return ivr

    def _offer_languages(self, ivr: Ivr) -> Talk[None]:
        """Each in its own words; the key of one chooses it."""
        voices = [voice for name in self._config.offer if (voice := self.prompts.voice(name)) and voice != ivr.voice]
        own, by_key = ivr.voice, {str(key): voice for key, voice in enumerate(voices, FIRST_KEY)}
        for key, voice in by_key.items():
            yield from ivr.speak(voice)
            heard = yield from ivr.play(choice(key, last=voice is voices[-1]))
            if heard in by_key:
                yield from ivr.speak(by_key[heard])
                return
        if voices:
            yield from ivr.speak(own)

    def _plan(self, sitting: Sitting) -> Plan:
        def pose(attempts: Sequence[Attempt], last: bool) -> Posed:
            posed = self.picker.pose(sitting.call.caller.key, sitting.level, attempts, last=last, easy=easy)
            sitting.posed.append(posed)
            return posed

        def easy() -> bool:
            return self.offers.easy(self._clock.ticks())

        def believed(_: Sequence[Attempt]) -> bool:
            return sitting.doubt(sitting.conduct()) < 1.0

        return Plan(pose, believed, self._config.attempts, self._config.silent_attempts)


def _easy_rate(challenges: Sequence[AnyChallenge]) -> Rate:
    rate: Rate = next(challenge.params.rate for challenge in challenges if challenge.name == EASY)
    return rate
