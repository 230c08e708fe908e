"""News for another program by HTTP POST: behind the calls, in order, with bounded patience and memory."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from agi_screen.base.config import WebhookTable

log = logging.getLogger("agi_screen.webhook")

SIGNATURE = "X-Agi-Screen-Signature"
MOST_WAITING = 100
WAITS = (1.0, 2.0, 4.0, 8.0)  # seconds before each new attempt
_AGAIN = frozenset({408, 425, 429})  # refusals that are not meant for good
_CLOSING_SECONDS = 2.0


@dataclass(slots=True)
class WebhookCounters:
    """What became of the news; `dropped` were too many, or given up."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0


class Webhook:
    """`tell` never waits. Without a url it does nothing. Neither secret nor path and query of the url are logged."""

    def __init__(self, table: WebhookTable, waits: Sequence[float] = WAITS) -> None:
        self.counters = WebhookCounters()
        self._waits = waits
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._error = ""
        self.configure(table)

    def configure(self, table: WebhookTable) -> None:
        """Takes another url, secret or timeout from the next attempt on."""
        self._table = table
        self._url = URL(table.url.get_secret_value())

    @property
    def state(self) -> str:
        """`off`, `ok`, or `failing: ` and why."""
        if not self._url.host:
            return "off"
        return f"failing: {self._error}" if self._error else "ok"

    def start(self) -> None:
        """Begins to send; what was told before waits."""
        self._task = asyncio.create_task(self._run(), name="agi-screen webhook")

    async def stop(self) -> None:
        """Gives what is under way two seconds."""
        task, self._task = self._task, None
        if task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), _CLOSING_SECONDS)
            task.cancel()
            await asyncio.wait({task})

    def tell(self, news: Mapping[str, Any]) -> None:
        """One piece of news, as JSON. Of too many the oldest goes."""
        if not self._url.host:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.counters.dropped += 1
        self._waiting.append(json.dumps(news).encode())
        self._idle.clear()
        self._wake.set()

    async def idle(self) -> None:
        """Returns when nothing is waiting or under way."""
        await self._idle.wait()

    async def _run(self) -> None:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    await self._deliver(session, self._waiting.popleft())
                self._idle.set()

    async def _deliver(self, session: aiohttp.ClientSession, body: bytes) -> None:
        """Until it is taken, refused for good, or no attempt is left."""
        for wait in (*self._waits, None):
            again = await self._attempt(session, body)
            if not self._error:
                self.counters.sent += 1
                return
            self.counters.failed += 1
            if not again or wait is None:
                break
            await asyncio.sleep(wait)
        self.counters.dropped += 1
        log.error("webhook %s: given up: %s", self._shown, self._error)

    async def _attempt(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        """Sets the error, empty when it was taken; True when another attempt may help."""
        timeout = aiohttp.ClientTimeout(total=self._table.timeout)
        headers = {"Content-Type": "application/json", "User-Agent": "agi-screen", **self._signature(body)}
        try:
            # Not followed elsewhere: the admin named one place.
            async with session.post(
                self._url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._failed(
                f"no answer in {self._table.timeout:g} s" if isinstance(error, TimeoutError) else _plain(error)
            )
            return True
        if 200 <= status < 300:
            self._error = ""
            return False
        self._failed(f"HTTP status {status}")
        return status >= 500 or status in _AGAIN

    def _failed(self, error: str) -> None:
        if not self._error:
            log.warning("webhook %s: %s", self._shown, error)
        self._error = error

    def _signature(self, body: bytes) -> dict[str, str]:
        secret = self._table.secret.get_secret_value()
        return {SIGNATURE: f"sha256={sign(secret, body)}"} if secret else {}

    @property
    def _shown(self) -> str:
        return f"{self._url.scheme}://{self._url.host}"


def sign(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of the body, in hex: what the receiver computes and compares."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _plain(error: Exception) -> str:
    """The kind alone, and the system's word for it: messages of the library hold the whole url."""
    code = getattr(error, "strerror", None)
    return f"{type(error).__name__}{f' ({code})' if isinstance(code, str) and '/' not in code else ''}"
