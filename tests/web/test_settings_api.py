"""The settings file over the API: shown, tried, changed, undone; never by two at once, never with its secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.made_desk import CONFIG, Browser, MadeDesk


async def keys(browser: Browser) -> dict[str, Any]:
    found = await browser.json("/settings")
    return {key["key"]: key for table in found["tables"] for key in table["keys"]}


async def sent(browser: Browser, method: str, path: str, body: Any) -> tuple[int, Any]:
    said = await browser.send(method, path, body)
    return said.status, await said.json()


async def test_all_settings_with_defaults(desk: MadeDesk) -> None:
    viewer = await desk.log_in("viewer")
    found = await keys(viewer)
    assert found["policy.normal.challenge"]["value"] == 5.0
    assert found["mode"]["comment"].startswith("enforce | monitor")
    assert (found["store.path"]["differs"], found["store.path"]["default"]) == (True, "agi-screen.db")
    assert found["store.path"]["restart"]
    assert not found["groups.rate"]["restart"]
    assert (found["ami.secret"]["value"], found["ami.secret"]["secret"]) == ("***", True)
    assert "hush" not in json.dumps(await viewer.json("/settings"))


async def test_preview_then_save_then_undo(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    changes = {"policy.normal.challenge": 4, "groups.rate": 8.0}
    status, trial = await sent(admin, "POST", "/settings/preview", {"changes": changes})
    assert (status, trial["problems"], trial["waits"]) == (200, [], [])
    assert "+normal = { challenge = 4.0, reject = 24.0 }  # an ordinary day" in trial["diff"]
    assert desk.fake.config.read_text() == CONFIG
    status, done = await sent(admin, "PUT", "/settings", {"changes": changes, "base": trial["base"]})
    assert (status, done["not_applied"], done["diff"]) == (200, "", trial["diff"])
    assert desk.fake.daemon.settings.config.policy.normal.challenge == 4.0
    (change,) = (await admin.json("/settings/history"))["changes"]
    assert (change["who"], change["what"]) == ("admin", "settings changed")
    line = (await desk.audit())[0]
    assert (line.before, line.after) == (
        "policy.normal.challenge = 5.0, groups.rate = default",
        "policy.normal.challenge = 4.0, groups.rate = 8.0",
    )
    trial = await admin.json(f"/settings/rollback?n={change['n']}")
    status, _ = await sent(admin, "POST", "/settings/rollback", {"n": change["n"], "base": trial["base"]})
    assert status == 200
    assert desk.fake.config.read_text() == CONFIG  # with its secret
    assert desk.fake.daemon.settings.config.policy.normal.challenge == 5.0
    assert len((await admin.json("/settings/history"))["changes"]) == 2
    base = (await admin.json("/settings"))["base"]
    assert await admin.status("POST", "/settings/rollback", {"n": change["n"], "base": "0" * 64}) == 409
    assert await admin.status("POST", "/settings/rollback", {"n": 99, "base": base}) == 404


async def test_a_file_changed_meanwhile(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    base = (await admin.json("/settings"))["base"]
    desk.fake.config.write_text(CONFIG + "# by hand\n")
    before = await desk.audit()
    assert await admin.status("PUT", "/settings", {"changes": {"mode": "off"}, "base": base}) == 409
    assert desk.fake.config.read_text() == CONFIG + "# by hand\n"
    assert await desk.audit() == before


WRONG = [
    {"policy.normal.challenge": 30.0},
    {"policy.normal.chalenge": 3.0},
    {"mode": "on"},
    {"signals.nothing.weight": 1.0},
    {"groups.rate": None, "limiter.capacity": "many"},
    {"ami.secret": "shout"},
    {"mode\n[web]": 1},
    {"captcha.redress": '"]\n[web]\nenabled = false'},
]


@pytest.mark.parametrize("changes", WRONG)
async def test_what_is_wrong_is_not_saved(desk: MadeDesk, changes: dict[str, Any]) -> None:
    admin = await desk.log_in("admin")
    base = (await admin.json("/settings"))["base"]
    status, said = await sent(admin, "PUT", "/settings", {"changes": changes, "base": base})
    assert status == 422
    assert "shout" not in json.dumps(said)
    assert desk.fake.config.read_text() == CONFIG
    assert (await admin.json("/settings/history"))["changes"] == []


async def test_problems_are_all_told(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    changes = {"policy.normal.challenge": 30.0, "groups.rate": -1.0}
    _, trial = await sent(admin, "POST", "/settings/preview", {"changes": changes})
    assert len(trial["problems"]) == 2


async def test_what_waits_for_a_restart(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    changes = {"web.idle_time": "1h", "web.mask_numbers": True}
    _, trial = await sent(admin, "POST", "/settings/preview", {"changes": changes})
    assert trial["waits"] == ["web.idle_time"]
    _, done = await sent(admin, "PUT", "/settings", {"changes": changes, "base": trial["base"]})
    assert done["waiting"] == ["web"]
    assert (await admin.json("/settings"))["waiting"] == ["web"]


async def test_mode(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    assert await admin.status("POST", "/mode", {"mode": "monitor"}) == 400
    assert await admin.status("POST", "/mode", {"mode": "monitor", "confirm": False}) == 400
    assert await admin.status("POST", "/mode", {"mode": "monitor", "confirm": True}) == 200
    assert 'mode = "monitor"  # since March' in desk.fake.config.read_text()
    assert desk.fake.daemon.settings.config.mode == "monitor"
    assert (await desk.audit())[0].after == "mode = 'monitor'"


async def test_a_broken_file_is_told(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    desk.fake.config.write_text("mode = [")
    found = await admin.json("/settings")
    assert found["problems"]
    assert await admin.status("POST", "/settings/preview", {"changes": {"mode": "off"}}) == 422


async def test_a_file_that_cannot_be_written_leaves_no_line(desk: MadeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agi_screen.base.file_write.os.fsync", full)
    admin = await desk.log_in("admin")
    base = (await admin.json("/settings"))["base"]
    before = await desk.audit()
    assert await admin.status("PUT", "/settings", {"changes": {"mode": "off"}, "base": base}) == 503
    assert desk.fake.config.read_text() == CONFIG
    assert await desk.audit() == before
