"""One file, one class, one `[signals.<name>]` table each. Every module in this folder is a signal."""

from __future__ import annotations

from agi_screen import judge

__path__[:] = [f"{folder}/signals" for folder in judge.__path__]  # compiled where the judge is
