"""AGI sessions over any stream socket; the one place that chooses compiled or pure Python."""

from __future__ import annotations

from agi_screen.base.pure import PURE

if PURE:
    from agi_screen.inbound._sessions_py import Door, Owner, Session
else:
    try:
        from agi_screen.inbound._sessions import Door, Session
        from agi_screen.inbound._sessions_py import Owner
    except ImportError:
        from agi_screen.inbound._sessions_py import Door, Owner, Session

__all__ = ["Door", "Owner", "Session"]
