"""The weeks before: normal calls go through the judge, so that it knows callers and what is usual. No queue is
simulated: waits and talks are drawn as they were measured."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from random import Random

from agi_screen.base.call import Call
from agi_screen.base.records import Disposition
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.what_if.simulate.measured import measured
from agi_screen.what_if.simulate.people import REAL_TALK, People, Person, first_calls, gap, is_open
from agi_screen.what_if.simulate.scenario import Scenario
from agi_screen.what_if.simulate.screening import Screening

WEEK = 7 * 86400.0
GIVES_UP = 0.15  # of calls in the measured weeks that had to wait at all and hung up before an operator was free
PASSES = 0.95


class Warmup:
    """Runs once, before the scenario begins."""

    def __init__(self, scenario: Scenario, people: People, screening: Screening, rng: Random) -> None:
        self._scenario = scenario
        self._people = people
        self._screening = screening
        self._rng = rng
        self._order = count()
        self._coming: list[tuple[float, int, Person]] = []
        self._ending: list[tuple[float, int, Person, Call, Disposition, float, float]] = []

    def run(self) -> None:
        """Calls and ends in the order of their time."""
        table = self._scenario.warmup
        end = self._scenario.opens
        start = end - table.weeks * WEEK
        hours = round(table.weeks * WEEK / 3600)
        for at in first_calls(self._scenario, start, hours, self._rng, table.volume):
            self._until(at)
            self._call(at, self._people.caller())
        self._until(end)
        for _, _, person, call, disposition, wait, talk in sorted(self._ending):  # whoever is still on the line
            self._over(end, person, call, disposition, wait, talk)

    def _until(self, moment: float) -> None:
        """What comes before this moment: further calls and ends of calls."""
        while True:
            call_at = self._coming[0][0] if self._coming else moment
            over_at = self._ending[0][0] if self._ending else moment
            if min(call_at, over_at) >= moment:
                return
            if over_at <= call_at:
                at, _, person, call, disposition, wait, talk = heappop(self._ending)
                self._over(at, person, call, disposition, wait, talk)
            else:
                at, _, person = heappop(self._coming)
                if is_open(self._scenario, at):
                    self._call(at, person)

    def _over(self, at: float, person: Person, call: Call, disposition: Disposition, wait: float, talk: float) -> None:
        self._screening.over(at, call, Verdict.ALLOW, disposition, wait, talk)
        person.known = person.known or talk >= REAL_TALK

    def _call(self, at: float, person: Person) -> None:
        rng = self._rng
        call, decision = self._screening.arrives(at, person.number, person.trunk, person.attestation)
        if decision.verdict is Verdict.CHALLENGE:
            self._screening.captcha(at, call, CaptchaResult.PASSED if rng.random() < PASSES else CaptchaResult.FAILED)
        self._screening.goes_on(call)
        wait = rng.expovariate(1 / 60) if rng.random() < 0.75 else 0.0
        if rng.random() < GIVES_UP:
            disposition, talk = Disposition.ABANDONED, 0.0
        else:
            disposition, talk = Disposition.TALKED, measured().talk(rng) * self._scenario.centre.talk_factor
        end = at + self._scenario.centre.menu_time + wait + talk
        heappush(self._ending, (end, next(self._order), person, call, disposition, wait, talk))
        again = measured().after_talk if talk else measured().after_hangup
        if self._scenario.people.again and rng.random() < again.probability:
            heappush(self._coming, (end + gap(person, again, rng), next(self._order), person))
