"""Listening sockets that this process was given: by systemd (LISTEN_FDS), or by the daemon that it takes over from.

Callers who came meanwhile wait in them, so they are used as they are where the address is still the wanted one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterable, MutableMapping
from pathlib import Path

log = logging.getLogger("agi_screen")

FIRST_FD = 3  # of systemd's: see sd_listen_fds(3)
MOST = 64


class Listening:
    """`tcp` and `unix` give the socket of an address, once; `close_rest` ends what nobody wanted."""

    def __init__(self, given: Iterable[tuple[str, socket.socket]] = ()) -> None:
        self._given = list(given)

    def tcp(self, name: str, address: tuple[str, int]) -> socket.socket | None:
        """Of port 0, any port, it is the socket that bears this name."""
        host, port = address
        for known, sock in self._given:
            at = sock.getsockname()
            fits = isinstance(at, tuple) and at[0] == host and (at[1] == port if port else known == name)
            if fits:
                return self._taken(known, sock)
        return None

    def unix(self, path: Path) -> socket.socket | None:
        """Only where the file is still there: another one could not be reached by it."""
        for known, sock in self._given:
            if sock.family == socket.AF_UNIX and sock.getsockname() == str(path) and path.is_socket():
                return self._taken(known, sock)
        return None

    def close_rest(self) -> None:
        for name, sock in self._given:
            log.warning("%s at %s was handed over, and is not listened at any more", name, sock.getsockname())
            sock.close()
        self._given.clear()

    def _taken(self, name: str, sock: socket.socket) -> socket.socket:
        self._given.remove((name, sock))
        return sock


def from_systemd(environment: MutableMapping[str, str] = os.environ) -> Listening:
    """What systemd passed to this very process, by socket unit or from its store of descriptors."""
    meant, count = (environment.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS"))
    names = environment.pop("LISTEN_FDNAMES", "").split(":")
    if meant != str(os.getpid()) or not count.isdecimal():
        return Listening()
    given = []
    for n in range(min(int(count), MOST)):
        os.set_inheritable(FIRST_FD + n, False)
        sock = socket.socket(fileno=FIRST_FD + n)
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            given.append((names[n] if n < len(names) else "", sock))
    return Listening(given)


async def bound_tcp(name: str, host: str, port: int, given: Listening) -> socket.socket:
    """A socket at this address, at best one that callers wait in already; a name is looked up. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, proto, _, address = found[0]
    inherited = given.tcp(name, (str(address[0]), int(address[1])))
    if inherited is not None:
        return inherited
    bound = socket.socket(family, kind, proto)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def bound_unix(path: Path) -> socket.socket:
    """A Unix socket of our own at `path`, in place of one that a killed daemon left. Raises OSError."""
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX)
    try:
        bound.bind(str(path))
    except OSError:
        bound.close()
        raise
    return bound
