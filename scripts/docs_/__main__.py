"""`scripts/make-docs`: writes the pages, or says which are not what the code says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from scripts.docs_ import configuration, reference

ROOT = Path(__file__).resolve().parents[2]
PAGES: dict[str, Callable[[], str]] = {
    "docs/configuration.md": configuration.page,
    "docs/reference.md": reference.page,
}


def main() -> int:
    """Exit code 1 with `--check`, where a page would change."""
    stale = [name for name, page in PAGES.items() if not _is(ROOT / name, page())]
    if "--check" in sys.argv:
        for name in stale:
            print(f"{name} is not what the code says: run scripts/make-docs", file=sys.stderr)
        return int(bool(stale))
    for name in stale:
        (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote {name}")
    return 0


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
