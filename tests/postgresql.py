"""A real PostgreSQL server of our own: in a folder of its own, ended with the tests; the system's is left alone."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr

from agi_screen.base.postgresql.dialect import postgresql
from agi_screen.base.store_place import Server

PROGRAMS = "/usr/lib/postgresql"
ROLE = "agi"
PASSWORD = "open sesame"
# What a crash of the machine would cost is no matter here; a killed server loses nothing by it.
QUICK = ("fsync=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=32MB", "max_connections=60")
_HBA = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


def program(name: str) -> str:
    """The newest of this machine."""
    found = sorted(Path(PROGRAMS).glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    if found:
        return str(found[-1])
    path = shutil.which(name)
    assert path, f"{name} is missing: apt-get install postgresql"
    return path


@dataclass
class OwnServer:
    """Runs as another user where we are root: PostgreSQL refuses to be root's."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    more: tuple[str, ...] = QUICK
    _names: Iterator[int] = field(default_factory=itertools.count)

    @classmethod
    def made(cls, *more: str) -> OwnServer:
        folder = Path(tempfile.mkdtemp(prefix="agi-pg-"))
        server = cls(folder, _free_port(), more=(*QUICK, *more))
        if user := _other_user():
            shutil.chown(folder, user)
        # Its folder's own order of letters is of no use to us: UTF-8, and each column names its collation.
        server._run("initdb", "-D", folder / "data", "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        (folder / "data/pg_hba.conf").write_text(_HBA)
        server.start()
        server.sql(f"ALTER ROLE {ROLE} PASSWORD '{PASSWORD}'")
        return server

    def start(self) -> None:
        """Takes connections at its return."""
        options = [f"-c{one}" for one in self.more]
        place = ("-D", f"{self.folder}/data", "-k", str(self.folder), "-p", str(self.port))
        command = [program("postgres"), *place, *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([*_as_other(), *command], stdout=log, stderr=log, start_new_session=True)
        ready = [program("pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port), "-t", "30"]
        while subprocess.run(ready, check=False).returncode:
            assert self.process.poll() is None, (self.folder / "log").read_text()

    def kill(self) -> None:
        """All of its processes, at once, as a crash does."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        self._signal(signal.SIGINT)

    def freeze(self) -> None:
        """Connections stay, and nobody answers any more."""
        assert self.process is not None
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self._pids():
            os.kill(pid, signal.SIGCONT)

    def remove(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def place(self, schema: str = "", *, url: str = "") -> Server:
        """An empty schema in the common database, quicker made than a database."""
        name = schema or f"t{next(self._names)}"
        self.sql(f"CREATE SCHEMA IF NOT EXISTS {name}")
        return Server(url or self.url(f"options=-csearch_path%3D{name}"), SecretStr(""))

    def url(self, more: str = "") -> str:
        return f"postgresql://{ROLE}@/postgres?host={self.folder}&port={self.port}&{more}".rstrip("&")

    def tcp(self, more: str = "") -> str:
        """By loopback, where a password is asked for."""
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/postgres?{more}".rstrip("?")

    def version(self) -> str:
        with closing(psycopg.connect(self.url())) as conn:
            return f"{conn.info.server_version // 10_000}.{conn.info.server_version % 10_000}"

    def sql(self, sql: str) -> None:
        with closing(psycopg.connect(self.url(), autocommit=True)) as conn:
            conn.execute(sql.encode())

    def _signal(self, number: int) -> None:
        """To the process itself: `setpriv` has become it."""
        assert self.process is not None
        pids = self._pids() if number == signal.SIGKILL else [self.process.pid]
        for pid in pids:
            os.kill(pid, number)
        self.process.wait(30)
        while any(map(_lives, pids)):  # else the next start finds their shared memory in use
            os.sched_yield()

    def _pids(self) -> list[int]:
        """The server's own, the first one first: each of its backends is a session of its own."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def _run(self, name: str, *arguments: str | Path) -> None:
        done = subprocess.run([*_as_other(), program(name), *arguments], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()


@contextmanager
def own_server(*more: str) -> Iterator[OwnServer]:
    server = OwnServer.made(*more)
    try:
        yield server
    finally:
        server.remove()


def ask(place: Server, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Rows by a connection of its own; SQL as the store writes it."""
    with closing(psycopg.connect(place.url, autocommit=True, cursor_factory=psycopg.RawCursor)) as conn:
        return conn.execute(postgresql(sql).encode(), values).fetchall()


def _other_user() -> str:
    if os.geteuid():
        return ""
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as_other() -> list[str]:
    user = _other_user()
    if not user:
        return []
    found = pwd.getpwnam(user)
    return ["setpriv", f"--reuid={found.pw_uid}", f"--regid={found.pw_gid}", "--clear-groups"]


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
