"""Where the state that several daemons share is: `local`, or the url of a Redis or Valkey."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from urllib.parse import unquote

from pydantic import BeforeValidator

from agi_screen.base.units import Address, parse_address

LOCAL = "local"
MEND = (
    'write "local", "redis://host:6379/0", "redis+sentinel://host1:26379,host2:26379/mymaster/0" or '
    '"redis+cluster://host1:6379,host2:6379"; "rediss" in place of "redis" is TLS'
)
_URL = re.compile(
    r"(?P<tls>rediss?)(\+(?P<kind>sentinel|cluster))?://((?P<user>[^@]*)@)?(?P<hosts>[^/@?#]+)(?P<path>/.*)?"
)
_PATHS = {  # what may follow the hosts
    "standalone": re.compile(r"(/(?P<db>\d{1,3})?)?"),
    "sentinel": re.compile(r"/(?P<master>[A-Za-z0-9._-]{1,100})(/(?P<db>\d{1,3})?)?"),
    "cluster": re.compile(r"(/0?)?"),
}
_PORTS = {"standalone": 6379, "sentinel": 26379, "cluster": 6379}


class StateKind(StrEnum):
    """What stands behind the url."""

    LOCAL = "local"
    STANDALONE = "standalone"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class StateUrl:
    """A parsed url. It never shows its password."""

    kind: StateKind = StateKind.LOCAL
    hosts: tuple[Address, ...] = ()
    tls: bool = False
    db: int = 0
    master: str = ""
    username: str = ""
    password: str = ""

    @property
    def shared(self) -> bool:
        """Whether there is any state but this daemon's own."""
        return self.kind is not StateKind.LOCAL

    def __str__(self) -> str:
        if not self.shared:
            return LOCAL
        scheme = "rediss" if self.tls else "redis"
        kind = "" if self.kind is StateKind.STANDALONE else f"+{self.kind}"
        path = "".join(f"/{part}" for part in (self.master, self.db or "") if part)
        return f"{scheme}{kind}://{','.join(map(str, self.hosts))}{path}"

    __repr__ = __str__


def parse_state_url(value: object) -> StateUrl:
    """`"local"` or a url. ValueError names the mend."""
    if value == LOCAL:
        return StateUrl()
    match = _URL.fullmatch(value) if isinstance(value, str) else None
    kind = (match["kind"] or "standalone") if match else ""
    path = _PATHS[kind].fullmatch(match["path"] or "") if match else None
    if match is None or path is None:
        raise ValueError(MEND)
    hosts = tuple(_host(host, _PORTS[kind]) for host in match["hosts"].split(","))
    if kind == "standalone" and len(hosts) > 1:
        raise ValueError("several hosts are redis+sentinel:// or redis+cluster://")
    username, _, password = (match["user"] or "").partition(":")
    found = path.groupdict()
    return StateUrl(
        *(StateKind(kind), hosts, match["tls"] == "rediss", int(found.get("db") or 0), found.get("master") or ""),
        *(unquote(username), unquote(password)),
    )


def _host(text: str, port: int) -> Address:
    bare = re.fullmatch(r"\[[0-9A-Fa-f:.]+\]|[^\[\]:\s]+", text)
    return parse_address(f"{text}:{port}" if bare else text)


State = Annotated[StateUrl, BeforeValidator(parse_state_url)]
