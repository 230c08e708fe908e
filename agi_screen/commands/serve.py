"""`agi-screen serve`: the daemon in the foreground, for systemd and for trying out."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from agi_screen.base.clock import Clock, SystemClock
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.listening import Listening, from_systemd
from agi_screen.base.log import to_stderr
from agi_screen.base.notify import notify
from agi_screen.commands.options import ConfigOption, or_exit_2
from agi_screen.daemon import Daemon
from agi_screen.desk import Desk
from agi_screen.health import Health
from agi_screen.inbound.control import ControlServer
from agi_screen.operate import Operator
from agi_screen.settings import Settings, find, load
from agi_screen.succession.elder import Elder
from agi_screen.succession.heir import Heir, heir_or_none, systemd_watches
from agi_screen.succession.waiter import become_waiter
from agi_screen.web.api import all_routes

log = logging.getLogger("agi_screen")

WATCH_SECONDS = 1.0
SWITCH_SECONDS = 0.0005  # the threads that write records give way to calls after so long, not after Python's 5 ms
Stamp = tuple[int, int]  # time of change in ns, and size
LogLevel = Annotated[str, typer.Option(help="debug | info | warning | error")]


def serve(config: ConfigOption = None, log_level: LogLevel = "info") -> None:
    """Take calls until SIGTERM or Ctrl-C. SIGHUP, or a change of the file, reloads it.

    Prints `ready` on stdout when calls are taken. A busy port or a bad file ends it with exit code 2.
    """
    to_stderr(log_level.upper())
    sys.setswitchinterval(SWITCH_SECONDS)
    _allow_many_sessions()
    with or_exit_2(), heir_or_none() as heir:
        path = find(config)
        stamp = _stamp(path)  # before it is read: a change from now on is seen
        settings = load(path)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            handed_over = runner.run(run(settings, stamp, heir))
    if handed_over and heir is None and not systemd_watches():
        become_waiter()


def _allow_many_sessions() -> None:
    """Each session takes a file descriptor, and a shell allows a thousand where the system allows many more."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _let_garbage_wait() -> None:
    """Records wait a quarter second for the writer: the collector would walk them again and again, to find nothing."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def run(settings: Settings, stamp: Stamp, heir: Heir | None = None) -> bool:
    """Runs one daemon from start to drained stop. True where a successor goes on."""
    clock = SystemClock()
    daemon = Daemon(settings, clock)
    operator = Operator(daemon, clock)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    reload_wanted = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, reload_wanted.set)
    given = heir.given if heir is not None else from_systemd()
    if heir is None:
        await daemon.start(given)
    else:
        await daemon.load(given)
        all_routes()  # the desk's modules: loaded later, they would hold the loop while callers come
        await heir.succeed(daemon, clock)
        await daemon.open(given)
        await heir.took(daemon)
    _let_garbage_wait()
    async with (
        _control(daemon, operator, given) as control,
        _desk(daemon, operator, clock, given) as desk,
        _reloading(daemon, operator, stamp, reload_wanted),
    ):
        given.close_rest()
        elder = Elder(daemon, lambda: _sockets(daemon, control, desk), clock, stopping.set)
        operator.hand_over = elder.hand_over
        _keep_by_systemd(daemon)
        daemon.watchdog.start()
        print("ready", flush=True)
        notify(f"READY=1\nSTATUS=taking calls at {daemon.agi.address}")
        log.info("taking calls at %s, mode %s", daemon.agi.address, settings.config.mode)
        await stopping.wait()
        if not daemon.handed_over:
            notify("STOPPING=1")
            log.info("stopping: %d calls under way", daemon.agi.open_sessions)
            await daemon.stop()
    if daemon.handed_over:
        await elder.leave()
    log.info("stopped")
    return daemon.handed_over


def _sockets(daemon: Daemon, control: ControlServer, desk: Desk) -> dict[str, socket.socket]:
    """All that is listened at, by name."""
    more = {"agi-tls": daemon.agi_tls.socket, "control": control.socket, "desk": desk.socket}
    return {**daemon.agi.sockets, **{name: sock for name, sock in more.items() if sock is not None}}


def _keep_by_systemd(daemon: Daemon) -> None:
    """A new process after us finds who came meanwhile (FileDescriptorStoreMax= in the unit)."""
    if systemd_watches():
        for name, sock in daemon.agi.sockets.items():
            notify(f"FDSTORE=1\nFDNAME={name}", [sock])
        daemon.kept_listening = True


@contextlib.asynccontextmanager
async def _control(daemon: Daemon, operator: Operator, given: Listening) -> AsyncIterator[ControlServer]:
    """The commands' socket. A daemon without it still takes calls."""
    server = ControlServer(operator.handlers)
    try:
        await server.start(daemon.settings.control_socket, given)
    except OSError as error:
        log.error("commands cannot reach this daemon: %s: %s", daemon.settings.control_socket, error)
    yield server
    await server.stop()


@contextlib.asynccontextmanager
async def _desk(daemon: Daemon, operator: Operator, clock: Clock, given: Listening) -> AsyncIterator[Desk]:
    """The operations desk, and who tells others how the daemon is. A daemon without them still takes calls."""
    health = Health(daemon, clock)
    health.start()
    desk = Desk(daemon, operator, health, clock, given)
    await desk.start()
    yield desk
    await desk.stop()
    health.stop()


@contextlib.asynccontextmanager
async def _reloading(daemon: Daemon, operator: Operator, stamp: Stamp, wanted: asyncio.Event) -> AsyncIterator[None]:
    """Reloads on SIGHUP and when the file changes; `wanted` joins several reasons into one reload."""
    tasks = [
        asyncio.create_task(_reload_when(wanted, operator)),
        asyncio.create_task(_watch(daemon.settings.path, stamp, wanted)),
    ]
    yield
    for task in tasks:
        task.cancel()


async def _reload_when(wanted: asyncio.Event, operator: Operator) -> None:
    while await wanted.wait():
        wanted.clear()
        with contextlib.suppress(AgiScreenError):  # said in the log by the reload itself
            await operator.reload({})


async def _watch(path: Path, seen: Stamp, wanted: asyncio.Event) -> None:
    """Looks at the file's time stamp once a second, in a thread: a slow disk must not hold the loop."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        now = await asyncio.to_thread(_stamp, path)
        if now != seen:
            seen = now
            wanted.set()


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:  # an editor is just replacing it
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
