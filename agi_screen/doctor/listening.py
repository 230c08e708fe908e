"""Who listens on a TCP port of this machine, as the kernel lists it."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTEN = "0A"


class Listener(NamedTuple):
    """`inode`: of its socket, by which the process that holds it is found."""

    host: str
    port: int
    inode: str

    @property
    def loopback(self) -> bool:
        return ipaddress.ip_address(self.host).is_loopback


def listeners(port: int) -> list[Listener]:
    """Empty where the tables cannot be read."""
    return [found for table in TABLES for found in _in_table(table) if found.port == port]


def _in_table(table: Path) -> Iterator[Listener]:
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return
    for line in lines:
        words = line.split()
        if len(words) > 9 and words[3] == LISTEN:
            address, _, port = words[1].partition(":")
            yield Listener(_host(address), int(port, 16), words[9])


def _host(address: str) -> str:
    """The kernel writes each four bytes the other way round."""
    raw = bytes.fromhex(address)
    turned = b"".join(raw[start : start + 4][::-1] for start in range(0, len(raw), 4))
    found = ipaddress.ip_address(turned)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def holds(pid: int, inode: str) -> bool | None:
    """Whether that process holds the socket; None where we may not know."""
    try:
        files = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return None
    return any(_link(f"/proc/{pid}/fd/{file}") == f"socket:[{inode}]" for file in files)


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:  # closed meanwhile
        return ""
