"""From the configuration to a client of Redis or Valkey: one server, Sentinels, or a Cluster.

redis-py's own retries are off and its times are short: whoever uses a client tries again by a plan of its own.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from agi_screen.base.config import ClusterTable
from agi_screen.base.state_url import StateKind, StateUrl

TIMEOUT_SECONDS = 1.0  # for whoever does not serve a call: connecting, and each reply

Client = Redis | RedisCluster


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that it takes to reach the shared state. `folder` is the configuration file's."""

    url: StateUrl
    table: ClusterTable
    folder: Path = Path()

    @property
    def node(self) -> str:
        """This daemon's name among the others."""
        return self.table.node or socket.gethostname()

    @property
    def username(self) -> str | None:
        return self.url.username or None

    @property
    def password(self) -> str | None:
        """The configured one goes before that of the url."""
        return self.table.password.get_secret_value() or self.url.password or None

    def ssl_context(self) -> ssl.SSLContext | None:
        """Certificates are checked always; None without TLS. Raises OSError where the file of `tls_ca` is no good."""
        return ssl.create_default_context(cafile=self.ca) if self.url.tls else None

    @property
    def ca(self) -> str | None:
        return str(self.folder / self.table.tls_ca) if self.table.tls_ca != Path() else None

    def options(self) -> dict[str, Any]:
        """What redis-py is told of every connection but those to Sentinels."""
        tls = {"ssl": True, "ssl_ca_certs": self.ca} if self.url.tls else {}
        login = {"username": self.username, "password": self.password, "client_name": f"agi-screen-{self.node}"}
        return {**_quick(), **login, **tls}

    def sentinel_options(self) -> dict[str, Any]:
        """Sentinels have no databases, and often no password."""
        options = self.options()
        if not self.table.sentinel_password:
            options |= {"username": None, "password": None}
        return options


def _quick() -> dict[str, Any]:
    times = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
    return {**times, "retry": Retry(NoBackoff(), 0), "health_check_interval": 0}


def make_client(access: Access) -> Client:
    """A client for work that no call waits for. It connects when it is first used; replies are bytes."""
    url, options = access.url, access.options()
    if url.kind is StateKind.SENTINEL:
        master: Redis = make_sentinel(access).master_for(url.master, db=url.db, **options)
        return master
    if url.kind is StateKind.CLUSTER:
        nodes = [ClusterNode(host.host, host.port) for host in url.hosts]
        return RedisCluster(startup_nodes=nodes, **options)
    return Redis(host=url.hosts[0].host, port=url.hosts[0].port, db=url.db, **options)


def make_sentinel(access: Access) -> Sentinel:
    """Who knows which server is the master now."""
    sentinels = [(host.host, host.port) for host in access.url.hosts]
    options: Mapping[str, Any] = access.sentinel_options()
    return Sentinel(sentinels, sentinel_kwargs=dict(options))  # type: ignore[no-untyped-call]
