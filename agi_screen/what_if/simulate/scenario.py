"""The shape of SCENARIO.toml. Every key is described in the shipped scenarios, in scenarios/*.toml."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from agi_screen.base.config import Table
from agi_screen.base.errors import ConfigError, Problem
from agi_screen.base.toml_file import problems_in, read_tables
from agi_screen.base.units import Duration
from agi_screen.what_if.simulate.attacks import Attack
from agi_screen.what_if.simulate.dealer import assigned
from agi_screen.what_if.simulate.measured import measured

SHIPPED = Path(__file__).with_name("scenarios")

ATTESTED: dict[Literal["A", "B", "C", "none"], float] = {"A": 0.45, "B": 0.1, "C": 0.15, "none": 0.3}

Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(gt=0, le=100)]


class CentreTable(Table):
    """Operators, lines and menus. `staff = "measured"` lets operators follow the hours of normal traffic."""

    operators: Annotated[int, Field(ge=1, le=5000)]
    lines: Annotated[int, Field(ge=1, le=20_000)]
    staff: Literal["flat", "measured"] = "flat"
    menu_time: Duration = 20.0
    silence_time: Duration = 17.0
    wrap_up: Duration = 0.0
    talk: Literal["measured", "exponential"] = "measured"
    talk_factor: Factor = 1.0


class CaptchaOfPeople(Table):
    """How people do in the CAPTCHA: `right` is per attempt."""

    right: Share = 0.97
    answer_time: Duration = 3.5
    no_keys: Share = 0.02
    hang_up: Share = 0.03

    @model_validator(mode="after")
    def _within_one(self) -> CaptchaOfPeople:
        if self.no_keys + self.hang_up > 1:
            raise ValueError("no_keys and hang_up together must be at most 1")
        return self


class PeopleTable(Table):
    """Who calls. `hours` are calls in each hour from the start on; without them the measured week is used."""

    hours: Annotated[tuple[Annotated[float, Field(ge=0, le=200_000)], ...], Field(max_length=1440)] = ()
    volume: Factor = 1.0
    vary: bool = True
    returning: Share | None = None
    areas: tuple[str, ...] = ("612", "651", "763", "952", "507", "218", "320")
    local: Share = 0.85
    withheld: Share = 0.04
    attestation: dict[Literal["A", "B", "C", "none"], Share] = Field(default_factory=lambda: dict(ATTESTED))
    patience: bool = True
    patience_factor: Factor = 1.0
    again: bool = True
    busy_redial: Share = 0.85
    busy_gap: Duration = 75.0
    idle_menu: Share = 0.03
    captcha: CaptchaOfPeople = CaptchaOfPeople()

    @field_validator("areas")
    @classmethod
    def _area_codes(cls, areas: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [area for area in areas if area not in assigned()]
        if wrong or not areas:
            raise ValueError(f'write area codes of the North American plan, such as "612"; not {", ".join(wrong)}')
        return areas


class CrowdTable(Table):
    """An opening: people beyond the normal, from `start` for `duration`, many never seen before."""

    start: Duration
    duration: Duration
    times: Annotated[float, Field(ge=1, le=100)]
    new: Share = 0.7


class CallbacksTable(Table):
    """People who call back: the attacker showed this centre's number (`bursts`), or theirs (`owners`)."""

    bursts: Annotated[int, Field(ge=0, le=1000)] = 0
    burst_people: Annotated[int, Field(ge=1, le=10_000)] = 40
    burst_time: Duration = 300.0
    owners: Share = 0.0
    owners_gap: Duration = 1200.0


class WarmupTable(Table):
    """What the judge has lived through before: weeks of normal traffic, at this part of the normal volume."""

    weeks: Annotated[int, Field(ge=0, le=8)] = 2
    volume: Factor = 1.0


class Scenario(Table):
    """One simulated day or week. `start` is taken as UTC; `dialled` empty is a number of a served area."""

    name: str = ""
    title: Annotated[str, Field(min_length=1, max_length=100)]
    about: Annotated[str, Field(max_length=2000)] = ""
    start: datetime
    duration: Duration
    dialled: Annotated[str, Field(pattern=r"^(\+?[0-9]{3,15})?$")] = ""
    trunks: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")], ...] = ("trunk-a", "trunk-b")
    centre: CentreTable
    people: PeopleTable = PeopleTable()
    crowd: CrowdTable | None = None
    callbacks: CallbacksTable = CallbacksTable()
    warmup: WarmupTable = WarmupTable()
    attack: Annotated[tuple[Attack, ...], Field(max_length=50)] = ()

    @field_validator("start")
    @classmethod
    def _utc(cls, start: datetime) -> datetime:
        return start if start.tzinfo else start.replace(tzinfo=UTC)

    @model_validator(mode="after")
    def _fits(self) -> Scenario:
        if not 60 <= self.duration <= 60 * 86400:
            raise ValueError("duration must be from 1m to 60d")
        if not self.trunks:
            raise ValueError("name at least one trunk")
        late = [attack.kind for attack in self.attack if attack.start >= self.duration]
        if late:
            raise ValueError(f"the attack {late[0]} starts after the end of the scenario: make duration longer")
        return self

    @property
    def menu_hangup(self) -> float:
        """Share of people who leave in the menu."""
        return measured().menu_hangup if self.people.again else 0.0

    @property
    def opens(self) -> float:
        """Seconds since 1970."""
        return self.start.timestamp()

    @property
    def closes(self) -> float:
        return self.opens + self.duration


def shipped() -> list[Path]:
    """The scenarios of the package, by name."""
    return sorted(SHIPPED.glob("*.toml"))


def find(name: str) -> Path:
    """A file, else a shipped scenario of that name. Raises ConfigError."""
    given = Path(name)
    if given.suffix or given.is_file():
        return given
    place = SHIPPED / f"{name}.toml"
    if place not in shipped():
        names = ", ".join(path.stem for path in shipped())
        raise ConfigError([Problem("simulate", "scenario", repr(name), f"name a TOML file or one of: {names}")])
    return place


def read_scenario(name: str) -> Scenario:
    """Raises ConfigError with every problem found."""
    path = find(name)
    tables, lines = read_tables(path)
    try:
        return Scenario.model_validate(_named(tables, path))
    except ValidationError as error:
        raise ConfigError(problems_in(error, Scenario, str(path), _with_kinds(tables, lines))) from error


def _with_kinds(tables: dict[str, Any], lines: dict[str, int]) -> dict[str, int]:
    """Complaints name an attack's kind too, as in `attack.0.hammer.calls`."""
    both = dict(lines)
    attacks = tables.get("attack")
    for k, attack in enumerate(attacks if isinstance(attacks, list) else ()):
        if isinstance(attack, dict):
            here = f"attack.{k}."
            named = {
                f"{here}{attack.get('kind')}.{key.removeprefix(here)}": n for key, n in lines.items() if here in key
            }
            both |= named
    return both


def _named(tables: dict[str, Any], path: Path) -> dict[str, Any]:
    if "name" in tables:
        mend = "there is no such key: a scenario's name is its file's"
        raise ConfigError([Problem(str(path), "name", repr(tables["name"])[:80], mend)])
    return {**tables, "name": re.sub(r"[^A-Za-z0-9_-]", "-", path.stem)[:60]}
