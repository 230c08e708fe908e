"""Log-in, sessions and their end; what a foreign page may not do; how often a password may be tried."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from agi_screen.base.errors import StoreError
from agi_screen.web.access.limits import LIMITS
from agi_screen.web.route import Role
from tests.places import file_of
from tests.web.made_desk import API, PASSWORD, Browser, MadeDesk, made_desk

RIGHT = {"name": "admin", "password": PASSWORD}
WRONG = {"name": "admin", "password": "wrong horse battery"}


async def test_log_in_and_out(desk: MadeDesk) -> None:
    admin = await desk.log_in("ADMIN")
    said = await admin.json("/session")
    assert (said["name"], said["role"], said["csrf"], said["masked"]) == ("admin", "admin", admin.csrf, False)
    cookies = admin.cookies()
    assert await admin.status("DELETE", "/session") == 200
    assert admin.cookies() == {}
    admin.client.session.cookie_jar.update_cookies(cookies)
    assert await admin.status("GET", "/session") == 401  # kept by somebody, it opens nothing
    assert [line.what for line in (await desk.audit())[:2]] == ["log-out", "log-in"]


async def test_cookie_is_no_script_s_and_no_other_site_s(desk: MadeDesk) -> None:
    said = await Browser(desk.browser()).send("POST", "/session", RIGHT)
    cookie = said.headers["Set-Cookie"]
    assert cookie.startswith("agi-screen=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert said.headers["Cache-Control"] == "no-store"


async def test_same_answer_for_a_wrong_password_and_no_account(desk: MadeDesk) -> None:
    browser = Browser(desk.browser())
    said = [await browser.send("POST", "/session", body) for body in (WRONG, {**WRONG, "name": "nobody"})]
    assert [one.status for one in said] == [401, 401]
    assert await said[0].text() == await said[1].text()


async def test_nobody_s_password_is_compared_too(desk: MadeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    right = desk.access.passwords.right

    async def noting(kept: str, password: str) -> bool:
        compared.append(kept)
        return await right(kept, password)

    monkeypatch.setattr(desk.access.passwords, "right", noting)
    browser = Browser(desk.browser())
    for name in ("admin", "nobody"):
        await browser.send("POST", "/session", {**WRONG, "name": name})
    assert len(compared) == 2
    assert compared[1] == ""
    assert not await right("", "")


async def test_a_session_cannot_be_planted(desk: MadeDesk) -> None:
    """What the browser brought is never taken over, and a session that it had ends at the log-in."""
    browser = Browser(desk.browser())
    browser.client.session.cookie_jar.update_cookies({"agi-screen": "planted"})
    assert await browser.status("POST", "/session", RIGHT) == 200
    first = browser.cookies()["agi-screen"]
    assert first != "planted"
    assert await browser.status("POST", "/session", RIGHT) == 200
    assert browser.cookies()["agi-screen"] != first
    thief = Browser(desk.browser(), headers={"Cookie": f"agi-screen={first}"})
    assert await thief.status("GET", "/session") == 401


async def test_sessions_end(desk: MadeDesk) -> None:
    web = desk.office.web
    idle, busy = await desk.log_in("viewer"), await desk.log_in("viewer")
    for _ in range(2):
        assert await busy.status("GET", "/session") == 200
        assert await idle.status("GET", "/session") == 200
        desk.clock.advance(web.idle_time - 1)
    assert await busy.status("GET", "/session") == 200
    desk.clock.advance(2)
    assert await idle.status("GET", "/session") == 401
    assert await busy.status("GET", "/session") == 200
    for _ in range(int(web.session_time / (web.idle_time - 1)) - 2):
        desk.clock.advance(web.idle_time - 2)
        assert await busy.status("GET", "/session") == 200
    desk.clock.advance(web.idle_time - 2)
    assert await busy.status("GET", "/session") == 401


async def test_csrf(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    change = ("POST", "/tokens", {"name": "cron", "role": "viewer"})
    viewer = await desk.log_in("viewer")
    for given in ({"X-CSRF-Token": ""}, {"X-CSRF-Token": viewer.csrf}, {"X-CSRF-Token": "é"}):
        assert await admin.status(*change, **given) == 403
    for site in ("cross-site", "same-site"):
        assert await admin.status(*change, **{"Sec-Fetch-Site": site}) == 403
    assert await admin.status(*change, Origin="https://evil.example") == 403
    assert await admin.status(*change, Origin="null") == 403
    assert await admin.json("/tokens") == {"tokens": []}
    own = f"http://{desk.server.host}:{desk.server.port}"
    assert await admin.status(*change, Origin=own) == 200
    assert await admin.status("DELETE", "/tokens/cron", **{"Sec-Fetch-Site": "same-origin"}) == 200


async def test_no_foreign_page_logs_anybody_in(desk: MadeDesk) -> None:
    browser = Browser(desk.browser())
    assert await browser.status("POST", "/session", RIGHT, Origin="https://evil.example") == 403
    form = await browser.client.post(API + "/session", data=RIGHT)
    assert form.status == 415


async def test_guessing_is_slowed_by_account(desk: MadeDesk) -> None:
    burst = LIMITS[1].burst
    browser = Browser(desk.browser())
    tried = [await browser.status("POST", "/session", WRONG) for _ in range(burst)]
    assert tried == [401] * burst
    said = await browser.send("POST", "/session", RIGHT)  # also the right one: a guess must not be told by it
    assert said.status == 429
    assert 0 < int(said.headers["Retry-After"]) <= 60
    assert "wait" in (await said.json())["error"]["mend"]
    assert await browser.status("POST", "/session", {**RIGHT, "name": "viewer"}) == 200
    desk.clock.advance(60)
    assert await browser.status("POST", "/session", RIGHT) == 200


async def test_guessing_is_slowed_by_address(desk: MadeDesk) -> None:
    browser = Browser(desk.browser())
    statuses = [await browser.status("POST", "/session", {**WRONG, "name": f"n{i}"}) for i in range(25)]
    assert statuses == [401] * LIMITS[0].burst + [429] * (25 - LIMITS[0].burst)


async def test_who_guesses_elsewhere_keeps_nobody_out(tmp_path: Path) -> None:
    from_office, from_attack = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "2001:db8::1"}
    async with made_desk(tmp_path, behind_proxy=True) as desk:
        await desk.account("admin", Role.ADMIN)
        browser = Browser(desk.browser())
        assert await browser.status("POST", "/session", RIGHT, **from_office) == 200
        for _ in range(12):
            last = await browser.status("POST", "/session", WRONG, **from_attack)
        assert last == 429
        assert await browser.status("POST", "/session", RIGHT, **from_office) == 200
        assert await browser.status("POST", "/session", RIGHT, **{"X-Forwarded-For": "2001:db8::2"}) == 429


async def test_forwarded_is_believed_of_a_proxy_alone(desk: MadeDesk, tmp_path: Path) -> None:
    told = {"X-Forwarded-For": "198.51.100.7, 192.0.2.9", "X-Forwarded-Proto": "https"}
    said = await Browser(desk.browser()).send("POST", "/session", RIGHT, **told)
    assert "Secure" not in said.headers["Set-Cookie"]
    assert (await desk.audit())[0].address == "127.0.0.1"
    (tmp_path / "proxied").mkdir()
    async with made_desk(tmp_path / "proxied", behind_proxy=True, hosts=["desk.example.org"]) as proxied:
        await proxied.account("admin", Role.ADMIN)
        said = await Browser(proxied.browser()).send("POST", "/session", RIGHT, **told)
        assert said.headers["Set-Cookie"].startswith("__Host-agi-screen=")
        assert "Secure" in said.headers["Set-Cookie"]
        assert (await proxied.audit())[0].address == "192.0.2.9"  # what stands before it anybody may have sent
        own = {**told, "Origin": "https://desk.example.org"}
        assert await Browser(proxied.browser()).status("POST", "/session", RIGHT, **own) == 200


@pytest.mark.parametrize(
    ("host", "status"), [("evil.example", 421), ("", 421), ("[::1]:80", 401), ("LocalHost:1", 401)]
)
async def test_only_our_names(desk: MadeDesk, host: str, status: int) -> None:
    assert await Browser(desk.browser()).status("GET", "/session", Host=host) == status


async def test_a_name_that_is_configured(tmp_path: Path) -> None:
    async with made_desk(tmp_path, hosts=["desk.example.org"]) as desk:
        assert await Browser(desk.browser()).status("GET", "/session", Host="desk.example.org:8571") == 401


async def test_store_broken_lets_nobody_in(desk: MadeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = await desk.log_in("admin")
    await desk.office.store.close()
    desk.clock.advance(2)
    for ask in (("GET", "/session"), ("POST", "/session", RIGHT), ("GET", "/setup"), ("GET", "/accounts")):
        assert await admin.status(*ask) == 503
    assert await admin.status("GET", "/status", Authorization="Bearer ags_x") == 503


async def test_store_not_open_yet(tmp_path: Path) -> None:
    async with made_desk(tmp_path, open_store=False) as desk:
        said = await Browser(desk.browser()).send("POST", "/session", RIGHT)
        assert said.status == 503
        assert "not open yet" in (await said.json())["error"]["mend"]
        with pytest.raises(StoreError):
            await desk.access.directory.known()


async def test_no_secret_in_the_log_or_the_answers(desk: MadeDesk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = Browser(desk.browser())
    typed = "secret in the wrong field"
    for body in (WRONG, {"name": typed, "password": "x"}, {"password": PASSWORD}, {"name": "a", "password": 7777777}):
        said = await browser.send("POST", "/session", body)
        assert PASSWORD not in await said.text()
        assert "7777777" not in await said.text()
    admin = await desk.log_in("admin")
    token = (await (await admin.send("POST", "/tokens", {"name": "t", "role": "admin"})).json())["token"]
    await admin.status("GET", "/session", Authorization=f"Bearer {token}x")
    secrets = (PASSWORD, WRONG["password"], typed, token, admin.csrf, admin.cookies()["agi-screen"])
    assert not [secret for secret in secrets if secret in caplog.text]
    assert "log-in refused from 127.0.0.1: admin" in caplog.text
    assert "no such account" in caplog.text
    database = b"".join(path.read_bytes() for path in file_of(desk.access.store.place).parent.glob("desk.db*"))
    assert not [secret for secret in secrets if secret.encode() in database]
