"""Who sets the attack level, who is told of it, and what a restart keeps."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.clock import ManualClock
from agi_screen.base.late_store import LateStore
from agi_screen.base.verdict import Level
from agi_screen.inbound.ami import AmiEvent
from agi_screen.judge.level import LevelKeeper
from agi_screen.levels import LevelError, Levels, parse_order
from agi_screen.settings import load
from agi_screen.trail.webhook import Webhook
from tests.made import NOON


class FakeAsterisk:
    """Keeps the events it is sent."""

    connected = True

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, str]]] = []

    def user_event(self, name: str, fields: Mapping[str, str]) -> None:
        self.events.append((name, fields))


class Place:
    """Levels over a real store and a real keeper."""

    def __init__(self, folder: Path, clock: ManualClock) -> None:
        path = folder / "agi-screen.toml"
        path.touch()
        config = load(path).config
        self.clock = clock
        self.asterisk = FakeAsterisk()
        self.keeper = LevelKeeper(config.arrivals, None, clock.wall())
        self.store = LateStore(folder / "calls.db", clock)
        self.levels = Levels(self.keeper, self.store, self.asterisk, Webhook(config.webhook), clock)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def place(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Place]:
    made = Place(tmp_path, clock)
    await made.store.open()
    yield made
    await made.store.close()


async def after_restart(tmp_path: Path, clock: ManualClock) -> Level:
    again = Place(tmp_path, clock)
    await again.store.open()
    await again.levels.restore()
    await again.store.close()
    return again.keeper.level


async def test_an_order_is_obeyed_announced_and_shown(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    assert await place.levels.order({"level": "siege", "for": "2h", "reason": "on TV"}, "ann") == ""
    assert place.keeper.level is Level.SIEGE
    ((name, fields),) = place.asterisk.events
    assert (name, fields) == (
        "AgiScreenLevel",
        {"Level": "siege", "Was": "normal", "Why": "on TV", "Since": "2027-01-15T08:00:00+00:00", "By": "ann"},
    )
    assert "attack level siege, was normal: on TV (ann)" in caplog.text
    state = place.levels.state()
    assert (state["level"], state["why"], state["by"], state["since"]) == ("siege", "on TV", "ann", NOON)
    assert state["override"]["until"] == NOON + 7200
    json.dumps(state)
    await place.levels.order({"level": "auto"}, "bob")
    assert [e[1]["Level"] for e in place.asterisk.events] == ["siege", "normal"]
    assert place.levels.state()["override"] is None


async def test_a_restart_keeps_it_until_its_time_ends(place: Place, tmp_path: Path, clock: ManualClock) -> None:
    await place.levels.order({"level": "elevated", "for": "2h"}, "ann")
    clock.advance(7199)
    assert await after_restart(tmp_path, clock) is Level.ELEVATED
    clock.advance(1)
    assert await after_restart(tmp_path, clock) is Level.NORMAL
    await place.levels.order({"level": "siege"}, "ann")
    clock.advance(1e7)
    assert await after_restart(tmp_path, clock) is Level.SIEGE
    await place.levels.order({"level": "auto"}, "ann")
    assert await after_restart(tmp_path, clock) is Level.NORMAL


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"level": "war"}', '{"level": "siege", "until": [], "by": 1}'])
async def test_what_is_not_ours_in_the_store_is_left_alone(
    place: Place, tmp_path: Path, clock: ManualClock, kept: str
) -> None:
    await place.store.set_setting("level", kept, "x", NOON)
    assert await after_restart(tmp_path, clock) is Level.NORMAL


async def test_without_a_store_it_is_obeyed_and_said_not_to_last(tmp_path: Path, clock: ManualClock) -> None:
    place = Place(tmp_path, clock)
    assert "not open yet" in await place.levels.order({"level": "siege"}, "ann")
    assert place.keeper.level is Level.SIEGE


async def test_who_spoke_since_the_start_is_not_overruled_by_what_was_kept(place: Place) -> None:
    await place.levels.order({"level": "elevated"}, "bob")
    await place.store.set_setting("level", json.dumps({"level": "siege", "until": 0, "by": "a", "why": ""}), "a", NOON)
    await place.levels.restore()
    assert place.keeper.level is Level.ELEVATED


@pytest.mark.parametrize(
    ("fields", "mend"),
    [
        ({"level": "war"}, 'level "war": say normal, elevated, siege or auto'),
        ({"level": "SIEGE"}, "say normal"),
        ({"level": "\x1b[31m"}, r"\\x1b"),
        ({"level": ["siege"]}, "say normal"),
        ({}, 'level ""'),
        ({"level": "siege", "for": "soon"}, 'for "soon"'),
        ({"level": "siege", "for": "31d"}, "at most 30d"),
        ({"level": "siege", "for": "0s"}, "over 0"),
        ({"level": "auto", "for": "1h"}, "auto has no end"),
        ({"level": "siege", "reason": "x" * 81}, "81 characters"),
    ],
)
async def test_an_order_not_understood_changes_nothing(place: Place, fields: dict[str, Any], mend: str) -> None:
    with pytest.raises(LevelError, match=mend):
        await place.levels.order(fields, "ann")
    assert (place.keeper.level, place.asterisk.events) == (Level.NORMAL, [])


@given(st.dictionaries(st.sampled_from(["level", "for", "reason"]), st.text() | st.integers() | st.none()), st.text())
def test_any_fields_give_an_order_or_a_level_error(fields: dict[str, Any], by: str) -> None:
    try:
        order = parse_order(fields, by, NOON)
    except LevelError:
        return
    assert order is None or (order.by.isprintable() and order.why.isprintable())


SET = {"UserEvent": "AgiScreenSetLevel", "Level": "siege"}


@pytest.mark.parametrize(
    ("event", "ours"),
    [
        (AmiEvent("UserEvent", SET), True),
        (AmiEvent("UserEvent", {**SET, "UserEvent": "AgiScreenOpen"}), False),
        (AmiEvent("Hangup", SET), False),
        (AmiEvent("UserEvent", {**SET, "Channel": "PJSIP/x-1", "Uniqueid": "1.2"}), False),
    ],
)
async def test_only_an_ami_client_s_event_is_an_order(place: Place, event: AmiEvent, ours: bool) -> None:
    assert place.levels.wanted(event) is ours


async def test_an_ami_order_is_checked_as_any_other(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    await place.levels.obey(AmiEvent("UserEvent", {**SET, "Level": "war\r\n"}))
    assert "NOT obeyed" in caplog.text
    await place.levels.obey(AmiEvent("UserEvent", {**SET, "For": "1h"}))
    override = place.keeper.override
    assert override is not None
    assert (override.level, override.until, override.by) == (Level.SIEGE, NOON + 3600, "AMI")
