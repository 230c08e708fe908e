"""What is no HTTP is the sender's fault: refused, and not logged as aiohttp would, with a traceback and what came."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_urldispatcher import _default_expect_handler


class _Faults(logging.Filter):
    """Lets through what is a fault of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, (HttpProcessingError, web.RequestPayloadError))


async def expected(request: web.Request) -> None:
    """`Expect: 100-continue`, and nothing else. aiohttp's own says back what came, and fails where that is no UTF-8."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        raise web.HTTPExpectationFailed
    await _default_expect_handler(request)


log = logging.getLogger("agi_screen.web.http")
log.addFilter(_Faults())
