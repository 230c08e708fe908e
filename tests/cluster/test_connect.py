"""A client for each kind of url, on real servers."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from agi_screen.base.state_url import parse_state_url
from agi_screen.cluster.connect import Access, make_client
from agi_screen.settings import laid_over_defaults
from tests.asterisk.until import until
from tests.cluster.servers import SentinelServer, Server


def access_to(url: str, password: str = "") -> Access:
    config = laid_over_defaults({}, Path("agi-screen.toml"), {}).config
    table = config.cluster.model_copy(update={"password": SecretStr(password), "node": "one"})
    return Access(parse_state_url(url), table)


async def pings(access: Access) -> bool:
    client = make_client(access)
    try:
        return bool(await client.ping())
    finally:
        await client.aclose()


async def test_one_server_with_a_password(tmp_path: Path) -> None:
    with Server(tmp_path, "--requirepass", "s@fe") as server:
        server.password = "s@fe"
        await server.answers()
        assert await pings(access_to(server.url, "s@fe"))
        assert await pings(access_to(server.url.replace("//", "//:s%40fe@")))


async def test_the_master_that_sentinels_name(tmp_path: Path) -> None:
    with Server(tmp_path) as master, SentinelServer(tmp_path, master) as sentinel:
        await master.answers()
        await sentinel.answers()
        client = make_client(access_to(f"redis+sentinel://127.0.0.1:{sentinel.port}/mymaster"))
        await client.set("a", "b")
        await client.aclose()
        with master.client() as direct:
            assert await until(lambda: direct.get("a") == b"b")
