"""systemd's unit: there, the one of this version, started after a boot, and what answers is its process."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.patient import Patient

NAME = "agi-screen.service"
SYSTEMD = Path("/run/systemd/system")  # there where it runs
SHIPPED = Path(sys.prefix) / "share/agi-screen/systemd" / NAME
ASKED = ("LoadState", "UnitFileState", "NeedDaemonReload", "FragmentPath", "MainPID", "NRestarts")
SECONDS = 5.0
FEW_RESTARTS = 3
# What an installation differs in from the shipped file: where things are, and whose they are.
OWN = re.compile(r"^\s*(?:[#;].*|(?:ExecStart|User|Group|ReadWritePaths|StateDirectory\w*)=.*)$")


def unit(patient: Patient) -> Iterator[Finding]:
    """Nothing is changed: `systemctl show` only tells."""
    if not SYSTEMD.is_dir():
        yield ok("systemd", "does not run here: what starts agi-screen after a boot is not looked at")
        return
    told = properties()
    if told is None:
        yield warning("systemd", "systemctl show does not answer", "see whether `systemctl status` does")
        return
    pid = patient.daemon.get("pid") if isinstance(patient.daemon, dict) else None
    yield from judged(told, pid if isinstance(pid, int) else None, _text(SHIPPED))


def properties() -> Mapping[str, str] | None:
    line = ["systemctl", "show", NAME, f"--property={','.join(ASKED)}"]
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 fixed words
    except (OSError, subprocess.TimeoutExpired):
        return None
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    return {name: value for name, _, value in pairs} if done.returncode == 0 else None


def judged(told: Mapping[str, str], pid: int | None, shipped: str) -> Iterator[Finding]:
    """`pid` is that of the daemon which answers; `shipped` is empty where it is not at hand."""
    if told.get("LoadState") != "loaded":
        text = f"there is no {NAME} (systemd says {told.get('LoadState')})"
        yield error("systemd", text, "scripts/install, or copy systemd/agi-screen.service as docs/install.md says")
        return
    found = [*_state(told), *_process(told, pid)]
    installed = _text(Path(told.get("FragmentPath", "")))
    if shipped and installed and _kernel(shipped) != _kernel(installed):
        mend = "scripts/install, or cp it and `systemctl daemon-reload`; your changes belong into `systemctl edit`"
        found.append(warning("systemd", f"{told['FragmentPath']} is not the one of this version", mend))
    yield from found or (ok("systemd", f"{NAME} is enabled and the one of this version"),)


def _state(told: Mapping[str, str]) -> Iterator[Finding]:
    if told.get("UnitFileState") not in ("enabled", "static", "generated"):
        text = f"{NAME} is {told.get('UnitFileState') or 'not enabled'}: nothing starts it after a boot"
        yield error("systemd", text, f"systemctl enable {NAME}")
    if told.get("NeedDaemonReload") == "yes":
        yield warning("systemd", "its file changed and was not read again", "systemctl daemon-reload, then restart")


def _process(told: Mapping[str, str], pid: int | None) -> Iterator[Finding]:
    restarts = told.get("NRestarts", "0")
    if restarts.isdecimal() and int(restarts) > FEW_RESTARTS:
        text = f"the daemon ended {restarts} times by itself and was started again"
        yield warning("systemd", text, "journalctl -u agi-screen says why")
    if pid is not None and told.get("MainPID") not in (None, "0", str(pid)):
        text = f"process {pid} answers, systemd's is {told['MainPID']}: two daemons"
        yield error("systemd", text, f"end process {pid}, which was started by hand")


def _kernel(text: str) -> list[str]:
    """The lines that do something and are the same everywhere."""
    return [line.strip() for line in text.splitlines() if line.strip() and not OWN.match(line)]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, ValueError):
        return ""
