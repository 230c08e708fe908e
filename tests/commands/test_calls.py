"""`agi-screen calls`: what it finds, and that no caller's text reaches the terminal as it came."""

import asyncio
from pathlib import Path

import pytest

from agi_screen.base.call import case_number
from agi_screen.base.clock import SystemClock
from agi_screen.base.records import CallRecord
from agi_screen.base.store import Store
from agi_screen.base.verdict import Evidence, Verdict
from agi_screen.inbound._request_py import new_call_id
from agi_screen.settings import load
from tests.commands.conftest import Run
from tests.made import a_call, an_end
from tests.places import KINDS

NOW = SystemClock.wall()
CONDUCT = (Evidence("silence", 1.0, 3.0, "2 questions, no answer"), Evidence("talk_over", 1.0, 6.0, "spoke"))
CASE = new_call_id(NOW - 40 * 86400)
CALLS = [
    a_call("old", started=NOW - 7200, caller="+14155550101", verdict=Verdict.REJECT, final_verdict=Verdict.REJECT),
    a_call("mid", started=NOW - 600, caller_name="\x1b[31m[bold]Eve\n"),
    a_call("back", started=NOW - 7000, way="callback", asked="sum_of_two:wrong,digits:silent", captcha_time=21.4),
    a_call(CASE, started=NOW - 40 * 86400, way="redress"),
    a_call(
        "new", started=NOW - 5, dialled="+18005550000", verdict=Verdict.ALLOW, evidence=(), error="cut", conduct=CONDUCT
    ),
]


@pytest.fixture(params=KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    """In a file, and in a PostgreSQL database."""
    kind: str = request.param
    return kind


@pytest.fixture(autouse=True)
def recorded(config: Path) -> None:
    async def write(calls: list[CallRecord]) -> None:
        store = await Store.open(load(config).place, clock=SystemClock())
        await store.save_calls(calls)
        await store.save_ends([an_end("u-mid")])
        await store.close()

    asyncio.run(write(CALLS))


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ((), ["new", "mid", "back", "old", CASE]),
        (("--limit", "1"), ["new"]),
        (("--caller", "(415) 555-0101"), ["old"]),
        (("--did", "8005550000"), ["new"]),
        (("--verdict", "reject"), ["old"]),
        (("--since", "1h"), ["new", "mid"]),
        (("--until", "1h"), ["back", "old", CASE]),
        (("--way", "callback"), ["back"]),
        (("--way", "redress", "--since", "1h"), []),
        (("--case", case_number(CASE)), [CASE]),
        (("--case", f"{case_number(CASE)[:4]} {case_number(CASE)[4:]}", "--way", "redress"), [CASE]),
        (("--case", case_number(CASE), "--caller", "+14155550199"), []),
        (("--case", f"{(int(case_number(CASE)) + 50_000_000) % 100_000_000:08}"), []),
        (("--id", "mid"), ["mid"]),
        (("--since", "2001-01-01", "--until", "2002-01-01"), []),
    ],
)
def test_filters(run: Run, words: tuple[str, ...], ids: list[str]) -> None:
    assert [o["id"] for o in run("calls", "--json", *words).objects] == ids


def test_json_has_everything(run: Run) -> None:
    (found,) = run("calls", "--json", "--id", "mid").objects
    assert found["caller_name"] == "\x1b[31m[bold]Eve\n"
    assert found["reasons"] == "caller_rate:3.75;hostile_caller_id:2.50"
    assert found["evidence"][0] == {
        "signal": "caller_rate",
        "points": 0.5,
        "score": 3.75,
        "reason": "3 calls over 3/10m",
    }
    assert (found["end"]["disposition"], found["end"]["talk_time"]) == ("talked", 61.25)
    assert run("calls", "--json", "--id", "new").objects[0]["end"] is None


def test_conduct_in_the_captcha_is_shown_beside_the_reasons(run: Run) -> None:
    (found,) = run("calls", "--json", "--id", "new").objects
    assert (found["reasons"], found["conduct_reasons"]) == ("", "talk_over:6.00;silence:3.00")
    assert [e["signal"] for e in found["conduct"]] == ["silence", "talk_over"]
    assert "talk_over:6.00" in "".join(run("calls", "--id", "new").out.split())


def test_what_came_of_the_captcha_is_shown(run: Run) -> None:
    (found,) = run("calls", "--json", "--id", "back").objects
    assert (found["way"], found["asked"], found["captcha_time"]) == ("callback", "sum_of_two:wrong,digits:silent", 21.4)
    assert run("calls", "--json", "--id", CASE).objects[0]["case"] == case_number(CASE)
    out = " ".join(run("calls", "--way", "callback").out.split())
    assert all(word in out for word in ("21s", "sum_of_two:wrong", "callback", "+14155550100", "+18005551234"))


def test_the_table_shows_callers_text_escaped(run: Run) -> None:
    out = run("calls").out
    assert "\x1b" not in out
    assert r"\x1b[31m[bold]Eve\x0a" in "".join(out.split())
    assert "challenge → allow" in out


@pytest.mark.parametrize(
    "words",
    [
        ("--since", "yesterday"),
        ("--verdict", "perhaps"),
        ("--limit", "0"),
        ("--case", "1234"),
        ("--case", "1234567x"),
        ("--way", "out"),
    ],
)
def test_bad_options(run: Run, words: tuple[str, ...]) -> None:
    assert run("calls", *words).code == 2


@pytest.mark.parametrize("store_kind", ["embedded"])
def test_a_damaged_database_is_told_not_set_aside(run: Run, config: Path) -> None:
    path = config.with_name("calls.db")
    path.write_bytes(b"rubbish" * 1000)
    done = run("calls")
    assert (done.code, done.out) == (2, "")
    assert f"{path}: " in done.err
    assert path.read_bytes() == b"rubbish" * 1000
