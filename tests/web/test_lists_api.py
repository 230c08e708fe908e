"""Lists over the API: added, replaced, removed, searched, imported, exported; the judge hears of it at once."""

from __future__ import annotations

import asyncio
import io
import random
from pathlib import Path
from typing import Any

import pytest

from agi_screen.base.records import ListEntry, ListName
from agi_screen.base.store_list_pages import FIRST, entries_from, newest_entries
from agi_screen.web.api import lists as lists_api
from agi_screen.web.sealed import seal, unseal
from agi_screen.web.server import MAX_BODY
from tests.made import NOON, an_entry
from tests.places import KINDS
from tests.web.made_desk import API, Browser, MadeDesk

CALLER = "+14155550100"
HOSTILE = "=cmd()\n<script>alert(1)</script>"


@pytest.fixture(params=KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    """In a file, and in a PostgreSQL database."""
    kind: str = request.param
    return kind


async def put(desk: MadeDesk, *entries: ListEntry) -> None:
    await desk.office.store.opened.add_entries(entries)
    await desk.office.load_lists()


async def posted(browser: Browser, text: str | bytes, query: str) -> Any:
    raw = text.encode() if isinstance(text, str) else text
    headers = {"X-CSRF-Token": browser.csrf, "Content-Type": "text/csv"}
    said = await browser.client.post(f"{API}/lists/import?{query}", data=io.BytesIO(raw), headers=headers)
    await said.read()
    return said


async def test_added_and_removed(daemon_desk: MadeDesk) -> None:
    operator = await daemon_desk.log_in("operator")
    new = {"list": "deny", "number": "(415) 555-0100", "reason": HOSTILE, "expires": "7d"}
    said = await (await operator.send("POST", "/lists", new)).json()
    assert said["replaced"] is None
    assert (said["entry"]["value"], said["entry"]["source"], said["entry"]["mine"]) == (CALLER, "operator", True)
    assert said["entry"]["expires"] == NOON + 7 * 86400
    assert daemon_desk.office.listed(CALLER)[0].reason == HOSTILE
    again = await (await operator.send("POST", "/lists", {**new, "reason": "worse", "expires": ""})).json()
    assert again["replaced"]["reason"] == HOSTILE
    gone = await (await operator.send("DELETE", "/lists/deny/%2B14155550100")).json()
    assert gone["reason"] == "worse"
    assert daemon_desk.office.listed(CALLER) == []
    assert await operator.status("DELETE", "/lists/deny/%2B14155550100") == 404
    told = [(line.what, line.before, line.after) for line in await daemon_desk.audit() if line.what.startswith("list")]
    assert told[0] == ("list entry removed", f"deny {CALLER} reason=worse by=operator", "")
    assert all("\n" not in text for line in told for text in line)


async def test_roles(daemon_desk: MadeDesk) -> None:
    await put(daemon_desk, an_entry(CALLER, source="nightly"))
    viewer, operator = await daemon_desk.log_in("viewer"), await daemon_desk.log_in("operator")
    new = {"list": "deny", "number": "+12125550177"}
    assert await viewer.status("POST", "/lists", new) == 403
    assert await Browser(operator.client).status("POST", "/lists", new) == 403  # without the CSRF token
    assert await operator.status("POST", "/lists", {**new, "number": "+1212*"}) == 403
    assert await operator.status("POST", "/lists", {**new, "number": "_+1212NXXXXXX"}) == 403
    assert await operator.status("POST", "/lists", {**new, "number": CALLER}) == 409  # not over what another put there
    assert await operator.status("DELETE", f"/lists/deny/{CALLER}") == 403
    assert (await posted(operator, "4155550111", "list=deny&source=x")).status == 403
    assert await operator.status("DELETE", "/lists?source=nightly") == 403
    admin = await daemon_desk.log_in("admin")
    assert await admin.status("POST", "/lists", {**new, "number": "+1212*"}) == 200
    assert await admin.status("DELETE", "/lists/deny/%2B1212*") == 200
    assert await admin.status("DELETE", f"/lists/deny/{CALLER}") == 200


async def test_wrong_entries(daemon_desk: MadeDesk) -> None:
    admin = await daemon_desk.log_in("admin")
    wrong = {
        "number": ("hello", "_", "_X.", "*", "+1415*5", "_" + "X" * 90),
        "expires": ("soon", "2001-01-01", "-1d"),
        "list": ("other",),
        "reason": ("x" * 201,),
    }
    for field, values in wrong.items():
        for value in values:
            said = await admin.send("POST", "/lists", {"list": "deny", "number": CALLER, field: value})
            assert said.status in (400, 422), value
            assert (await said.json())["error"]["field"] == f"body.{field}"
    assert (await admin.json("/lists?list=deny"))["entries"] == []


async def test_too_many_patterns_are_refused_before_they_are_written(daemon_desk: MadeDesk) -> None:
    await put(daemon_desk, *(an_entry(f"_+1{n:03}NXXXXXX") for n in range(256)))
    admin = await daemon_desk.log_in("admin")
    assert await admin.status("POST", "/lists", {"list": "deny", "number": "_+44X."}) == 409
    assert await daemon_desk.office.load_lists() == 256


async def test_pages_hold_every_entry_once(daemon_desk: MadeDesk) -> None:
    """In whichever order: newest first, by words, by the beginning of the number."""
    rng = random.Random(7)
    numbers = rng.sample(range(10_000), 90)
    added = [an_entry(f"+1415555{n:04}", reason=f"reason {n % 4}", added=NOON + n % 3) for n in numbers]
    await put(daemon_desk, *added, an_entry("+12125550177", ListName.ALLOW))
    viewer = await daemon_desk.log_in("viewer")
    for search, right in {
        "": {e.value for e in added},
        "REASON 2": {e.value for e in added if e.reason == "reason 2"},
        "%2B14155551": {e.value for e in added if e.value.startswith("+14155551")},
    }.items():
        found: list[str] = []
        after = ""
        while True:
            page = await viewer.json(f"/lists?list=deny&limit=7&search={search}&after={after}")
            found += [entry["value"] for entry in page["entries"]]
            after = page["next"]
            if not after:
                break
        assert len(found) == len(right)
        assert set(found) == right
    assert page["counts"] == {"allow": 1, "deny": 90, "suspect": 0}


async def test_a_search_says_what_matches(daemon_desk: MadeDesk) -> None:
    await put(daemon_desk, an_entry("+1415*", reason="fraud"), an_entry(CALLER, ListName.SUSPECT))
    found = await (await daemon_desk.log_in("viewer")).json("/lists?list=allow&search=4155550100")
    assert found["entries"] == []
    assert [(entry["list"], entry["value"]) for entry in found["matching"]] == [("deny", "+1415*"), ("suspect", CALLER)]


async def test_import_and_all_of_it_off_again(daemon_desk: MadeDesk) -> None:
    admin = await daemon_desk.log_in("admin")
    text = "number,reason,expires\n4155550100,fraud,7d\n+1212*,,\n"
    said = await (await posted(admin, text, "list=deny&source=partner&reason=given")).json()
    assert (said["imported"], said["bad_count"]) == (2, 0)
    assert {e.reason for e in await daemon_desk.office.store.opened.entries()} == {"fraud", "given"}
    assert daemon_desk.office.listed(CALLER)[0].source == "partner"
    said = await (await posted(admin, "2125550177\n", "list=deny&source=partner&replace=true")).json()
    assert [e.value for e in await daemon_desk.office.store.opened.entries()] == ["+12125550177"]
    said = await (await admin.send("DELETE", "/lists?source=partner")).json()
    assert said == {"removed": 1}
    assert await admin.status("DELETE", "/lists?source=partner") == 404
    assert daemon_desk.office.listed("+12125550177") == []


async def test_bad_lines_keep_a_file_out(daemon_desk: MadeDesk) -> None:
    admin = await daemon_desk.log_in("admin")
    text = "4155550100\nnobody\n+1*,x,yesterday\n"
    said = await (await posted(admin, text, "list=deny&source=x")).json()
    assert said["imported"] == 0
    assert [(bad["line"], bad["field"]) for bad in said["bad"]] == [(2, "number"), (3, "expires")]
    assert await daemon_desk.office.store.opened.entries() == []
    said = await (await posted(admin, text, "list=deny&source=x&skip_bad=true")).json()
    assert (said["imported"], said["bad_count"]) == (1, 2)


async def test_files_that_are_none(daemon_desk: MadeDesk) -> None:
    admin = await daemon_desk.log_in("admin")
    for body in (b"", b"\x00" * 70_000, b"x" * 70_000, b"\xff\xfe\x00"):
        said = await posted(admin, body, "list=deny&source=x")
        assert said.status == 422 or (await said.json())["imported"] == 0
    json_one = await admin.send("POST", "/lists/import?list=deny&source=x", {"number": CALLER})
    assert json_one.status == 415
    assert await daemon_desk.office.store.opened.entries() == []


async def test_a_file_over_the_limit(daemon_desk: MadeDesk) -> None:
    """By a socket of our own: a client that is answered while it sends is left with half a body."""
    admin = await daemon_desk.log_in("admin")
    cookie = "; ".join(f"{name}={value}" for name, value in admin.cookies().items())
    head = (
        f"POST {API}/lists/import?list=deny&source=x HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
        f"X-CSRF-Token: {admin.csrf}\r\nContent-Type: text/csv\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", daemon_desk.server.port)
    writer.write(head.encode() + b"1" * (MAX_BODY + 1))
    assert (await reader.readline()).split()[1] == b"413"
    writer.close()
    assert await daemon_desk.office.store.opened.entries() == []


async def test_export_is_imported_again(daemon_desk: MadeDesk, monkeypatch: Any) -> None:
    monkeypatch.setattr(lists_api, "EXPORTED_AT_ONCE", 3)
    entries = [an_entry(f"+1415555{n:04}", reason="fraud, often") for n in range(8)]
    await put(daemon_desk, *entries, an_entry("_+1900NXXXXXX", expires=NOON + 60))
    admin = await daemon_desk.log_in("admin")
    said = await admin.send("GET", "/lists/export/deny")
    assert said.headers["Content-Disposition"] == 'attachment; filename="deny.csv"'
    text = await said.text()
    assert text.count("number,reason") == 1
    await (await posted(admin, text, "list=suspect&source=again")).json()
    found = await daemon_desk.office.store.opened.entries()
    again = {(e.value, e.reason, e.expires) for e in found if e.list is ListName.SUSPECT}
    assert again == {(e.value, e.reason, e.expires) for e in found if e.list is ListName.DENY}
    assert await admin.status("GET", "/lists/export/other") == 404


async def test_masked(masked_desk: MadeDesk) -> None:
    """Nothing about the hidden digits is learned by a search, a place in the pages, or the export."""
    numbers = [an_entry(f"+141555501{n:02}", reason=f"{CALLER} again") for n in range(9)]
    await put(masked_desk, *numbers)
    operator = await masked_desk.log_in("operator")
    page = await operator.json("/lists?list=deny&limit=2")
    assert "5550100" not in str(page)
    assert page["entries"][0]["value"] == "+1415555••••"
    assert (await operator.json(f"/lists?list=deny&after={page['next']}"))["entries"] != []
    assert len((await operator.json("/lists?list=deny&search=4155550100"))["entries"]) == 1
    assert (await operator.json("/lists?list=deny&search=%2B141555501"))["entries"] == []
    assert await operator.status("GET", "/lists?list=deny&search=again 0100") == 422
    assert await operator.status("GET", "/lists/export/deny") == 403
    said = await (await masked_desk.log_in("admin")).send("GET", "/lists/export/deny")
    assert "+14155550100" in await said.text()


async def test_places_cannot_be_made_up(daemon_desk: MadeDesk) -> None:
    viewer = await daemon_desk.log_in("viewer")
    good = seal("7 +14155550100")
    assert unseal(good) == "7 +14155550100"
    assert "4155" not in good
    for wrong in ("x", "7", good[:-2], good[:-3] + "AAA", "é"):
        assert await viewer.status("GET", f"/lists?after={wrong}") == 422, wrong


async def test_store_pages_agree(daemon_desk: MadeDesk) -> None:
    await put(daemon_desk, an_entry("+1"[:2] + "4155550100"), an_entry("_7XXX"))
    store = daemon_desk.office.store.opened
    newest = await newest_entries(store, ListName.DENY, "", FIRST, 10)
    by_value = await entries_from(store, ListName.DENY, "", None, 10)
    assert {e.value for e in newest.entries} == {e.value for e in by_value.entries} == {CALLER, "_7XXX"}


async def test_a_store_that_is_away(tmp_path: Path, daemon_desk: MadeDesk) -> None:
    admin = await daemon_desk.log_in("admin")
    await daemon_desk.office.store.close()
    assert await admin.status("POST", "/lists", {"list": "deny", "number": CALLER}) == 503
    assert daemon_desk.office.listed(CALLER) == []
