"""The call centre: lines, screening, menu, queue, operators. simpy keeps the time; a call is a few timers."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterable
from itertools import count
from random import Random
from typing import Any, TypeVar

import simpy

from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.base.ways import Way, verdict_of
from agi_screen.what_if.simulate.captcha_room import CaptchaRoom, Ended
from agi_screen.what_if.simulate.measured import measured
from agi_screen.what_if.simulate.outcome import End, Outcome
from agi_screen.what_if.simulate.people import REAL_TALK, Person, gap
from agi_screen.what_if.simulate.scenario import Scenario
from agi_screen.what_if.simulate.screening import Screening
from agi_screen.what_if.simulate.visit import ENDS, Arrival, Visit

T = TypeVar("T")
Steps = Generator[simpy.Event, Any, None]
HOUR = 3600.0
LOOK = 5.0  # seconds between the daemon's looks at the level


class Centre:
    """Give it arrivals and run it; `outcome` tells what came of them."""

    def __init__(
        self, scenario: Scenario, screening: Screening, captcha: CaptchaRoom, outcome: Outcome, rng: Random
    ) -> None:
        self.env = simpy.Environment(scenario.opens)
        self.lines = self.busy_operators = self.waiting = 0
        self._scenario = scenario
        self._table = scenario.centre
        self._screening = screening
        self._captcha = captcha
        self._outcome = outcome
        self._rng = rng
        self._order = count()
        self._queue: list[tuple[int, int, Visit]] = []

    def run(self, arrivals: Iterable[Arrival]) -> None:
        """Until the last caller is gone: who is on hold at closing is still served."""
        self.env.process(self._feed(arrivals))
        self.env.process(self._watch())
        self.env.process(self._look())
        if self._table.staff == "measured":
            self.env.process(self._shifts())
        self.env.run()

    def _feed(self, arrivals: Iterable[Arrival]) -> Steps:
        for at, visit in arrivals:
            if at > self.env.now:
                yield self.env.timeout(at - self.env.now)
            self._arrives(visit)

    def _watch(self) -> Steps:
        timeline = self._outcome.timeline
        while self.env.now < self._scenario.closes:
            yield self.env.timeout(timeline.step)
            timeline.lines.append(self.lines)
            timeline.queue.append(self.waiting)
            timeline.levels.append(self._outcome.level)

    def _look(self) -> Steps:
        """The daemon's own look at the level, so that an attack that ends in silence ends."""
        while self.env.now < self._scenario.closes:
            yield self.env.timeout(LOOK)
            self._screening.quiet(self.env.now)

    def _shifts(self) -> Steps:
        """New operators sit down at the full hour."""
        while self.env.now < self._scenario.closes:
            yield self.env.timeout(HOUR - self.env.now % HOUR)
            self._next()

    @property
    def operators(self) -> int:
        """On duty now. `staff = "measured"`: as many as the hour usually needs, and nobody in the dead of night."""
        if self._table.staff == "flat":
            return self._table.operators
        week = measured().week
        usual = week[int(self.env.now // 86400 + 3) % 7][int(self.env.now % 86400 // HOUR)]  # 1970 began on a Thursday
        return max(1, round(self._table.operators * usual / max(map(max, week))))

    def _later(self, seconds: float, then: Callable[[T], None], what: T) -> None:
        timer = self.env.timeout(seconds)
        assert timer.callbacks is not None
        timer.callbacks.append(lambda _: then(what))

    def _arrives(self, visit: Visit) -> None:
        now = self.env.now
        visit.since = visit.since or now
        self._outcome.arrived(now, visit.repeats)
        if self.lines >= self._table.lines:
            self._ends(visit, End.BUSY)
            return
        self.lines += 1
        self._outcome.most_lines = max(self._outcome.most_lines, self.lines)
        visit.call, visit.decision = self._screening.arrives(now, visit.number, *self._way(visit))
        self._outcome.decided(now, visit.repeats, visit.decision, visit.person)
        self._follow(visit, visit.decision.verdict)

    def _way(self, visit: Visit) -> tuple[str, str]:
        """Trunk and attestation."""
        if visit.person is not None:
            return visit.person.trunk, visit.person.attestation
        assert visit.attack is not None
        return visit.attack.way(self._rng, self._scenario.trunks)

    def _follow(self, visit: Visit, verdict: Verdict) -> None:
        if verdict is not Verdict.CHALLENGE:
            self._screening.goes_on(visit.call)
        if verdict is Verdict.ALLOW:
            self._menu(visit)
        elif verdict is Verdict.REJECT:
            self._ends(visit, End.REJECTED)
        elif verdict is Verdict.DIVERT:
            self._ends(visit, End.DIVERTED)
        elif self._captcha.full:
            self._follow(visit, verdict_of(self._captcha.config.on_full[0]))
        else:
            self._challenge(visit)

    def _challenge(self, visit: Visit) -> None:
        if visit.attack is None:
            ended = self._captcha.person(self._scenario.people.captcha)
        else:
            ended = self._captcha.robot(visit.attack.in_captcha(self._rng), visit.attack.captcha.recognises)
        self._captcha.running += 1
        self._later(ended.seconds, self._answered, (visit, ended))

    def _answered(self, both: tuple[Visit, Ended]) -> None:
        visit, ended = both
        self._captcha.running -= 1
        visit.captcha_time = ended.seconds
        self._screening.captcha(self.env.now, visit.call, ended.result)
        if ended.result is CaptchaResult.PASSED:
            self._follow(visit, Verdict.ALLOW)
        elif ended.result is CaptchaResult.HUNGUP:
            self._ends(visit, End.HUNG_UP)
        else:
            self._screening.goes_on(visit.call)
            self._later(self._captcha.goodbye, self._told_no, visit)

    def _told_no(self, visit: Visit) -> None:
        rejects = self._captcha.config.on_failure[0] is Way.REJECT
        self._ends(visit, End.REJECTED if rejects else End.DIVERTED)

    def _menu(self, visit: Visit) -> None:
        idle = self._scenario.people.idle_menu if visit.attack is None else visit.attack.idle_menu
        visit.idle = self._rng.random() < idle
        if visit.attack is None and self._rng.random() < self._scenario.menu_hangup:
            self._later(self._table.menu_time / 2, self._left_menu, visit)
        else:
            self._later(self._table.menu_time, self._queues, visit)

    def _left_menu(self, visit: Visit) -> None:
        self._ends(visit, End.MENU)

    def _queues(self, visit: Visit) -> None:
        visit.queued = self.env.now
        self._outcome.queued(visit.repeats, visit.decision, visit.captcha_time)
        self.waiting += 1
        late = 0 if self._screening.first(visit.call, visit.decision) else 1
        heapq.heappush(self._queue, (late, next(self._order), visit))
        self._next()
        if not visit.talk and self._scenario.people.patience:
            self._later(self._patience(visit), self._gives_up, visit)

    def _patience(self, visit: Visit) -> float:
        if visit.attack is not None:
            return visit.attack.stay
        return measured().patience(self._rng) * self._scenario.people.patience_factor

    def _gives_up(self, visit: Visit) -> None:
        if visit.talk or visit.end:
            return
        self.waiting -= 1
        visit.wait = self.env.now - visit.queued
        self._ends(visit, End.ABANDONED)

    def _next(self) -> None:
        """Whoever is first in the queue, for each free operator. Who gave up is still in the heap."""
        while self._queue and self.busy_operators < self.operators:
            visit = heapq.heappop(self._queue)[2]
            if not visit.end:
                self._serve(visit)

    def _serve(self, visit: Visit) -> None:
        self.waiting -= 1
        self.busy_operators += 1
        visit.wait = self.env.now - visit.queued
        visit.talk = self._talk(visit)
        self._later(visit.talk, self._hangs_up, visit)

    def _talk(self, visit: Visit) -> float:
        if visit.attack is not None:
            return self._table.silence_time * self._rng.uniform(0.8, 1.2)
        if self._table.talk == "exponential":
            return max(0.001, self._rng.expovariate(1 / (measured().mean_talk * self._table.talk_factor)))
        return measured().talk(self._rng) * self._table.talk_factor

    def _hangs_up(self, visit: Visit) -> None:
        if visit.person is not None:
            visit.person.known = visit.person.known or visit.talk >= REAL_TALK
        else:
            self._outcome.operator_seconds += visit.talk + self._table.wrap_up
        self._ends(visit, End.SERVED)
        self._later(self._table.wrap_up, self._is_free, visit)

    def _is_free(self, _: Visit) -> None:
        self.busy_operators -= 1
        self._next()

    def _ends(self, visit: Visit, end: End) -> None:
        visit.end = end
        self._outcome.ended(visit.repeats, end)
        if end is not End.BUSY:
            self.lines -= 1
            if visit.idle is not None:
                self._screening.menu(self.env.now, visit.call, visit.idle)
            if end is not End.HUNG_UP:  # in the CAPTCHA, before its end is followed
                self._screening.over(self.env.now, visit.call, *ENDS[end], visit.wait, visit.talk)
        if visit.person is not None:
            if end in (End.SERVED, End.ABANDONED):
                self._outcome.waited(self.env.now, visit.captcha_time + visit.wait, end is End.SERVED)
            if end is End.SERVED:
                self._outcome.reached.append(self.env.now - visit.talk - visit.since)
            self._again(visit.person, end, 0.0 if end in (End.SERVED, End.MENU) else visit.since)

    def _again(self, person: Person, end: End, since: float) -> None:
        """The same person once more: soon after a busy tone, otherwise as measured."""
        table = self._scenario.people
        if not table.again:
            return
        if end is End.BUSY:
            probability, after = table.busy_redial, 5 + self._rng.expovariate(1 / table.busy_gap)
        else:
            again = measured().after_talk if end is End.SERVED else measured().after_hangup
            probability, after = again.probability, gap(person, again, self._rng)
        if self._rng.random() < probability and self.env.now + after < self._scenario.closes:
            self._later(after, self._arrives, Visit(person.number, person, since=since))
