"""The live page's card of all machines, in a real Chromium, at two real daemons that share a Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import expect

from tests.asterisk.browser import Scheme, axe, seats_at
from tests.cluster.daemons import Machine
from tests.cluster.servers import Server, free_port

ROWS = "#machines-rows tr"
GONE_MS = 30_000


@dataclass
class Served:
    """A machine with a desk."""

    machine: Machine
    web: str

    @property
    def said(self) -> str:
        return self.machine.said


@pytest.fixture(scope="module")
def two(redis: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Served]]:
    folder = tmp_path_factory.mktemp("desks")
    with ExitStack() as stack:
        made = []
        for name in ("pbx1", "pbx2"):
            machine, port = Machine(folder, name, redis.url), free_port()
            config = machine.folder / "agi-screen.toml"
            text = config.read_text().replace("[web]\nenabled = false", f'[web]\nlisten = "127.0.0.1:{port}"')
            config.write_text(text)
            stack.enter_context(machine)
            made.append(Served(machine, f"http://127.0.0.1:{port}"))
        for served in made:
            served.machine.is_ready()
        yield made


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_row_for_each_and_axe_finds_nothing(two: list[Served], scheme: Scheme, tmp_path: Path) -> None:
    one, other = two
    async with seats_at(cast("Any", one)) as seats:
        seat = await seats.admin(scheme=scheme, bypass_csp=True)
        page = await seat.page("/")
        await expect(page.locator(ROWS)).to_have_count(2)
        await expect(page.locator(ROWS).nth(0)).to_contain_text("pbx1")
        await other.machine.call("+14155550111")
        await expect(page.locator(ROWS).nth(1).locator("td").nth(2)).not_to_have_text("0")
        await expect(page.locator("#machines-total")).to_contain_text("All")
        assert await axe(page) == []
        await page.locator("#machines").screenshot(path=tmp_path / "machines.png")
        if scheme == "dark":
            other.machine.stop()
            await expect(page.locator(ROWS).nth(1)).to_contain_text("gone for", timeout=GONE_MS)
        assert seat.wrong == []
