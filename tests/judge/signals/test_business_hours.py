"""Opening hours: what may be written, what is told of the rest, and the days on which clocks are changed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.judge.signal import Facts
from agi_screen.judge.signals.business_hours import MEND, spans
from tests.judge.calls import a_call_at
from tests.judge.signals.made import points

CHICAGO = "America/Chicago"


def closed(at: str, *hours: str, zone: str = CHICAGO) -> bool:
    """`at` as clocks there show it; `+1` is the second time round."""
    local = datetime.fromisoformat(at.removesuffix("+1")).replace(tzinfo=ZoneInfo(zone), fold=at.endswith("+1"))
    return points("business_hours", Facts(), a_call_at(local.timestamp()), open=list(hours), zone=zone) > 0


@pytest.mark.parametrize(
    ("at", "shut"),
    [
        ("2026-06-01T07:59:59", True),
        ("2026-06-01T08:00:00", False),
        ("2026-06-01T18:59:59", False),
        ("2026-06-01T19:00:00", True),
        ("2026-06-06T09:00:00", False),  # Saturday
        ("2026-06-06T15:00:00", True),
        ("2026-06-07T09:00:00", True),  # Sunday
    ],
)
def test_the_minute_of_opening_is_open_and_that_of_closing_is_not(at: str, shut: bool) -> None:
    assert closed(at, "mon-fri 08:00-19:00", "sat 08:00-14:00") is shut


@pytest.mark.parametrize("at", ["2026-03-08T08:00:00", "2026-11-01T08:00:00", "2026-03-09T08:00:00"])
def test_when_clocks_change_the_centre_opens_by_the_clock_on_the_wall(at: str) -> None:
    hours = "mon-sun 08:00-19:00"
    assert not closed(at, hours)
    assert closed(at.replace("08:00", "07:59"), hours)


@pytest.mark.parametrize("at", ["2026-11-01T01:30:00", "2026-11-01T01:30:00+1"])
def test_the_hour_that_comes_twice_is_open_twice(at: str) -> None:
    assert not closed(at, "sun 01:00-02:00")


def test_another_zone_opens_at_another_time() -> None:
    assert closed("2026-06-01T09:00:00", "mon-fri 08:00-10:00", zone="Asia/Tokyo") is False
    tokyo_nine = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Tokyo")).timestamp()
    assert points("business_hours", Facts(), a_call_at(tokyo_nine), open=["mon-fri 08:00-10:00"], zone=CHICAGO) > 0


def test_several_lines_add_up() -> None:
    lunch = ("mon 08:00-12:00", "mon 13:00-17:00", "mon 11:00-12:00")
    assert [closed(f"2026-06-01T{hour}:00:00", *lunch) for hour in ("11", "12", "13")] == [False, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mon",
        "08:00-19:00",
        "mon 8:00-19:00",
        "mon 08:00-24:01",
        "mon 19:00-08:00",
        "mon 08:00-08:00",
        "fri-mon 08:00-09:00",
        "day 08:00-09:00",
        "mon-day 08:00-09:00",
        "mon 08:60-09:00",
        "mon 25:00-29:00",
        "mon  08:00-09:00",
        "mon 08:00-09:00\n",
    ],
)
def test_what_is_no_opening_time_is_told_with_its_mend(text: str) -> None:
    with pytest.raises(ValueError, match="write opening hours as days and times") as told:
        points("business_hours", Facts(), open=[text])
    assert '"mon-fri 08:00-19:00"' in str(told.value)


@pytest.mark.parametrize(
    "zone", ["", "Nowhere", "America", "../etc/passwd", "/etc/passwd", "a\0b", "x" * 5000, "\ud800"]
)
def test_what_is_no_zone_is_told_with_its_mend(zone: str) -> None:
    with pytest.raises(ValueError, match="write a time zone by its name"):
        points("business_hours", Facts(), zone=zone)


@given(
    st.text(max_size=20) | st.from_regex(r"[a-z]{3}(-[a-z]{3})? [0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}", fullmatch=True)
)
def test_any_text_is_hours_or_told(text: str) -> None:
    said, found = "", list[tuple[int, int]]()
    try:
        found = spans(text)
    except ValueError as told:
        said = str(told)
    assert said == MEND or found
    assert all(0 <= begin < end <= 10_080 for begin, end in found)
