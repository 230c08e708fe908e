"""What ends an install: said with its mend. Run again, it goes on where it ended."""

from __future__ import annotations


class InstallError(Exception):
    """Why it cannot go on, and what to do about it."""

    def __init__(self, text: str, mend: str) -> None:
        super().__init__(f"{text}\n    → {mend}")
