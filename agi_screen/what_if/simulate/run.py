"""One seed of one scenario, and many of them over processes. The same seed gives the same run."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any, Literal

from agi_screen.base.toml_file import read_tables
from agi_screen.settings import Settings, laid_over_defaults
from agi_screen.what_if.simulate import dealer
from agi_screen.what_if.simulate.attacks import AnyAttack, Target
from agi_screen.what_if.simulate.captcha_room import CaptchaRoom
from agi_screen.what_if.simulate.centre import Centre
from agi_screen.what_if.simulate.outcome import Outcome, Timeline
from agi_screen.what_if.simulate.people import HOUR, People, crowd, first_calls
from agi_screen.what_if.simulate.scenario import Scenario
from agi_screen.what_if.simulate.screening import Screened, Screening, Unscreened
from agi_screen.what_if.simulate.visit import Arrival, Visit
from agi_screen.what_if.simulate.warmup import WEEK, Warmup

Mode = Literal["normal", "people", "unscreened", "screened"]
UNSCREENED = ("normal", "people", "unscreened")
NO_FILE = Path("agi-screen.toml")


@dataclass(frozen=True, slots=True)
class Job:
    """`normal` leaves attacks, call-backs and crowds out; `people` only robots, as a perfect screening would.

    Neither is screened. `without`: a signal whose weight is 0.
    """

    scenario: Scenario
    seed: int
    mode: Mode
    config: Path | None = None
    without: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run gave."""

    job: Job
    figures: dict[str, float]
    timeline: Timeline


def settings_of(config: Path | None, without: str = "") -> Settings:
    """The shipped defaults, or a file laid over them. Raises ConfigError."""
    site, lines = read_tables(config) if config else ({}, {})
    tables: dict[str, Any] = dict(site)
    if without:
        signals = dict(tables.get("signals", {}))
        tables["signals"] = {**signals, without: {**signals.get(without, {}), "weight": 0.0}}
    return laid_over_defaults(tables, config or NO_FILE, lines)


def run(job: Job) -> Result:
    """One seed."""
    outcome, _ = _ran(job)
    return Result(job, outcome.figures(), outcome.timeline)


def simulated(scenario: Scenario, seed: int, mode: Mode) -> tuple[Outcome, Centre]:
    """One seed with all that was counted, and the centre as it was left."""
    return _ran(Job(scenario, seed, mode))


def _ran(job: Job) -> tuple[Outcome, Centre]:
    scenario = job.scenario
    if job.mode == "normal":
        scenario = scenario.model_copy(update={"attack": (), "crowd": None, "callbacks": type(scenario.callbacks)()})
    outcome = Outcome(scenario.opens, scenario.duration)
    settings = settings_of(job.config, job.without)
    dialled = scenario.dialled or dealer.number(_random(job, "dialled"), scenario.people.areas)
    people = People(scenario, _random(job, "people"))
    screening = _screening(job, settings, scenario, dialled)
    Warmup(scenario, people, screening, _random(job, "warmup")).run()
    target = Target(dialled=dialled, areas=scenario.people.areas, customers=people.customers())
    captcha = CaptchaRoom(settings.config, _random(job, "captcha"))
    centre = Centre(scenario, screening, captcha, outcome, _random(job, "centre"))
    centre.run(_arrivals(job, scenario, people, target))
    return outcome, centre


def _random(job: Job, what: str) -> Random:
    """A stream of its own for each part: people come at the same moments with and without an attack."""
    return Random(f"{job.seed}:{what}")  # noqa: S311  a simulation, no secret


def _screening(job: Job, settings: Settings, scenario: Scenario, dialled: str) -> Screening:
    start = scenario.opens - scenario.warmup.weeks * WEEK
    if job.mode in UNSCREENED:
        return Unscreened(start)
    return Screened(settings, start, dialled)


def _arrivals(job: Job, scenario: Scenario, people: People, target: Target) -> Iterator[Arrival]:
    hours = -int(-scenario.duration // HOUR)
    usual = first_calls(scenario, scenario.opens, hours, _random(job, "arrivals"), vary=scenario.people.vary)
    streams: list[Iterable[Arrival]] = [
        ((at, Visit((p := people.caller()).number, p)) for at in usual if at < scenario.closes),
        _crowd(job, scenario, people),
        _bursts(job, scenario, people),
        _owners(job, scenario, people, target),
    ]
    if job.mode != "people":
        streams += [_robots(_random(job, f"attack {k}"), a, scenario, target) for k, a in enumerate(scenario.attack)]
    return merge(*streams, key=itemgetter(0))


def _crowd(job: Job, scenario: Scenario, people: People) -> Iterator[Arrival]:
    if scenario.crowd is not None:
        for at in crowd(scenario, _random(job, "crowd")):
            person = people.caller(scenario.crowd.new)
            yield at, Visit(person.number, person)


def _robots(rng: Random, attack: AnyAttack, scenario: Scenario, target: Target) -> Iterator[Arrival]:
    numbers = attack.numbers(rng, target)
    for at in attack.times(rng):
        yield scenario.opens + at, Visit(next(numbers), attack=attack)


def _bursts(job: Job, scenario: Scenario, people: People) -> Iterator[Arrival]:
    """People all over the country who got a call that showed this centre's number, and now call it."""
    rng, table = _random(job, "bursts"), scenario.callbacks
    moments: list[float] = []
    for _ in range(table.bursts):
        attack = rng.choice(scenario.attack)
        begin = scenario.opens + attack.start + rng.random() * attack.duration
        moments += (begin + rng.expovariate(1 / table.burst_time) for _ in range(table.burst_people))
    for at in sorted(moments):
        if at < scenario.closes:
            person = people.stranger(areas=False)
            yield at, Visit(person.number, person)


def _owners(job: Job, scenario: Scenario, people: People, target: Target) -> Iterator[Arrival]:
    """Owners of numbers the attack has shown: somebody called them back, or wrote to them; now they call here."""
    rng, table = _random(job, "owners"), scenario.callbacks
    moments: list[tuple[float, str]] = []
    for k, attack in enumerate(scenario.attack if table.owners else ()):
        for at, visit in _robots(_random(job, f"attack {k}"), attack, scenario, target):
            if visit.number[0] == "+" and rng.random() < table.owners:
                moments.append((at + rng.expovariate(1 / table.owners_gap), visit.number))
    for at, number in sorted(moments):
        if at < scenario.closes:
            yield at, Visit(number, people.stranger(number))


def run_all(jobs: Sequence[Job], processes: int, done: Callable[[], None]) -> list[Result]:
    """In the order of `jobs`; `done` is called after each."""
    results: list[Result] = []
    if processes == 1 or len(jobs) == 1:
        for job in jobs:
            results.append(run(job))
            done()
        return results
    with multiprocessing.get_context("spawn").Pool(min(processes, len(jobs))) as pool:
        for job, result in zip(jobs, pool.imap(run, jobs), strict=True):
            results.append(replace(result, job=job))
            done()
    return results


def jobs_of(scenario: Scenario, seeds: int, modes: Sequence[Mode], config: Path | None) -> list[Job]:
    return [Job(scenario, seed, mode, config) for mode in modes for seed in range(1, seeds + 1)]


def without(job: Job, signal: str) -> Job:
    """The same run with one signal left out."""
    return replace(job, without=signal)
