"""What was learned of normal traffic, as a JSON file beside the database, for the next start."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agi_screen.base.bucket_snapshot import save_snapshot
from agi_screen.base.errors import AgiScreenError

FORMAT = 1
MOST_BYTES = 64 * 1024 * 1024


class LearnedError(AgiScreenError):
    """The file is not one of ours; what is usual is learned anew."""


def load_learned(path: Path) -> dict[str, Any] | None:
    """None where there is no file. Raises LearnedError, or OSError."""
    if not path.exists():
        return None
    if path.stat().st_size > MOST_BYTES:
        raise LearnedError(f"{path}: over {MOST_BYTES} bytes; delete it, and what is usual is learned anew")
    try:
        kept = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:  # the latter: brackets in brackets without end
        raise LearnedError(f"{path}: no JSON ({error}); delete it, and what is usual is learned anew") from error
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        raise LearnedError(f"{path}: of another version; delete it, and what is usual is learned anew")
    return kept


def save_learned(kept: Mapping[str, Any], path: Path) -> None:
    """Replaces the file whole. Raises OSError."""
    save_snapshot(_pieces({"format": FORMAT, **kept}), path)


def _pieces(value: Any, deep: int = 3) -> Iterator[bytes]:
    """A piece at a time: encoding all at once would hold the interpreter while calls wait for it."""
    if deep and isinstance(value, Mapping):
        yield b"{"
        for n, (key, inner) in enumerate(value.items()):
            yield (b"," if n else b"") + json.dumps(str(key)).encode() + b":"
            yield from _pieces(inner, deep - 1)
        yield b"}"
    elif deep and isinstance(value, list):
        yield b"["
        for n, inner in enumerate(value):
            if n:
                yield b","
            yield from _pieces(inner, deep - 1)
        yield b"]"
    else:
        yield json.dumps(value, separators=(",", ":")).encode()
