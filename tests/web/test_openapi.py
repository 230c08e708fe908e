"""The OpenAPI document is valid, and true: schemathesis asks a real daemon everything it says, and much it forbids."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from agi_screen.web.api import all_routes
from tests.web.made_desk import MadeDesk
from tests.web.schemathesis_hooks import OWN_TOKEN
from tests.web.served import Served, served

HERE = Path(__file__).parent
SCHEMATHESIS = Path(sys.executable).with_name("st")
OPTIONS = [
    *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "20"),
    *("--generation-deterministic", "--continue-on-failure", "--warnings", "off", "--no-color"),
]
DOCUMENT = "/api/v1/openapi.json"


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as made:
        yield made


async def document(desk: MadeDesk) -> dict[str, Any]:
    said = await desk.browser().get(DOCUMENT)
    assert (said.status, said.content_type) == (200, "application/json")
    found: dict[str, Any] = await said.json()
    return found


async def test_is_valid_and_has_every_route(desk: MadeDesk) -> None:
    found = await document(desk)
    validate(found)
    told = {(method.upper(), path) for path, methods in found["paths"].items() for method in methods}
    assert told == {(route.method, route.path) for route in all_routes()} | {("GET", "/openapi.json")}
    names = [operation["operationId"] for methods in found["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


async def test_says_who_may(desk: MadeDesk) -> None:
    paths = (await document(desk))["paths"]
    assert "security" not in paths["/openapi.json"]["get"]
    assert paths["/status"]["get"]["security"] == [{"token": []}]
    assert "viewer" in paths["/status"]["get"]["description"]
    assert "admin" in paths["/accounts"]["get"]["description"]


async def test_other_methods(desk: MadeDesk) -> None:
    for method in ("POST", "TRACE", "PATCH"):
        said = await desk.browser().request(method, "/api/v1/status")
        assert (said.status, said.headers["Allow"]) == (405, "GET")
    said = await desk.browser().get("/api/v1/session/password")
    assert (said.status, said.headers["Allow"]) == (405, "PUT")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/tokens", {"name": "x", "role": "viewer", "expires": "0"}, "body.expires"),
        ("/tokens", {"name": 1, "role": "viewer"}, "body.name"),
        ("/tokens", {"name": "x", "role": "viewer", "more": 1}, "body.more"),
        ("/tokens", [], "body"),
        ("/tokens?x=1", {"name": "x", "role": "viewer"}, "query.x"),
        ("/tokens?x=1&x=2", {"name": "x", "role": "viewer"}, "query.x"),
    ],
)
async def test_takes_nothing_for_something_else(desk: MadeDesk, path: str, body: Any, field: str) -> None:
    admin = await desk.log_in("admin")
    said = await admin.send("POST", path, body)
    assert (said.status, (await said.json())["error"]["field"]) == (400, field)


@pytest.mark.parametrize("body", ["", "{", "{]", '"\\ud800"', "\x00", '{"name": NaN}'])
async def test_no_json(desk: MadeDesk, body: str) -> None:
    said = await desk.browser().post("/api/v1/session", data=body, headers={"Content-Type": "application/json"})
    assert (said.status, (await said.json())["error"]["field"].partition(".")[0]) == (400, "body")


async def test_long_part_of_a_path(desk: MadeDesk) -> None:
    admin = await desk.log_in("admin")
    said = await admin.send("DELETE", "/tokens/" + "x" * 81)
    assert (said.status, (await said.json())["error"]["field"]) == (400, "path.name")


@pytest.mark.timeout(420)
def test_schemathesis(daemon: Served) -> None:
    """Everything but streams, which have no end to wait for. A failure is printed with the curl that shows it again."""
    with urllib.request.urlopen(daemon.url + DOCUMENT, timeout=10) as said:
        paths = json.load(said)["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]
    streams = [o["operationId"] for o in operations if "text/event-stream" in o["responses"]["200"]["content"]]
    assert streams
    token = daemon.token(OWN_TOKEN, "admin")
    line = [
        *(str(SCHEMATHESIS), "--config-file", str(HERE / "schemathesis.toml"), "run", daemon.url + DOCUMENT, *OPTIONS),
        *("--header", f"Authorization: Bearer {token}"),
        *("--exclude-operation-id", ",".join(streams)),
    ]
    hooked = {**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE)}
    done = subprocess.run(line, cwd=daemon.folder, env=hooked, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    total = len(operations) - 1  # it does not ask for the document again
    assert f"{total - len(streams)} selected / {total} total" in done.stdout
    assert "a fault in the desk" not in (daemon.folder / "daemon.log").read_text()
    own = urllib.request.Request(f"{daemon.url}/api/v1/tokens", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(own, timeout=10) as said:  # it was let in to the end
        assert said.status == 200


async def test_page(desk: MadeDesk) -> None:
    """It is there for everybody, and asks for nothing but our own files."""
    said = await desk.browser().get("/api")
    page = await said.text()
    assert (said.status, said.content_type) == (200, "text/html")
    for link in re.findall(r'(?:src|href)="(/[^"#]+\.\w+)"', page):
        assert (await desk.browser().get(link)).status == 200, link
    assert not re.search(r"<script(?![^>]*src=)|style=|<style| on\w+=", page)
