"""Where the records are: a file beside the daemon, or a PostgreSQL database."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

DRIVER = "psycopg"
INSTALL = "install it: pip install 'agi-screen[postgresql]'"
_URL = re.compile(r"postgres(?:ql)?://[^\s#]+")
_SECRET_KEYS = frozenset({"password", "passfile", "sslpassword"})


def node_name() -> str:
    """What the records of this machine are told from others' by, where several write into one database."""
    return socket.gethostname()


@dataclass(frozen=True, slots=True)
class Server:
    """A database of a PostgreSQL server. As text it is for messages: `url` holds no secret. `node` says who writes."""

    url: str
    password: SecretStr
    node: str = field(default_factory=node_name)

    def __str__(self) -> str:
        return self.url


Place = Path | Server


def driver_missing() -> bool:
    """Whether a `Server` cannot be opened: its driver comes with an extra of its own."""
    return find_spec(DRIVER) is None


def checked_url(url: str) -> str:
    """The url of a server, or "" for none. Raises ValueError with the mend."""
    if not url:
        return url
    if not _URL.fullmatch(url):
        raise ValueError('write a url such as "postgresql://agi-screen@db.example.org/agi-screen", or "" for the file')
    parts = urlsplit(url)
    if ":" in parts.netloc.rpartition("@")[0] or _SECRET_KEYS & {key for key, _ in parse_qsl(parts.query)}:
        raise ValueError("holds a password: put it into secret_file, or the variable AGI_SCREEN_STORE_PASSWORD")
    if not parts.path.strip("/"):
        raise ValueError("names no database: end it in /agi-screen, or whatever yours is called")
    return url
