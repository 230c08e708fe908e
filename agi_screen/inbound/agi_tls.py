"""FastAGI over TLS, for Asterisk on other machines: the encryption ends here, the session goes on at our own socket.

Asterisk's AGI() itself speaks no TLS: docs/agi-over-tls.md says what to put before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path

from agi_screen.base.config import Agi
from agi_screen.base.listening import Listening, bound_tcp
from agi_screen.base.tls import TlsError, TlsFiles, load_certificate, server_context
from agi_screen.base.units import Address
from agi_screen.inbound.agi import ListenError

log = logging.getLogger("agi_screen.agi")

PIECE = 8192
GOODBYE_SECONDS = 1.0
DISK_SECONDS = 5.0


class TlsFront:
    """Carries lines both ways and reads none of them: limits and deadlines are the inner session's.

    Before it there is the handshake, which has the time an environment has. Beyond `max_sessions` nobody is taken.
    """

    def __init__(self, inner: Path) -> None:
        self._inner = inner
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._most = 0
        self.listening: Address | None = None
        self.socket: socket.socket | None = None
        self.refused = 0
        self._renew: Callable[[], None] = lambda: None

    async def start(self, config: Agi, folder: Path, given: Listening | None = None) -> None:
        """Where it is configured. Raises ListenError, with the mend."""
        if config.tls_listen is None:
            return
        files = TlsFiles("agi", folder, config.tls_certificate, config.tls_key, config.tls_clients)
        try:
            context = await asyncio.wait_for(asyncio.to_thread(server_context, files), DISK_SECONDS)
            await self._listen(config, config.tls_listen, context, given or Listening())
        except (TlsError, TimeoutError) as error:
            raise ListenError(
                str(error) or f"[agi] tls_certificate: the disk gave none in {DISK_SECONDS:g} s"
            ) from error
        except OSError as error:
            mend = "choose another address"
            raise ListenError(f"[agi] tls_listen = {config.tls_listen}: {error.strerror or error}: {mend}") from error
        self._renew = partial(load_certificate, context, files)

    def renew(self) -> None:
        """Reads the certificate again; sessions under way keep theirs. Raises TlsError, and the one before stays."""
        self._renew()

    async def _listen(self, config: Agi, where: Address, context: ssl.SSLContext, given: Listening) -> None:
        """At a hand-over both daemons take sessions for a while: inside they all wait at the one socket."""
        self._most = config.max_sessions
        self.socket = await bound_tcp("agi-tls", where.host, where.port, given)
        self._server = await asyncio.start_server(
            self._taken,
            sock=self.socket,
            ssl=context,
            ssl_handshake_timeout=config.environment_time,
            ssl_shutdown_timeout=GOODBYE_SECONDS,
            limit=PIECE,
            backlog=1024,
        )
        self.listening = Address(*self.socket.getsockname()[:2])

    def configure(self, config: Agi) -> None:
        self._most = config.max_sessions

    def close(self) -> None:
        """Takes no more; those under way end with their inner sessions."""
        if self._server is not None:
            self._server.close()

    async def stop(self) -> None:
        """After the inner sessions have ended."""
        if self._open:
            await asyncio.wait(self._open, timeout=GOODBYE_SECONDS)
        for task in tuple(self._open):
            task.cancel()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._open) >= self._most:
            self.refused += 1
            writer.transport.abort()
            return
        self._open.add(task)
        try:
            await self._carried(reader, writer)
        except (OSError, ssl.SSLError) as error:
            log.warning("a session over TLS ended: %s", error)
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _carried(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ends when the inner session does: what it sent last has gone out then. A client that ends, ends it too."""
        theirs, ours = await asyncio.open_unix_connection(self._inner, limit=PIECE)
        inwards = asyncio.create_task(_pump(reader, ours))
        try:
            await _pump(theirs, writer)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_ended(writer), GOODBYE_SECONDS)
        finally:
            inwards.cancel()
            ours.transport.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Bounded: nothing is read while the other side does not take what was read before."""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while piece := await source.read(PIECE):
            sink.write(piece)
            await sink.drain()
    if sink.can_write_eof():
        with contextlib.suppress(OSError):
            sink.write_eof()


async def _ended(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()
