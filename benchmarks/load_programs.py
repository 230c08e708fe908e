"""The C programs of the benchmarks, compiled when first needed and kept in the temporary folder under their hash."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from functools import cache
from pathlib import Path


class LoadError(RuntimeError):
    """A load generator cannot be built, or did not do what it was asked."""


@cache
def program(name: str) -> str:
    """Where the compiled `name`.c is."""
    source = Path(__file__).with_name(f"{name}.c")
    built = Path(tempfile.gettempdir()) / f"agi-screen-{name}-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
    if not built.exists():
        part = built.with_suffix(".part")
        done = subprocess.run(["cc", "-O2", "-o", str(part), str(source)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise LoadError(f"{name}.c does not compile: {done.stderr}")
        part.rename(built)
    return str(built)
