"""Waits for what another process does: asks again until it is so, with a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, TypeVar

T = TypeVar("T")
AGAIN_SECONDS = 0.05


async def until(ask: Callable[[], T | Literal[False]], seconds: float = 10.0) -> T:
    """The first true answer. AssertionError when there is none within the bound."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline:
        answer = ask()
        if answer:
            return answer
        pause: asyncio.Future[None] = loop.create_future()
        loop.call_later(AGAIN_SECONDS, pause.set_result, None)
        await pause
    raise AssertionError(f"not so within {seconds} s; the last answer was {answer!r}")
