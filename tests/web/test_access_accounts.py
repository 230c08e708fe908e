"""Accounts, roles, tokens, the set-up link, and the audit log of it all."""

from __future__ import annotations

import logging
import re
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest

from agi_screen.base.store_audit import Doer, write_audit
from agi_screen.web.access.audit import audited
from agi_screen.web.access.passwords import check_password
from agi_screen.web.access.setup import SECONDS, offer
from agi_screen.web.api import all_routes
from agi_screen.web.route import ApiError, Ask, Nothing, Role, Route
from tests.places import KINDS, rows_of
from tests.web.made_desk import PASSWORD, Browser, MadeDesk, made_desk

OTHER = "four other words here"


@pytest.fixture(params=KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    """In a file, and in a PostgreSQL database."""
    kind: str = request.param
    return kind


@pytest.mark.parametrize("role", [None, *Role])
async def test_each_route_wants_its_role(desk: MadeDesk, role: Role | None) -> None:
    """All routes there are, also of other files."""
    browser = await desk.log_in(str(role)) if role else Browser(desk.browser())
    for route in all_routes():
        if route.role is None or (role and role >= route.role):
            continue
        path = re.sub(r"\{\w+\}", "x", route.path)
        status = await browser.status(route.method, path, {} if route.body else None)
        assert status == (403 if role else 401), route.path


async def test_add_role_password_remove(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    assert await admin.status("POST", "/accounts", {"name": "ann", "role": "viewer", "password": PASSWORD}) == 200
    assert await admin.status("POST", "/accounts", {"name": "Ann", "role": "viewer", "password": PASSWORD}) == 409
    ann = await desk.log_in("ann")
    assert await ann.status("GET", "/accounts") == 403
    assert await admin.status("PUT", "/accounts/ann/role", {"role": "admin"}) == 200
    assert await ann.status("GET", "/accounts") == 200
    assert await admin.status("PUT", "/accounts/ann/password", {"password": OTHER}) == 200
    assert await ann.status("GET", "/session") == 401
    ann = await desk.log_in("ann", OTHER)
    assert await admin.status("DELETE", "/accounts/ann") == 200
    assert await ann.status("GET", "/session") == 401
    assert await admin.status("DELETE", "/accounts/ann") == 404
    assert await admin.status("POST", "/accounts", {"name": "ann", "role": "admin", "password": OTHER}) == 200
    assert await ann.status("GET", "/session") == 401  # of another ann
    lines = [(line.who, line.what, line.before, line.after) for line in await desk.audit() if line.who == "admin"]
    assert lines[:3] == [
        ("admin", "account added", "", "ann: admin"),
        ("admin", "account removed", "ann: admin", ""),
        ("admin", "account password", "", "ann"),
    ]


async def test_my_password(desk: MadeDesk) -> None:
    here, there = await desk.log_in("viewer"), await desk.log_in("viewer")
    new = {"old": PASSWORD, "password": OTHER}
    assert await here.status("PUT", "/session/password", {**new, "old": "wrong"}) == 401
    said = await here.send("PUT", "/session/password", new)
    assert said.status == 200
    here.csrf = (await said.json())["csrf"]
    assert await here.status("DELETE", "/session") == 200
    assert await there.status("GET", "/session") == 401
    await desk.log_in("viewer", OTHER)


async def test_the_last_admin_stays(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    assert await admin.status("DELETE", "/accounts/admin") == 409
    assert await admin.status("PUT", "/accounts/admin/role", {"role": "viewer"}) == 409


@pytest.mark.parametrize(
    "bad", ["hunter2", "administrator", "aaaaaaaaaaaa", "ababababababab", "ann@example.org", "x" * 300]
)
async def test_weak_passwords(bad: str) -> None:
    with pytest.raises(ApiError) as caught:
        check_password("ann@example.org", bad)
    assert bad not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "<b>", "../x", "a\nb", "é", "x" * 41])
async def test_bad_names(desk: MadeDesk, name: str) -> None:
    admin = await desk.log_in("admin")
    assert await admin.status("POST", "/accounts", {"name": name, "role": "viewer", "password": PASSWORD}) == 400


async def test_tokens(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    until = desk.clock.wall() + 3600
    said = await admin.send("POST", "/tokens", {"name": "cron", "role": "operator", "expires": until})
    token = (await said.json())["token"]
    assert token.startswith("ags_")
    assert await admin.status("POST", "/tokens", {"name": "cron", "role": "viewer"}) == 409
    assert await admin.status("POST", "/tokens", {"name": "past", "role": "viewer", "expires": 1}) == 422
    program = Browser(desk.browser(), headers={"Authorization": f"Bearer {token}"})
    mine = await program.json("/session")
    assert (mine["name"], mine["role"], mine["csrf"]) == ("token cron", "operator", "")
    assert await program.status("GET", "/accounts") == 403
    assert await program.status("DELETE", "/session") == 200  # no cookie, no CSRF token, nothing to end
    assert await program.status("PUT", "/session/password", {"old": "", "password": PASSWORD}) == 403
    desk.clock.advance(3601)
    assert await program.status("GET", "/session") == 401


async def test_token_revoked(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    token = (await (await admin.send("POST", "/tokens", {"name": "t", "role": "admin"})).json())["token"]
    program = Browser(desk.browser(), headers={"Authorization": f"Bearer {token}"})
    assert await program.status("POST", "/accounts", {"name": "ann", "role": "viewer", "password": PASSWORD}) == 200
    (kept,) = (await admin.json("/tokens"))["tokens"]
    assert kept["used"] == desk.clock.wall()
    assert token not in str(kept)
    assert await admin.status("DELETE", "/tokens/t") == 200
    assert await program.status("GET", "/session") == 401
    assert await admin.status("DELETE", "/tokens/t") == 404
    assert ("token t", "account added") in [(line.who, line.what) for line in await desk.audit()]


async def test_a_proxy_s_own_authorization_is_none_of_ours(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    assert await admin.status("GET", "/session", Authorization="Basic YTpi") == 200


async def first(desk: MadeDesk, token: str, name: str = "ann", password: str = PASSWORD) -> tuple[int, Any]:
    browser = Browser(desk.browser())
    said = await browser.send("POST", "/setup", {"token": token, "name": name, "password": password})
    return said.status, await browser.send("GET", "/session")


async def test_setup_link_works_once(tmp_path: Path) -> None:
    async with made_desk(tmp_path) as desk:
        assert (await Browser(desk.browser()).json("/setup"))["needed"]
        old, link = [await offer(desk.access.store, desk.clock.wall()) for _ in range(2)]
        assert (await first(desk, "guessed"))[0] == 403
        assert (await first(desk, old))[0] == 403
        assert (await first(desk, link, password="hunter2"))[0] == 422
        status, mine = await first(desk, link)
        assert (status, (await mine.json())["role"]) == (200, "admin")
        assert (await first(desk, link, "eve"))[0] == 403
        assert not (await Browser(desk.browser()).json("/setup"))["needed"]
        assert await offer(desk.access.store, desk.clock.wall()) == ""
        assert [line.who for line in await desk.audit()] == ["ann", "ann (set-up link)"]


async def test_setup_link_ends(tmp_path: Path) -> None:
    async with made_desk(tmp_path) as desk:
        link = await offer(desk.access.store, desk.clock.wall())
        desk.clock.advance(SECONDS + 1)
        assert (await first(desk, link))[0] == 403
        link = await offer(desk.access.store, desk.clock.wall())
        await desk.account("ann", Role.ADMIN)  # by the command, meanwhile
        assert (await first(desk, link, "eve"))[0] == 403


async def test_what_is_not_written_down_is_not_done(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    async def change(ask: Ask) -> Nothing:
        await audited(ask, "level", "normal", "siege\nforged")
        done.append(ask.who.name)
        return Nothing()

    caplog.set_level(logging.INFO)
    route = Route("POST", "/change", "A change", Role.OPERATOR, change, Nothing)
    async with made_desk(tmp_path, routes=(route,)) as desk:
        await desk.account("ann", Role.OPERATOR)
        ann = await desk.log_in("ann")
        assert await ann.status("POST", "/change") == 200
        line = (await desk.audit())[0]
        assert line[2:] == ("ann", "127.0.0.1", "level", "normal", "siege\nforged")
        assert 'who=ann what=level after="siege\\nforged"' in caplog.text or "siege\\x0aforged" in caplog.text
        await desk.office.store.close()
        assert await ann.status("POST", "/change") == 503
        assert done == ["ann"]


async def test_audit_pages(desk: MadeDesk) -> None:
    for number in range(5):
        await write_audit(desk.access.store, Doer("ann", "192.0.2.1", 1.0), f"change {number}", "<b>", "\ud800")
    admin = await desk.log_in("admin")
    newest = (await admin.json("/audit?limit=3"))["lines"]
    assert [line["what"] for line in newest] == ["log-in", "change 4", "change 3"]
    below = (await admin.json(f"/audit?limit=1&below={newest[-1]['n']}"))["lines"]
    assert [(line["what"], line["before"], line["after"]) for line in below] == [("change 2", "<b>", "?")]


async def test_audit_is_kept(desk: MadeDesk) -> None:
    for sql in ("DELETE FROM audit", "UPDATE audit SET who = 'nobody'"):
        with pytest.raises((sqlite3.IntegrityError, psycopg.Error), match="is kept"):
            rows_of(desk.access.store.place, sql)


async def test_a_restart_logs_nobody_out(desk: MadeDesk, tmp_path: Path) -> None:
    place = desk.access.store.place
    viewer = await desk.log_in("viewer")
    cookies = viewer.cookies()
    async with made_desk(tmp_path, place=place) as again:
        browser = Browser(again.browser())
        browser.client.session.cookie_jar.update_cookies(cookies)
        assert (await browser.json("/session"))["name"] == "viewer"
        again.clock.advance(again.office.web.idle_time)
        assert await browser.status("GET", "/session") == 401
    async with made_desk(tmp_path, place=place) as third:  # nor does it give who was away more time
        third.clock.advance(third.office.web.idle_time + 60)
        browser = Browser(third.browser())
        browser.client.session.cookie_jar.update_cookies(cookies)
        assert await browser.status("GET", "/session") == 401
