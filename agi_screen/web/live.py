"""The live stream: one picture a second, written once for all viewers, and only while there are any.

An event's `data` is an object of parts. Most parts stand for themselves and are left out while they do not change;
`seconds`, `minutes`, `calls` and `ends` hold what came since the event before. The first event of a viewer holds all,
or, where it says what it saw last, what it missed. Around it a call may be told twice: its id tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from agi_screen.base.live import Seen
from agi_screen.base.masking import masked, masked_text
from agi_screen.web.office import Office
from agi_screen.web.route import ApiError

log = logging.getLogger("agi_screen.web")

MOST_VIEWERS = 200
MOST_WAITING = 4  # events a viewer may be behind before it is let go; it comes back, and asks for what it missed
AFTER_SECONDS = 0.02  # after the full second
GROWING = frozenset({"seconds", "minutes", "calls", "ends"})
PRIVATE = ("calls", "top")
_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(slots=True, eq=False)
class Viewer:
    """One open stream: the events that wait for it. `open_` is false once it fell behind, or the desk ends."""

    masks: bool
    open_: bool = True
    events: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    let_go: Callable[[], None] = lambda: None

    def put(self, event: bytes) -> None:
        try:
            self.events.put_nowait(event)
        except asyncio.QueueFull:
            self.close()

    def close(self) -> None:
        """Ends it whether it waits for an event or for its viewer to read."""
        self.open_ = False
        self.let_go()
        with contextlib.suppress(asyncio.QueueFull):
            self.events.put_nowait(b"")


class LiveHub:
    """All viewers of one desk."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._viewers: set[Viewer] = set()
        self._task: asyncio.Task[None] | None = None
        self._seen = Seen()
        self._texts: dict[str, str] = {}
        self.dropped = 0

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    def join(self, seen: Seen, *, masks: bool) -> Viewer:
        """A new viewer, whose first event waits for it. Raises ApiError."""
        if len(self._viewers) >= MOST_VIEWERS:
            raise ApiError(503, "live", "", f"{MOST_VIEWERS} viewers are watching: try again later")
        viewer = Viewer(masks)
        parts, now = self._office.look(seen)
        whole = now.run != seen.run
        viewer.put(_event("whole" if whole else "step", now, _encoded(mask_parts(parts) if masks else parts)))
        if not self._viewers:
            self._seen = now
        self._texts = {}  # what the others know, this one may have seen otherwise: the next event tells all
        self._viewers.add(viewer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="live")
        return viewer

    def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)

    async def stop(self) -> None:
        """Ends all streams."""
        for viewer in list(self._viewers):
            viewer.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while self._viewers:
            await asyncio.sleep(self._until_next())
            try:
                self._step()
            except Exception:  # boundary: a fault in one picture must not leave its viewers with a dead stream
                log.exception("a fault in the live stream: its viewers come anew")
                for viewer in list(self._viewers):
                    viewer.close()

    def _until_next(self) -> float:
        """To a little after the next full second: its calls have been counted, and are shown at once."""
        gone = self._office.clock.ticks() / 1e9 % 1.0
        return AFTER_SECONDS - gone if gone < AFTER_SECONDS / 2 else 1.0 + AFTER_SECONDS - gone

    def _step(self) -> None:
        parts, self._seen = self._office.look(self._seen)
        changed = self._changed(_encoded(parts))
        plain = _event("step", self._seen, changed)
        masking = any(viewer.masks for viewer in self._viewers)
        hidden = _event("step", self._seen, self._masked(parts, changed)) if masking else b""
        for viewer in list(self._viewers):
            viewer.put(hidden if viewer.masks else plain)
            self.dropped += not viewer.open_

    def _changed(self, texts: dict[str, str]) -> dict[str, str]:
        """What is not as it was told last. A viewer who came since then was told all of it."""
        before, self._texts = self._texts, texts
        return {name: text for name, text in texts.items() if name in GROWING or before.get(name) != text}

    def _masked(self, parts: dict[str, Any], changed: dict[str, str]) -> dict[str, str]:
        private = mask_parts({name: parts[name] for name in PRIVATE if name in changed})
        return {**changed, **_encoded(private)}


def mask_parts(parts: dict[str, Any]) -> dict[str, Any]:
    """The same without callers' last four digits."""
    said = dict(parts)
    if "calls" in said:
        said["calls"] = [
            {**call, "caller": masked(call["caller"]), "name": masked_text(call["name"])} for call in said["calls"]
        ]
    if "top" in said:
        callers = said["top"]["callers"]
        rows = [(masked(caller), *counts) for caller, *counts in callers["rows"]]
        said["top"] = {**said["top"], "callers": {**callers, "rows": rows}}
    return said


def _encoded(parts: dict[str, Any]) -> dict[str, str]:
    return {name: _json(part) for name, part in parts.items()}


def _event(kind: str, seen: Seen, texts: dict[str, str]) -> bytes:
    # Text from the wire may hold lone surrogates; JSON has escaped every line end.
    data = ",".join([f'"{name}":{text}' for name, text in texts.items()])
    return f"event: {kind}\nid: {seen}\ndata: {{{data}}}\n\n".encode("utf-8", "replace")


HUB = web.AppKey("live", LiveHub)


def add_live(app: web.Application, office: Office) -> None:
    """The hub of this desk, ended before its connections are."""
    app[HUB] = LiveHub(office)
    app.on_shutdown.append(_stop)


async def _stop(app: web.Application) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await app[HUB].stop()
