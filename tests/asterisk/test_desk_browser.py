"""The desk as people use it: a real Chromium, a real daemon, real calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.asterisk import day
from tests.asterisk.browser import ADMIN, PASSWORD, Seats, seats_at
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until

CALLER = "+14155552671"
COMMENT = "# Ours: seen on Mondays."
REJECTING = f"""
[policy]
{COMMENT}
normal = {{ challenge = 0.1, reject = 0.2 }}
[signals.unexpected_region]
served = ["+1612"]
alone = 1.0
weight = 3.0
"""


@pytest.fixture
async def daemon(lab: Lab, tmp_path: Path) -> AsyncIterator[DaemonProcess]:
    with DaemonProcess(lab, tmp_path) as running:
        await until(lambda: "AMI up" in running.said)
        yield running


@pytest.fixture
async def seats(daemon: DaemonProcess) -> AsyncIterator[Seats]:
    async with seats_at(daemon) as sitting:
        yield sitting


async def log_in(page: Page, password: str) -> None:
    await page.get_by_label("Account").fill(ADMIN)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()


async def test_a_password_is_not_sent_before_the_script_is_there(seats: Seats) -> None:
    seat = await seats.seat()
    await seat.context.route("**/js/login.js", lambda route: route.abort())
    page = await seat.page("/login")
    await page.get_by_label("Account").fill(ADMIN)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Password").press("Enter")
    await expect(page.get_by_role("button", name="Log in")).to_be_disabled()
    await expect(page.get_by_label("Password")).to_have_value(PASSWORD)
    assert page.url.endswith("/login")


async def test_the_first_account_and_the_door(seats: Seats, daemon: DaemonProcess) -> None:
    seat = await seats.seat()
    page = await seat.page("/setup#" + daemon.said.rpartition("/setup#")[2].split()[0])
    await page.get_by_label("Account").fill(ADMIN)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("The same again").fill(PASSWORD)
    await page.get_by_role("button", name="Make the account").click()
    await expect(page.locator("#level-word")).to_have_text("normal", ignore_case=True)
    assert seat.wrong == []
    other = await seats.seat()
    page = await other.page("/lists")  # the way in leads back to where one wanted to go
    await log_in(page, "three words only")
    await expect(page.get_by_role("alert")).not_to_be_empty()
    await log_in(page, PASSWORD)
    await expect(page).to_have_url(f"{daemon.web}/lists")


async def test_a_real_call_is_seen_and_after_a_restart_too(
    lab: Lab, desk: Desk, seats: Seats, daemon: DaemonProcess
) -> None:
    address = daemon.web.rpartition("//")[2]
    daemon.stop()
    config = daemon.folder / "agi-screen.toml"
    config.write_text(config.read_text().replace('[web]\nlisten = "127.0.0.1:0"', f'[web]\nlisten = "{address}"'))
    daemon.start()
    page = await (await seats.admin()).page("/")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    async with await Caller.place(Dial(lab.ports.sip, caller=CALLER)) as call:
        assert await call.final() == 200
        await expect(page.locator("#calls tr")).to_have_count(1)
        await expect(page.locator("#calls tr")).to_contain_text("allowed", ignore_case=True)
        daemon.stop()
    await expect(page.locator("body")).to_have_class("stale")
    await expect(page.locator("#notices")).to_contain_text("No news from the daemon")
    daemon.start()
    await expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=20_000)
    await expect(page.locator("body")).not_to_have_class("stale")
    await until(lambda: daemon.said.count("AMI up") >= 3)
    async with await Caller.place(Dial(lab.ports.sip, caller=CALLER)) as call:
        assert await call.final() == 200
        await expect(page.locator("#calls tr").first).to_contain_text("2671")


async def test_from_the_evidence_to_a_call_let_through(
    lab: Lab, desk: Desk, seats: Seats, daemon: DaemonProcess
) -> None:
    daemon.write(REJECTING)
    daemon.run("reload")
    async with await Caller.place(Dial(lab.ports.sip, caller=CALLER)) as call:
        assert await call.final() >= 400
    seat = await seats.admin()
    page = await seat.page("/")
    await page.locator("#calls tr a").first.click()
    await expect(page.locator("#evidence")).to_contain_text("unexpected region")
    await expect(page.locator("#timeline li")).not_to_have_count(0)
    await page.get_by_role("button", name="Allow…").click()
    await page.get_by_label("Why").fill("a patient")
    await page.get_by_role("button", name="Allow", exact=True).click()
    await expect(page.get_by_role("button", name="On the allow list")).to_be_visible()
    async with await Caller.place(Dial(lab.ports.sip, caller=CALLER)) as call:
        assert await call.final() == 200
    assert seat.wrong == []


async def test_siege_and_back(seats: Seats, daemon: DaemonProcess) -> None:
    seat = await seats.admin()
    page = await seat.page("/calls")
    for choice, button, level in (("siege:", "Set siege", "siege"), ("automatic:", "Make it automatic", "normal")):
        await page.locator(".level-button").click()
        await page.get_by_label(choice).check()
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_role("button", name=button).click()
        await expect(page.locator("dialog[open]")).to_have_count(0)
        await expect(page.locator("#shell-level")).to_contain_text(level)
        assert daemon.status()["level"] == level
    assert seat.wrong == []


async def test_lists(seats: Seats, daemon: DaemonProcess) -> None:
    seat = await seats.admin()
    page = await seat.page("/lists?list=deny")
    await page.locator("#add-number").fill(CALLER)
    await page.locator("#add-reason").fill("<b>dead air</b>")
    await page.locator("#add-form").get_by_role("button", name="Add").click()
    await expect(page.locator("#entries tr")).to_contain_text("<b>dead air</b>")
    assert CALLER in daemon.run("list", "show", "deny")
    await page.get_by_role("button", name=f"Remove {CALLER}").click()
    await expect(page.locator("#entries tr")).to_have_count(0)
    assert CALLER not in daemon.run("list", "show", "deny")
    assert seat.wrong == []


async def test_settings_are_saved_beside_their_comments(seats: Seats, daemon: DaemonProcess) -> None:
    daemon.write(REJECTING)
    daemon.run("reload")
    seat = await seats.admin()
    page = await seat.page("/settings")
    await page.locator('[id="set-signals.unexpected_region.weight"]').fill("4.5")
    await page.locator("#save").click()
    await expect(page.locator("dialog .diff")).to_contain_text("+weight = 4.5")
    config = daemon.folder / "agi-screen.toml"
    assert "weight = 3.0" in config.read_text()  # shown, not done
    await page.locator("dialog").get_by_role("button", name="Save").click()
    await expect(page.locator("#notices")).to_contain_text("Saved, and in force")
    assert "weight = 4.5" in config.read_text()
    assert COMMENT in config.read_text()
    assert seat.wrong == []


async def test_a_slider_tries_and_applies_nothing(lab: Lab, tmp_path: Path) -> None:
    await day.fill(tmp_path / "agi-screen.db")
    with DaemonProcess(lab, tmp_path) as daemon:
        before = (tmp_path / "agi-screen.toml").read_text()
        async with seats_at(daemon) as seats:
            seat = await seats.admin()
            page = await seat.page("/tuning")
            await expect(page.locator("#sum")).to_contain_text("No call would be treated otherwise")
            await page.get_by_label("policy.elevated.challenge, slider").press("Home")
            await expect(page.locator("#sum")).to_contain_text("would be stopped")
            await expect(page.locator("#count")).to_have_text("1 change, not applied")
            await page.locator("#differ a").first.click()
            await expect(page.locator("#timeline li")).not_to_have_count(0)
            assert seat.wrong == []
        assert (tmp_path / "agi-screen.toml").read_text() == before


async def test_a_viewer_is_offered_no_change(seats: Seats) -> None:
    await (await seats.admin()).context.close()
    seat = await seats.as_role("viewer")
    page = await seat.page("/lists")
    await expect(page.locator("#found")).not_to_be_empty()
    for hidden in ("#add-card", "#import-card"):
        await expect(page.locator(hidden)).to_be_hidden()
    await page.locator(".level-button").click()
    await expect(page.locator("dialog").get_by_role("button")).to_have_text(["Close"])
    page = await seat.page("/settings")
    await expect(page.locator("#tables input").first).to_be_disabled()
    await expect(page.locator("#tables input:enabled")).to_have_count(0)
    await expect(page.locator("#mode button:enabled")).to_have_count(0)
    page = await seat.page("/accounts")
    await expect(page.locator("#who")).not_to_be_empty()
    await expect(page.locator("#for-admins")).to_be_hidden()
    assert seat.wrong == []
