"""The webhook against a real HTTP server: slow, failing, refusing, gone."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from agi_screen.base.config import WebhookTable
from agi_screen.base.errors import ConfigError
from agi_screen.settings import load
from agi_screen.trail.webhook import MOST_WAITING, SIGNATURE, Webhook, sign

SECRET = "s3cret-of-the-test"
TOKEN = "t0ken-in-the-path"


class Receiver:
    """Answers with `statuses` one after the other, the last one for ever; 0 is no answer at all."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()
        self.elsewhere = 0

    async def take(self, request: web.Request) -> web.Response:
        self.got.put_nowait((dict(request.headers), await request.read()))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if not status:
            await asyncio.Event().wait()
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})

    async def other(self, _: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()

    async def body(self) -> dict[str, object]:
        _, body = await asyncio.wait_for(self.got.get(), 10)
        found: dict[str, object] = json.loads(body)
        return found


def table(url: str, timeout: str = "10s", secret: str = SECRET) -> WebhookTable:
    return WebhookTable.model_validate({"url": url, "secret": secret, "secret_file": "", "timeout": timeout})


@asynccontextmanager
async def receiving(
    receiver: Receiver, patience: str = "10s", waits: Sequence[float] = (0.0, 0.0)
) -> AsyncIterator[Webhook]:
    app = web.Application()
    app.router.add_post(f"/{TOKEN}", receiver.take)
    app.router.add_route("*", "/elsewhere", receiver.other)
    async with TestServer(app, shutdown_timeout=0) as server:
        webhook = Webhook(table(str(server.make_url(f"/{TOKEN}")), patience), waits)
        webhook.start()
        yield webhook
        await webhook.stop()


async def given_up(webhook: Webhook) -> None:
    async with asyncio.timeout(10):
        await webhook.idle()


async def test_news_arrive_signed_and_in_order() -> None:
    receiver = Receiver(204)
    async with receiving(receiver) as webhook:
        for n in range(5):
            webhook.tell({"n": n, "text": "Ünï\n"})
        headers, body = await asyncio.wait_for(receiver.got.get(), 10)
        assert headers["Content-Type"] == "application/json"
        assert headers[SIGNATURE] == f"sha256={sign(SECRET, body)}"
        assert json.loads(body) == {"n": 0, "text": "Ünï\n"}
        assert [(await receiver.body())["n"] for _ in range(4)] == [1, 2, 3, 4]
        await given_up(webhook)
        assert (webhook.counters.sent, webhook.state) == (5, "ok")


def test_the_signature_is_the_usual_hmac() -> None:
    """RFC 4231, test case 2."""
    assert sign("Jefe", b"what do ya want for nothing?").startswith("5bdcc146bf60754e6a042426089575c7")


@pytest.mark.parametrize("first", [500, 503, 429, 408])
async def test_what_may_pass_is_tried_again(first: int) -> None:
    receiver = Receiver(first, first, 200)
    async with receiving(receiver) as webhook:
        webhook.tell({"n": 1})
        await given_up(webhook)
        assert (webhook.counters.failed, webhook.counters.sent, webhook.state) == (2, 1, "ok")
        assert receiver.got.qsize() == 3


@pytest.mark.parametrize(("status", "attempts"), [(500, 3), (400, 1), (404, 1), (302, 1)])
async def test_given_up_once_it_is_hopeless_and_the_next_news_still_go(
    status: int, attempts: int, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = Receiver(*[status] * attempts, 200)
    async with receiving(receiver) as webhook:
        webhook.tell({"n": 1})
        await given_up(webhook)
        assert webhook.state == f"failing: HTTP status {status}"
        assert (webhook.counters.failed, webhook.counters.dropped) == (attempts, 1)
        webhook.tell({"n": 2})
        await given_up(webhook)
        assert (webhook.state, webhook.counters.sent) == ("ok", 1)
    assert receiver.elsewhere == 0  # redirects are not followed
    assert f"given up: HTTP status {status}" in caplog.text
    assert SECRET not in caplog.text
    assert TOKEN not in caplog.text


async def test_a_receiver_that_never_answers_is_left_after_the_timeout() -> None:
    receiver = Receiver(0)
    async with receiving(receiver, "50ms", waits=()) as webhook:
        webhook.tell({"n": 1})
        await given_up(webhook)
        assert webhook.state == "failing: no answer in 0.05 s"


async def test_nobody_listens(unused_tcp_port: int, caplog: pytest.LogCaptureFixture) -> None:
    webhook = Webhook(table(f"http://127.0.0.1:{unused_tcp_port}/{TOKEN}"), waits=(0.0,))
    webhook.start()
    webhook.tell({"n": 1})
    await given_up(webhook)
    await webhook.stop()
    assert (webhook.counters.failed, webhook.counters.dropped) == (2, 1)
    assert webhook.state.startswith("failing: ClientConnectorError")
    assert TOKEN not in caplog.text


async def test_of_too_many_the_oldest_go() -> None:
    receiver = Receiver(200)
    async with receiving(receiver) as webhook:
        for n in range(MOST_WAITING + 3):
            webhook.tell({"n": n})
        await given_up(webhook)
        assert (webhook.counters.dropped, webhook.counters.sent) == (3, MOST_WAITING)
        assert (await receiver.body())["n"] == 3


async def test_stopping_does_not_wait_for_a_receiver_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver(0)
    caplog.set_level(logging.DEBUG)
    async with receiving(receiver, "60s") as webhook:
        webhook.tell({"n": 1})
        await receiver.body()
    assert webhook.counters.sent == 0


async def test_without_a_url_nothing_is_kept() -> None:
    webhook = Webhook(table(""))
    webhook.tell({"n": 1})
    assert webhook.state == "off"
    await asyncio.wait_for(webhook.idle(), 1)


@pytest.mark.parametrize("url", ["ftp://x", "x", "http://", "http://a b", "https://user:word@host/", "http:///x"])
def test_a_url_that_is_none_is_refused_without_being_shown(tmp_path: Path, url: str) -> None:
    (tmp_path / "f.toml").write_text(f'[webhook]\nurl = "{url}"')
    with pytest.raises(ConfigError, match=r"webhook.url = \*\*\*: write a url"):
        load(tmp_path / "f.toml")


def test_secrets_do_not_show() -> None:
    made = table(f"https://host/{TOKEN}")
    assert isinstance(made.url, SecretStr)
    assert TOKEN not in repr(made)
    assert SECRET not in repr(made)
