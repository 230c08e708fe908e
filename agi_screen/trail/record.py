"""Call and decision → the record that is kept; the one place that chooses compiled or pure Python."""

from __future__ import annotations

from agi_screen.base.pure import PURE

if PURE:
    from agi_screen.trail._record_py import record_of
else:
    try:
        from agi_screen.trail._record import record_of
    except ImportError:
        from agi_screen.trail._record_py import record_of

__all__ = ["record_of"]
