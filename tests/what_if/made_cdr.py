"""Lines of a Master.csv for tests, each field to be said otherwise."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agi_screen.settings import Settings, load

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIELDS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start"),
    *("answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield"),
)


# Little memory, for judges that are made by the dozen; and a quiet place, where some calls are a surge already.
SMALL = """
arrivals.start = "6/m"
limiter.capacity = 4096
callers.capacity = 1000
blocks.capacity = 1000
"""


def moment(seconds: float) -> str:
    """So many seconds after noon, as a CDR writes it (UTC)."""
    return f"{NOON + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"


def row(number: int = 1, at: int = 0, duration: int = 60, billsec: int = 50, **said: object) -> list[object]:
    """A call `at` seconds after noon, answered by an operator."""
    src = str(said.get("src", f"612555{number:04}"))
    fields: dict[str, object] = {
        "accountcode": "",
        "src": src,
        "dst": "18005550100",
        "dcontext": "from-trunk",
        "clid": f'"Bob" <{src}>',
        "channel": f"PJSIP/trunk-{number:08x}",
        "dstchannel": f"PJSIP/op-{number:08x}" if billsec else "",
        "lastapp": "Queue",
        "lastdata": "operators",
        "start": moment(at),
        "answer": moment(at + duration - billsec) if billsec else "",
        "end": moment(at + duration),
        "duration": duration,
        "billsec": billsec,
        "disposition": "ANSWERED" if billsec else "NO ANSWER",
        "amaflags": "DOCUMENTATION",
        "uniqueid": f"{int(NOON.timestamp()) + at}.{number}",
        "userfield": "",
        **said,
    }
    return [fields[name] for name in FIELDS]


def row_with(name: str, value: object) -> list[object]:
    """An ordinary row with one field written as it should not be."""
    fields = row(2)
    fields[FIELDS.index(name)] = value
    return fields


def text(rows: list[list[object]]) -> str:
    """As cdr_csv writes it."""
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(rows)
    return file.getvalue()


def settings(folder: Path, toml: str = "", name: str = "agi-screen.toml") -> Settings:
    """A configuration of its own."""
    path = folder / name
    path.write_text(toml)
    return load(path)
