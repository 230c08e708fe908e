"""By which clock the records were made, as this host tells it: read from the kernel, without asking any program."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Any

_CLOCK_SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
_TIME_ERROR = 5  # what adjtimex(2) returns while no program keeps the clock right
_STA_UNSYNC = 0x0040


class _Timex(ctypes.Structure):
    """The head of struct timex; the rest is room, for the kernel writes the whole."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_byte * 512),
    ]


def synchronised() -> bool | None:
    """Whether the kernel says that the system clock is kept right, e.g. by NTP; None where it does not tell."""
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (AttributeError, OSError):
        return None
    read = _Timex()  # modes 0: nothing is changed
    state = adjtimex(ctypes.byref(read))
    return None if state < 0 else state != _TIME_ERROR and not read.status & _STA_UNSYNC


def time_base(since: float, until: float) -> dict[str, Any]:
    """What a reader of the records must know of their times. The same as long as the host's clock is kept the same
    way: when the pack was made is not in it, so that the same records give the same pack."""
    return {
        "records": "seconds since 1970-01-01T00:00:00Z (Unix time, UTC; leap seconds are not counted)",
        "from": since,
        "to": until,
        "clock": "the system clock of the host that ran agi-screen, read when the call came (time.time)",
        "clock_synchronised_when_packed": synchronised(),
        "kernel_clock_source": _clock_source(),
        "host_zone": [_zone(since), _zone(until)],
        "note": "The state of the clock is that of the packing; whether it was the same at the time of the calls, the "
        "host's own logs of its time service tell.",
    }


def _clock_source() -> str:
    try:
        return _CLOCK_SOURCE.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return "not known"


def _zone(seconds: float) -> str:
    """The host's zone at a moment, with its offset from UTC."""
    return time.strftime("%Z %z", time.localtime(seconds))
