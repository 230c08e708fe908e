"""Other thresholds and weights tried on recorded calls. Nothing here changes anything."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from agi_screen.base.errors import MissingError
from agi_screen.base.masking import masked
from agi_screen.web.route import ApiError, Ask, Model, Role, Route

Moment = Annotated[float, Field(ge=0, le=1e11)]
VERDICTS, PEOPLE = ("allow", "challenge", "reject"), ("unknown", "person", "robot")
Verdict = Literal["allow", "challenge", "reject"]
Number = Annotated[float, Field(ge=-1000, le=1000)]
Counts = list[list[int]]


class Attack(Model):
    """A time at a level over normal; `level` is the highest."""

    since: float
    until: float
    level: str
    calls: int


class Attacks(Model):
    """Those of the last fourteen days, newest first."""

    attacks: list[Attack]


class Span(Model):
    """Calls that started at `since` or later and before `until` (seconds since 1970)."""

    since: Moment
    until: Moment


class SampleSaid(Model):
    """What was read: the newest `calls` of `total`, the oldest of them of `oldest`; at most `most` are. `seen` are the
    signals with evidence in it, `groups` those in force by their groups; a person talks for `person_talk` seconds."""

    calls: int
    total: int
    oldest: float
    most: int
    seen: list[str]
    groups: dict[str, str]
    person_talk: float


class Trial(Model):
    """`changes`: policy.LEVEL.challenge or .reject, signals.NAME.weight, groups.NAME. The rest says which of the calls
    that differ are listed."""

    changes: Annotated[dict[Annotated[str, Field(max_length=120)], Number], Field(max_length=200)]
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=0, le=200)] = 50
    who: Literal["unknown", "person", "robot"] | None = None
    before: Verdict | None = None
    after: Verdict | None = None


class Differs(Model):
    """A call whose verdict differs."""

    id: str
    started: float
    caller: str
    dialled: str
    who: str
    level: str
    now: str
    tried: str
    score_now: float
    score_tried: float
    signals: list[str]


class Tried(Model):
    """Verdicts are numbered allow, challenge, reject; who: unknown, person, robot; levels: normal, elevated, siege.
    `moved[who][now][tried]` and `levels[level][now][tried]` count calls; `recorded[who][verdict]` is what was said
    then; `scores[level][who][bin]` counts calls by the tried score, `bin` wide."""

    calls: int
    recorded: Counts
    moved: list[Counts]
    levels: list[Counts]
    scores: list[Counts]
    bin: float
    changed: int
    rows: list[Differs]


async def attacks(ask: Ask) -> Attacks:
    found = await ask.office.tuning.attacks(ask.office.clock.wall() + 1.0)
    return Attacks.model_validate({"attacks": found})


async def sample(ask: Ask) -> SampleSaid:
    body: Span = ask.body
    if body.since >= body.until:
        raise ApiError(400, "body.since", str(body.since), "must be before until")
    return SampleSaid.model_validate(await ask.office.tuning.sample(ask.who.name, body.since, body.until))


async def tried(ask: Ask) -> Tried:
    body: Trial = ask.body
    page = {"offset": body.offset, "limit": body.limit, "who": _code(PEOPLE, body.who)}
    page |= {"before": _code(VERDICTS, body.before), "after": _code(VERDICTS, body.after)}
    try:
        found = await ask.office.tuning.tried(ask.who.name, {"changes": body.changes, "page": page})
    except MissingError as error:
        raise ApiError(404, "sample", "", str(error)) from error
    if ask.office.web.mask_numbers and ask.who.role < Role.ADMIN:
        found = {**found, "rows": [_masked(row) for row in found["rows"]]}
    return Tried.model_validate(found)


def _code(words: tuple[str, ...], word: str | None) -> int | None:
    return None if word is None else words.index(word)


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "caller": masked(row["caller"])}


OPERATOR = Role.OPERATOR
ROUTES = (
    Route("GET", "/tuning/attacks", "The attacks of the last days", OPERATOR, attacks, Attacks),
    Route(
        "POST",
        "/tuning/sample",
        "Read the calls of a time, to try settings on",
        OPERATOR,
        sample,
        SampleSaid,
        body=Span,
    ),
    Route(
        *("POST", "/tuning/try", "Who would have been allowed, challenged, rejected", OPERATOR, tried, Tried),
        body=Trial,
        errors=(404,),
    ),
)
