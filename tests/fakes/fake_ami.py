"""FakeAmi: a manager interface on real TCP that misbehaves on demand, as no real Asterisk can be made to."""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
Headers = dict[str, str]


class FakeAmi:
    """`async with FakeAmi() as ami:`; attributes may be changed at any time."""

    def __init__(self, secret: str = "right") -> None:
        self.secret = secret
        self.banner = BANNER
        self.silent = False
        self.answers_ping = True
        self.may_send = True
        self.listed = b""  # the events of QueueStatus, without their ActionID
        self.port = 0
        self.logins = 0
        self.actions: asyncio.Queue[Headers] = asyncio.Queue()
        self.connected = asyncio.Event()
        self.gone = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> FakeAmi:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Listens, on the port of the last time if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        # Small, so that a peer that reads nothing is soon felt; accepted connections take it over.
        self._server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """As Asterisk when it is killed: no more door, and every connection closed."""
        if self._server is not None:
            self._server.close()
        self.hang_up()
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None
        await asyncio.gather(*self._serving)

    def hang_up(self) -> None:
        """Closes every connection."""
        for writer in self._writers:
            writer.transport.abort()

    def stop_reading(self) -> None:
        """Leaves what comes in the kernel, for good."""
        for writer in self._writers:
            writer.transport.pause_reading()  # type: ignore[attr-defined]

    async def send(self, data: bytes) -> None:
        """Raw bytes to every connection, and waits until they are in the kernel."""
        for writer in list(self._writers):
            writer.write(data)
            await writer.drain()

    async def action(self, name: str) -> Headers:
        """The next action of this name that came in."""
        while True:
            headers = await asyncio.wait_for(self.actions.get(), 5)
            if headers.get("Action") == name:
                return headers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        self._writers.add(writer)
        self.connected.set()
        try:
            writer.write(self.banner)
            while data := await reader.readuntil(b"\r\n\r\n"):
                self._act(writer, dict(line.split(": ", 1) for line in data.decode().splitlines() if line))
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        finally:
            self._writers.discard(writer)
            writer.close()

    def _act(self, writer: asyncio.StreamWriter, headers: Headers) -> None:
        self.actions.put_nowait(headers)
        if self.silent:
            return
        match headers["Action"]:
            case "Login":
                self.logins += 1
                right = headers["Secret"] == self.secret
                reply(writer, headers, right, "Authentication accepted" if right else "Authentication failed")
                if not right:
                    writer.close()
            case "Ping" if self.answers_ping:
                reply(writer, headers, True, "Pong")
            case "QueueStatus" if self.listed:
                reply(writer, headers, True, "Queue status will follow")
                number = f"\r\nActionID: {headers['ActionID']}\r\n\r\n".encode()
                writer.write(b"".join(one + number for one in self.listed.split(b"\r\n\r\n") if one))
            case "QueueStatus":
                reply(writer, headers, False, "no such module")
            case "UserEvent":
                reply(writer, headers, self.may_send, "Event Sent" if self.may_send else "Permission denied")


def reply(writer: asyncio.StreamWriter, headers: Headers, success: bool, message: str) -> None:
    """One Response, with the ActionID of its action if that had one."""
    word = "Success" if success else "Error"
    number = f"ActionID: {headers['ActionID']}\r\n" if "ActionID" in headers else ""
    writer.write(f"Response: {word}\r\n{number}Message: {message}\r\n\r\n".encode())


def event(name: str, **fields: str) -> bytes:
    """One event as Asterisk writes it; `Uniqueid` makes it one of a channel."""
    if number := fields.get("Uniqueid"):
        fields = {"Channel": "PJSIP/trunk-00000001", **fields, "Linkedid": number}
    lines = [f"Event: {name}", "Privilege: call,all", *(f"{k}: {v}" for k, v in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class FakeTransport(asyncio.Transport):
    """A connection for a protocol that is fed by hand."""

    def pause_reading(self) -> None:
        """The test gives what comes; nothing waits here."""

    def resume_reading(self) -> None:
        """See above."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is written."""

    def abort(self) -> None:
        """Nothing is connected."""
