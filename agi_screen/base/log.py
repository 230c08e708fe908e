"""Logs: one line an event on stderr, and no text from outside can make a line of its own."""

from __future__ import annotations

import logging
import sys

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s"


def one_line(text: str) -> str:
    """What a terminal or a log reader could take for more than text becomes its escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)


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
        return "\n".join([head + one_line(line) for line in lines])


def to_stderr(level: str) -> None:
    """Sets the daemon's logging up; systemd's journal or a file takes stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT, "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler])
