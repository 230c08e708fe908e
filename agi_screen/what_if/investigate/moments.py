"""Times as people read them: of this host's zone with its offset, and of UTC for programs."""

from __future__ import annotations

from datetime import UTC, datetime


def local(seconds: float) -> str:
    """`2026-11-24 08:00:05 -0600`; `seconds` since 1970 UTC."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def utc(seconds: float) -> str:
    """`2026-11-24T14:00:05.250Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span(seconds: float) -> str:
    """How long, in the unit that fits: `250 ms`, `41 s`, `6.5 min`, `2.1 h`, `3 d`."""
    for least, unit, size in ((86_400 * 2, "d", 86_400), (7200, "h", 3600), (120, "min", 60)):
        if seconds >= least:
            return f"{round(seconds / size, 1):g} {unit}"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{round(seconds, 1 if seconds < 10 else None):g} s"
