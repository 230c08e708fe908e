"""What is no HTTP is the sender's fault: refused, and not logged as aiohttp would, with a traceback and what came."""

from __future__ import annotations

import logging

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError


class _Faults(logging.Filter):
    """Lets through what is a fault of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, (HttpProcessingError, RequestPayloadError))


log = logging.getLogger("agi_screen.web.http")
log.addFilter(_Faults())
