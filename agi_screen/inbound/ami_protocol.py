"""panoramisk's AMI protocol with its faults on hostile and broken streams mended.

panoramisk decodes each chunk alone, buffers without bound, parses every event, loses the rest of a chunk when
a callback fails, and keeps unanswered actions for ever. Its actions, responses and futures are used as they are.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Any

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from agi_screen.inbound.ami_actions import check_fields
from agi_screen.inbound.ami_listing import Listing, parse_listed
from agi_screen.inbound.ami_types import AmiCounters, AmiEvent

BANNER = b"Asterisk Call Manager/"
END = b"\r\n\r\n"
EVENT = b"Event: "
RESPONSE = b"Response: "
ACTION_ID = b"\r\nActionID: "
MAX_BANNER = 128
MAX_MESSAGE = 65_536
WRITE_BUFFER = 262_144
REST_SECONDS = 0.02
# The only headers that Asterisk itself repeats in an event; any other twin was written by a caller.
REPEATED = frozenset({"ChanVariable", "DestChanVariable"})
# Events of a channel have all of these. Forged with the rest of an event they exceed a caller's number (79 characters).
CHANNEL = frozenset({"Channel", "Uniqueid", "Linkedid"})

log = logging.getLogger(__name__)


class BoundedAmiProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """One connection. `deadline` is how many seconds an action may wait for its answer."""

    responses: dict[str, Any]

    def __init__(
        self, wanted: frozenset[str], counters: AmiCounters, deadline: float, limit: int = MAX_MESSAGE
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.wanted = frozenset(name.encode() for name in wanted)
        self.counters = counters
        self.deadline = deadline
        self.limit = limit
        self.paused = False
        self.problem = ""
        self.listings: dict[str, Listing] = {}  # by the ActionID
        self._buffer = bytearray()
        self._skipping = False
        self._events_before = counters.events
        self._event_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(WRITE_BUFFER)

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False

    def send(self, data: Any, as_list: bool | None = False) -> asyncio.Future[Any]:
        """As panoramisk's, but checked, and the future is cancelled when the deadline or the connection ends."""
        check_fields(data)
        action = data if isinstance(data, Action) else Action(data)
        future: asyncio.Future[Any] = action.future
        if self.closed or self.transport.is_closing():
            future.cancel()
            return future
        timer = self.loop.call_later(self.deadline, self._expire, action)
        future.add_done_callback(lambda _: timer.cancel())
        super().send(action, as_list=as_list)
        return future

    def _expire(self, action: Action) -> None:
        self.counters.unanswered += 1
        self.responses.pop(action.id, None)
        action.future.cancel()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        seek = max(0, len(buffer) - len(END) + 1)
        buffer += data
        start = 0 if self.version is not None else self._banner()
        if start < 0:
            return
        while (end := buffer.find(END, max(seek, start))) >= 0:
            self._take(start, end)
            start = end + len(END)
        del buffer[:start]
        self._rest_when_busy()
        if len(buffer) > self.limit:
            # Never ends in a sane stream: keep only what may be half an end, and go on after the next one.
            del buffer[: 1 - len(END)]
            self._skipping = True

    def _rest_when_busy(self) -> None:
        """In a rush events that come within moments are read together: each reading wakes the loop, which costs more
        than the event. Answers, those to the log-in above all, are waited for: they are read at once."""
        if self.counters.events == self._events_before:
            return
        self._events_before, now = self.counters.events, self.loop.time()
        if now - self._event_at < REST_SECONDS:
            self.transport.pause_reading()
            self.loop.call_later(REST_SECONDS, self._read_on)
        self._event_at = now

    def _read_on(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def _banner(self) -> int:
        """Where the first message starts; -1 while the banner is not there yet, or is no banner."""
        line, found, _ = self._buffer[:MAX_BANNER].partition(b"\r\n")
        if found and line.startswith(BANNER):
            self.version = line[len(BANNER) :].decode("ascii", "replace")
            return len(line) + 2
        if found or len(self._buffer) >= MAX_BANNER:
            self.drop("what answers is not Asterisk's manager interface")
        return -1

    def _take(self, start: int, end: int) -> None:
        """One whole message of the buffer: too long, unwanted by its name, or handled."""
        if self._skipping or end - start > self.limit:
            self._skipping = False
            self.counters.oversized += 1
            return
        buffer = self._buffer
        if buffer.startswith(EVENT, start):
            if self.listings and self._listed(start, end):
                return
            line = buffer.find(b"\r\n", start, end)
            if bytes(buffer[start + len(EVENT) : line if line > 0 else end]) not in self.wanted:
                self.counters.skipped += 1
                return
            self._event(buffer[start:end].decode("utf-8", "replace"))
        elif buffer.startswith(RESPONSE, start):
            if buffer.find(ACTION_ID, start, end) < 0:
                return  # to an action that needs no answer, such as the event of a verdict
            self._response(Message.from_line(buffer[start:end].decode("utf-8", "replace")))
        else:
            self.counters.tampered += 1

    def _listed(self, start: int, end: int) -> bool:
        """An event of a list that was asked for."""
        at = self._buffer.find(ACTION_ID, start, end)
        if at < 0:
            return False
        ident = self._buffer[at + len(ACTION_ID) : end].partition(b"\r\n")[0].decode("ascii", "replace")
        listing = self.listings.get(ident)
        if listing is None:
            return False
        fields = parse_listed(self._buffer[start:end].decode("utf-8", "replace"))
        if fields is None:
            self.counters.tampered += 1
        else:
            listing.take(fields)
        return True

    def _response(self, message: Message | None) -> None:
        """Only a Response answers an action: an event may carry the ActionID of an action as well."""
        listing = self.listings.get(message.id) if message is not None and isinstance(message.id, str) else None
        if listing is not None and message is not None and not message.success:
            listing.done.cancel()  # no queues at all, or no such module
        if message is not None and isinstance(message.id, str) and message.id in self.responses:
            self.handle_message(message)

    def _event(self, text: str) -> None:
        fields = parse_event(text)
        if fields is None:
            self.counters.tampered += 1
            return
        self.counters.events += 1
        try:
            self.factory.dispatch(AmiEvent(fields["Event"], fields))
        except Exception:
            # Boundary: a fault in one listener must not lose the events behind it.
            self.counters.callback_errors += 1
            # The 1st, 2nd, 4th, 8th ... so that a fault in every event does not fill the disk.
            if self.counters.callback_errors.bit_count() == 1:
                name = fields["Event"]
                log.exception("AMI: listener failed on %s (%d)", name, self.counters.callback_errors)

    def drop(self, problem: str) -> None:
        """Ends the connection at once, unsent bytes included; `problem` says why."""
        self.problem = self.problem or problem
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.problem = self.problem or (str(exc) if exc else "Asterisk closed the connection")
        self.close()
        if self.factory is not None:
            self.factory.connection_lost(exc)

    def close(self) -> None:
        """Closes, and cancels what still waits for an answer: sent anew later it would be a lie."""
        self.closed = True
        waiting, self.responses = self.responses, {}
        for action in waiting.values():
            action.future.cancel()
        for listing in self.listings.values():
            listing.done.cancel()
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        self.transport.close()


def parse_event(text: str) -> dict[str, str] | None:
    """The headers of one event; None where a caller's text has written lines into it.

    panoramisk's Message takes 4 times as long and keeps all twins; a twin of `Uniqueid` would end another's call.
    """
    lines = text.split("\r\n")
    try:
        fields = dict([line.split(": ", 1) for line in lines])
    except ValueError:  # a line that is no header
        return None
    whole = "Privilege" in fields and len(CHANNEL & fields.keys()) in (0, len(CHANNEL))
    return fields if whole and (len(fields) == len(lines) or _twins(lines) <= REPEATED) else None


def _twins(lines: list[str]) -> set[str]:
    counted = Counter(line.split(": ", 1)[0] for line in lines)
    return {name for name, times in counted.items() if times > 1}
