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


def converse(session: Session, steps: Steps) -> None:
    """Begins the talk; it goes on by itself with each reply. A hang-up is raised inside the steps, as HangupError."""

    def heard(reply: Reply | None) -> None:
        if reply is None or session.hungup:
            go_on(lambda: steps.throw(HangupError(session.why or "the caller hung up")))
        else:
            go_on(lambda: steps.send(reply))

    def go_on(step: Callable[[], tuple[bytes, float]]) -> None:
        def sent() -> None:
            try:
                line, within = step()
            except StopIteration:
                return
            session.send(line, heard, within)

        guarded(session, sent)

    go_on(lambda: next(steps))


def guarded(session: Session, step: Callable[[], None]) -> None:
    """A step that nobody stands around: a fault of ours in it lets the caller through."""
    try:
        step()
    except Exception:
        log.exception("a fault of agi-screen in a conversation; the caller is let through")
        session.finish(mset({dialplan.VERDICT: "allow", dialplan.ERROR: "fault"}))
