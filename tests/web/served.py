"""`agi-screen serve` as its own process, without Asterisk, and its desk."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CONFIG = """
[agi]
listen = "127.0.0.1:0"
[ami]
enabled = false
[web]
listen = "127.0.0.1:0"
"""
AGI_SCREEN = [sys.executable, "-m", "agi_screen"]


@dataclass
class Served:
    """`url` is where its desk is."""

    folder: Path
    url: str

    def token(self, name: str, role: str) -> str:
        """A new one of this role."""
        words = ["account", "token", "add", name, "--role", role, "--json", "--config", "agi-screen.toml"]
        done = subprocess.run([*AGI_SCREEN, *words], cwd=self.folder, capture_output=True, text=True, timeout=30)
        found: str = json.loads(done.stdout)["token"]
        return found


@contextmanager
def served(folder: Path, more: str = "") -> Iterator[Served]:
    """A daemon that has said `ready`; it is ended as systemd does."""
    (folder / "agi-screen.toml").write_text(CONFIG + more)
    log = folder / "daemon.log"
    with log.open("w") as said:
        process = subprocess.Popen(
            [*AGI_SCREEN, "serve", "--config", "agi-screen.toml"],
            cwd=folder,
            env={**os.environ, "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", log.read_text()
        try:
            yield Served(folder, re.findall(r"desk at (http\S+)", log.read_text())[-1])
        finally:
            process.terminate()
            process.wait(30)
