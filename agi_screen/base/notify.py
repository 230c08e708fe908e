"""Tells systemd how the daemon is; without systemd it does nothing."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from contextlib import suppress


def notify(state: str, sockets: Sequence[socket.socket] = ()) -> None:
    """`READY=1`, `STOPPING=1`, `STATUS=…`: see sd_notify(3). `sockets` go with `FDSTORE=1`.

    Never waits, never raises: a systemd that does not listen must not stop a call."""
    where = os.environ.get("NOTIFY_SOCKET")
    if not where:
        return
    address = "\0" + where[1:] if where.startswith("@") else where
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
        to_systemd.setblocking(False)
        to_systemd.connect(address)
        socket.send_fds(to_systemd, [state.encode()], [sock.fileno() for sock in sockets])


def reloading() -> None:
    """A reload begins; `READY=1` ends it."""
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")


def watchdog_seconds() -> float:
    """How often systemd wants to hear of us at least; 0 where it does not ask."""
    wanted = os.environ.get("WATCHDOG_USEC", "")
    return int(wanted) / 1e6 if wanted.isdecimal() and os.environ.get("NOTIFY_SOCKET") else 0.0
