"""The attack level, and a person's word on it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from agi_screen.base.units import parse_duration
from agi_screen.base.verdict import Level
from agi_screen.web.access.audit import audited
from agi_screen.web.route import Ask, Model, Role, Route
from agi_screen.web.said import ThresholdsSaid, thresholds_said

LONGEST_SECONDS = 30 * 86400.0


def _lasts(written: str) -> str:
    if written and not 0 < parse_duration(written) <= LONGEST_SECONDS:
        raise ValueError("say a time over 0 and at most 30d")
    return written


class Override(Model):
    """A level set by hand; `until` 0 is until further notice."""

    level: Level
    until: float
    by: str
    why: str


class LevelSaid(Model):
    """The level in force, since when, why, by whom. `not_kept` says why a restart will not know of it."""

    level: Level
    was: Level
    since: float
    why: str
    by: str
    override: Override | None
    thresholds: dict[Level, ThresholdsSaid]
    not_kept: str = ""


class LevelOrder(Model):
    """`auto` gives the level back to the arrivals. `for_time` such as `30m` or `2h`, at most 30d; empty: until
    somebody says otherwise."""

    level: Literal["auto", "normal", "elevated", "siege"]
    for_time: Annotated[str, Field(max_length=20), AfterValidator(_lasts)] = ""
    reason: Annotated[str, Field(max_length=80)] = ""


async def level(ask: Ask) -> LevelSaid:
    return _said(ask)


async def set_level(ask: Ask) -> LevelSaid:
    body: LevelOrder = ask.body
    lasts = "" if body.level == "auto" else body.for_time
    after = " ".join(
        filter(None, (body.level, f"for {lasts}" if lasts else "", body.reason and f"because {body.reason}"))
    )
    await audited(ask, "attack level", _told(ask), after)
    order = {"level": body.level, "for": lasts, "reason": body.reason}
    not_kept = await ask.office.set_level(order, ask.who.name)
    return _said(ask, not_kept)


def _said(ask: Ask, not_kept: str = "") -> LevelSaid:
    limits = {level: thresholds_said(ask.office.thresholds(level)) for level in Level}
    return LevelSaid.model_validate({**ask.office.level(), "thresholds": limits, "not_kept": not_kept})


def _told(ask: Ask) -> str:
    now = _said(ask)
    return f"{now.override.level}, set by {now.override.by}" if now.override else f"auto ({now.level})"


ROUTES = (
    Route("GET", "/level", "The attack level in force, and an order of a person", Role.VIEWER, level, LevelSaid),
    Route(
        *(
            "POST",
            "/level",
            "Set the attack level, or give it back to the arrivals",
            Role.OPERATOR,
            set_level,
            LevelSaid,
        ),
        body=LevelOrder,
    ),
)
