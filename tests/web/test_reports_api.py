"""Reports by the real commands: started, watched, opened shut off from the desk, cancelled, deleted."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from agi_screen.web.reports.runner import REPORTS
from agi_screen.web.reports.shelf import Report, Shelf
from agi_screen.web.route import Role
from tests.made import NOON, a_call
from tests.web.made_desk import Browser, MadeDesk, made_desk

SPAN = {"kind": "investigation", "since": NOON - 60, "until": NOON + 3600}
SIMULATION = {"kind": "simulation", "scenario": "mnsure", "seeds": 50}


async def begin(browser: Browser, body: Any) -> Any:
    said = await browser.send("POST", "/reports", body)
    assert said.status == 200, await said.text()
    return await said.json()


async def over(desk: MadeDesk) -> None:
    """Returns when nothing is under way."""
    task = reports(desk)._task
    if task is not None:
        await task


def reports(desk: MadeDesk) -> Any:
    app = desk.server.app
    assert app is not None
    return app[REPORTS]


async def test_an_investigation(desk: MadeDesk) -> None:
    await desk.office.store.opened.save_calls([a_call(f"c{n}", started=NOON + n) for n in range(30)])
    operator = await desk.log_in("operator")
    made = await begin(operator, {**SPAN, "title": "-x <b>'; rm"})
    await over(desk)
    found = await operator.json(f"/reports/{made['id']}")
    assert (found["state"], found["error"], found["done"], found["total"]) == ("done", "", 30, 30)
    page = await operator.send("GET", f"/reports/{made['id']}/page")
    assert page.status == 200
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    text = await page.text()
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    pack = await operator.send("GET", f"/reports/{made['id']}/pack")
    with zipfile.ZipFile(io.BytesIO(await pack.read())) as archive:
        assert "records.jsonl" in archive.namelist()
    assert "attachment" in pack.headers["Content-Disposition"]
    assert await operator.status("DELETE", f"/reports/{made['id']}") == 200
    assert await operator.status("GET", f"/reports/{made['id']}") == 404
    assert list(desk.office.report_files.folder.iterdir()) == []
    assert [line.what for line in await desk.audit()][:2] == ["report deleted", "investigation started"]


async def test_a_simulation(desk: MadeDesk) -> None:
    operator = await desk.log_in("operator")
    made = await begin(operator, {**SIMULATION, "seeds": 1})
    await over(desk)
    found = await operator.json(f"/reports/{made['id']}")
    assert (found["state"], found["error"]) == ("done", "")
    assert "<svg" in await (await operator.send("GET", f"/reports/{made['id']}/page")).text()
    pack = await operator.send("GET", f"/reports/{made['id']}/pack")
    with zipfile.ZipFile(io.BytesIO(await pack.read())) as archive:
        assert set(archive.namelist()) == {"mnsure.svg", "report.html", "simulation.json", "simulation.md"}


async def test_the_queue_is_bounded_and_can_be_left(desk: MadeDesk) -> None:
    operator = await desk.log_in("operator")
    made = [await begin(operator, SIMULATION)]
    async with asyncio.timeout(30):
        while (await operator.json(f"/reports/{made[0]['id']}"))["state"] == "waiting":
            pass
    made += [await begin(operator, SIMULATION) for _ in range(3)]
    said = await operator.send("POST", "/reports", SIMULATION)
    assert (said.status, said.headers["Retry-After"]) == (429, "30")
    for one in reversed(made):
        assert await operator.status("POST", f"/reports/{one['id']}/cancel") == 200
    await over(desk)
    assert {one["state"] for one in (await operator.json("/reports"))["reports"]} == {"cancelled"}
    assert await operator.status("GET", f"/reports/{made[0]['id']}/page") == 404


async def test_a_command_that_fails_says_why(desk: MadeDesk) -> None:
    operator = await desk.log_in("operator")
    desk.fake.config.write_text("mode = 'on'\n")
    made = await begin(operator, SPAN)
    await over(desk)
    found = await operator.json(f"/reports/{made['id']}")
    assert found["state"] == "failed"
    assert "mode" in found["error"]


BAD = [
    {**SPAN, "until": 0},
    {**SPAN, "title": "a\nb"},
    {**SPAN, "title": "x" * 81},
    {**SPAN, "title": "\x00"},
    {"kind": "simulation"},
    {"kind": "simulation", "scenario": "../../etc/passwd"},
    {"kind": "simulation", "scenario": "nothing"},
    {"kind": "simulation", "scenario": "mnsure", "seeds": 1000},
    {"kind": "shell"},
]


@pytest.mark.parametrize("body", BAD)
async def test_what_is_wrong_starts_nothing(desk: MadeDesk, body: Any) -> None:
    operator = await desk.log_in("operator")
    assert await operator.status("POST", "/reports", body) in (400, 422)
    assert (await operator.json("/reports"))["reports"] == []


@pytest.mark.parametrize("ident", ["..", "%2e%2e", "0" * 12, "..%2f..%2fdesk.db"])
async def test_only_our_own_folders(desk: MadeDesk, ident: str) -> None:
    operator = await desk.log_in("operator")
    assert await operator.status("GET", f"/reports/{ident}/page") == 404


async def test_masked_for_who_may_not_see(tmp_path: Path) -> None:
    async with made_desk(tmp_path, mask_numbers=True) as desk:
        for role in Role:
            await desk.account(str(role), role)
        await desk.office.store.opened.save_calls([a_call(f"c{n}", started=NOON + n) for n in range(5)])
        operator, admin = await desk.log_in("operator"), await desk.log_in("admin")
        masked, whole = await begin(operator, SPAN), await begin(admin, SPAN)
        await over(desk)
        page = await operator.send("GET", f"/reports/{masked['id']}/page")
        assert "+14155550100" not in await page.text()
        assert await operator.status("GET", f"/reports/{masked['id']}/pack") == 403
        assert await operator.status("GET", f"/reports/{whole['id']}/page") == 403
        assert await admin.status("GET", f"/reports/{masked['id']}/pack") == 200


def test_what_was_under_way_has_failed_after_a_restart(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "reports")
    assert shelf.load() == []
    shelf.keep(Report(id="0" * 12, kind="simulation", what="x", who="ann", asked=1.0, state="running"))
    shelf.keep(Report(id="1" * 12, kind="simulation", what="y", who="ann", asked=2.0, state="done"))
    (tmp_path / "reports" / ("2" * 12)).mkdir()
    assert [(one.state, one.error) for one in shelf.load()] == [("failed", "the daemon ended meanwhile"), ("done", "")]
