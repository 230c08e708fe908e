"""A talk over an AGI session: each command that the steps yield is sent, and its reply given back to them.

Steps are a generator, not a coroutine: a caller in the CAPTCHA costs no task, no future and no loop's turn.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import Reply, mset
from agi_screen.base.errors import HangupError
from agi_screen.inbound.sessions import Session

log = logging.getLogger("agi_screen.agi")

Steps = Generator[tuple[bytes, float], Reply, None]  # a command and the seconds its reply may take


class Conversation:
    """Begins with its making. A hang-up is raised inside the steps, as HangupError."""

    __slots__ = ("_session", "_steps")

    def __init__(self, session: Session, steps: Steps) -> None:
        self._session = session
        self._steps = steps
        self._on(lambda: next(steps))

    def _heard(self, reply: Reply | None) -> None:
        if reply is None or self._session.hungup:
            why = HangupError(self._session.why or "the caller hung up")
            self._on(lambda: self._steps.throw(why))
        else:
            self._on(lambda: self._steps.send(reply))

    def _on(self, step: Callable[[], tuple[bytes, float]]) -> None:
        try:
            line, within = step()
        except StopIteration:
            return
        except Exception:  # boundary: no fault of ours may keep a caller from the operators
            log.exception("a fault of agi-screen in a conversation; the caller is let through")
            self._session.finish(mset({dialplan.VERDICT: "allow", dialplan.ERROR: "fault"}))
            return
        self._session.send(line, self._heard, within)
