"""Logs: one line an event on stderr, and no text from outside can make a line of its own."""

from __future__ import annotations

import logging
import sys

from agi_screen.base.text import one_line

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s"


class OneLine(logging.Formatter):
    """The last guard: whatever reached the message, the log gets one line (a traceback keeps its own).

    A record with `lines` is a batch: each of them is one line, with the same beginning.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's own name
        lines: list[str] | None = getattr(record, "lines", None)
        if lines is None:
            record.message = one_line(record.message)
            return super().formatMessage(record)
        record.message = ""
        head = super().formatMessage(record)
        return head + f"\n{head}".join(map(one_line, lines))


def to_stderr(level: str) -> None:
    """Sets the daemon's logging up; systemd's journal or a file takes stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT, "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler])
