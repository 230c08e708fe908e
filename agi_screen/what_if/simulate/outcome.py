"""What is counted in one simulated run. People first: a person rejected is the worst outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from math import nan

from agi_screen.base.verdict import Decision, Level, Verdict
from agi_screen.what_if.simulate.people import Person

BINS = 180  # of the timeline


class End(StrEnum):
    """How a call ended. Every call has one end."""

    BUSY = "busy"
    REJECTED = "rejected"
    DIVERTED = "diverted"
    HUNG_UP = "hung_up"  # in the CAPTCHA
    MENU = "menu"  # left the menu before the queue
    ABANDONED = "abandoned"
    SERVED = "served"


@dataclass(slots=True)
class Timeline:
    """`BINS` equal parts of the run: counts by name, and the state at the end of each."""

    start: float
    step: float
    counts: dict[str, list[int]] = field(default_factory=dict)
    waits: list[list[float]] = field(default_factory=lambda: [[] for _ in range(BINS)])
    lines: list[int] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)

    def count(self, name: str, at: float) -> None:
        row = self.counts.setdefault(name, [0] * BINS)
        row[self.bin(at)] += 1

    def bin(self, at: float) -> int:
        return min(BINS - 1, max(0, int((at - self.start) / self.step)))


class Tally:
    """Calls of one kind of caller: people, robots that repeat numbers, robots that never do."""

    def __init__(self) -> None:
        self.calls = self.screened = self.challenged = self.rejected = self.queued = 0
        self.ends: Counter[End] = Counter()
        self.ways: Counter[str] = Counter()  # into the queue

    def share(self, count: int, of: int | None = None) -> float:
        whole = self.calls if of is None else of
        return count / whole if whole else nan


class Outcome:
    """Filled by the centre; `figures` is what tables show."""

    def __init__(self, start: float, duration: float) -> None:
        self.people = Tally()
        self.robots = {True: Tally(), False: Tally()}  # by whether their flood repeats numbers
        self.waits: list[float] = []  # of people, seconds: all who were in the queue
        self.answered: list[float] = []
        self.reached: list[float] = []  # from a person's first try to the operator, redials and all
        self.persons: set[Person] = set()
        self.operator_seconds = 0.0  # spent on robots
        self.first_attack = nan
        self.raised: dict[Level, float] = {}  # first moment of a level from the first attack call on
        self.false_sieges = 0  # entries into siege while no attack has begun
        self.most_lines = 0
        self.first_hour = 0  # calls of all kinds
        self.timeline = Timeline(start, duration / BINS)
        self._level = Level.NORMAL

    def tally(self, repeats: bool | None) -> Tally:
        return self.people if repeats is None else self.robots[repeats]

    def arrived(self, at: float, repeats: bool | None) -> None:
        self.tally(repeats).calls += 1
        self.first_hour += at < self.timeline.start + 3600
        if repeats is not None and self.first_attack != self.first_attack:
            self.first_attack = at
        self.timeline.count("people" if repeats is None else "robots", at)

    def decided(self, at: float, repeats: bool | None, decision: Decision, person: Person | None) -> None:
        tally = self.tally(repeats)
        tally.screened += 1
        tally.challenged += decision.verdict is Verdict.CHALLENGE
        tally.rejected += decision.verdict is Verdict.REJECT
        who = "people" if repeats is None else "robots"
        self.timeline.count(f"{who}_{decision.verdict}", at)
        self._leveled(at, decision.level)
        if person is not None:
            self.persons.add(person)
            if decision.verdict is Verdict.CHALLENGE:
                person.challenged += 1
                person.challenged_known += person.known and person.number[0] == "+"
            person.rejected += decision.verdict is Verdict.REJECT

    @property
    def level(self) -> Level:
        return self._level

    def ended(self, repeats: bool | None, end: End) -> None:
        self.tally(repeats).ends[end] += 1

    def _leveled(self, at: float, level: Level) -> None:
        if level is not self._level:
            self._level = level
            attacked = self.first_attack == self.first_attack
            if attacked:
                self.raised.setdefault(level, at)
                if level is Level.SIEGE:
                    self.raised.setdefault(Level.ELEVATED, at)
            elif level is Level.SIEGE:
                self.false_sieges += 1

    def queued(self, repeats: bool | None, decision: Decision, captcha_time: float) -> None:
        """A call is in the queue: by its CAPTCHA or as that was full, by a pass or list, or at once at some level."""
        tally = self.tally(repeats)
        tally.queued += 1
        if decision.final == "mode_off":
            return
        if decision.verdict is Verdict.CHALLENGE:
            tally.ways["captcha" if captcha_time else "captcha_full"] += 1
        else:
            tally.ways["pass" if decision.final == "pass" else decision.level] += 1

    def waited(self, at: float, seconds: float, served: bool) -> None:
        """A person's time in CAPTCHA and queue, until an operator or giving up."""
        self.waits.append(seconds)
        if served:
            self.answered.append(seconds)
        self.timeline.waits[self.timeline.bin(at)].append(seconds)

    def figures(self) -> dict[str, float]:
        return {**self._of_people(), **self._of_robots(), **self._of_levels()}

    def _of_people(self) -> dict[str, float]:
        people, persons = self.people, self.persons
        waits = sorted(self.waits)
        asked = sum(p.challenged > 0 for p in persons)
        lost = people.ends[End.DIVERTED] + people.ends[End.HUNG_UP]
        return {
            "people_calls": people.calls,
            "people_wait": sum(waits) / len(waits) if waits else nan,
            "people_wait_p95": waits[int(len(waits) * 0.95)] if waits else nan,
            "people_wait_answered": sum(self.answered) / len(self.answered) if self.answered else nan,
            "people_to_operator": sum(self.reached) / len(self.reached) if self.reached else nan,
            "people_busy": people.share(people.ends[End.BUSY]),
            "people_abandoned": people.share(people.ends[End.ABANDONED]),
            "people_served": people.share(people.ends[End.SERVED]),
            "people_challenged": people.share(people.challenged, people.screened),
            "persons_challenged": asked / len(persons) if persons else nan,
            "people_rejected": people.share(people.rejected, people.screened),
            "people_lost_in_captcha": people.share(lost, people.screened),
            "known_challenged": sum(p.challenged_known > 0 for p in persons),
            "known_challenged_again": sum(p.challenged_known > 1 for p in persons),
        }

    def _of_robots(self) -> dict[str, float]:
        found: dict[str, float] = {}
        both = [*self.robots.values()]
        calls = sum(t.calls for t in both)
        found["robots_calls"] = calls
        for name, tallies in (("", both), ("_repeated", [self.robots[True]]), ("_unique", [self.robots[False]])):
            total = sum(t.calls for t in tallies)
            if total:
                found[f"robots{name}_served"] = sum(t.ends[End.SERVED] for t in tallies) / total
                found[f"robots{name}_queued"] = sum(t.queued for t in tallies) / total
                found[f"robots{name}_rejected"] = sum(t.rejected for t in tallies) / total
                found[f"robots{name}_challenged"] = sum(t.challenged for t in tallies) / total
                found[f"robots{name}_busy"] = sum(t.ends[End.BUSY] for t in tallies) / total
        ways = sum((tally.ways for tally in both), Counter[str]())
        found |= {f"robots_by_{way}": count / calls for way, count in ways.items()}
        found["operator_hours_lost"] = self.operator_seconds / 3600
        return found

    def _of_levels(self) -> dict[str, float]:
        attacked = self.first_attack == self.first_attack
        found = {
            f"to_{level}": self.raised.get(level, nan) - self.first_attack if attacked else nan
            for level in (Level.ELEVATED, Level.SIEGE)
        }
        found["calls_first_hour"] = self.first_hour
        found["calls"] = sum(tally.calls for tally in (self.people, *self.robots.values()))
        return {**found, "false_sieges": self.false_sieges, "most_lines": self.most_lines}
