"""Environment → Call: the frozen facts, cleaned and bounded; the one place that chooses compiled or pure Python."""

from __future__ import annotations

from agi_screen.base.pure import PURE

if PURE:
    from agi_screen.inbound._request_py import to_call
else:
    try:
        from agi_screen.inbound._request import to_call
    except ImportError:
        from agi_screen.inbound._request_py import to_call

__all__ = ["to_call"]
