"""What the machine allows: file descriptors for as many sessions as configured, and a clock that can be right."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path

from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.patient import Patient

SPARE = 64  # descriptors for the database, AMI, logs and commands
BUILT = 1_767_225_600.0  # 2026-01-01: this was written later
LATEST = BUILT + 30 * 365.25 * 86400


def machine(patient: Patient) -> Iterator[Finding]:
    """Of this shell; systemd gives the daemon its own limits, which its unit file names."""
    sessions = patient.config.agi.max_sessions
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _limit_of_daemon(patient) or hard
    if allowed != resource.RLIM_INFINITY and allowed < sessions + SPARE:
        text = f"{allowed} file descriptors are allowed, [agi] max_sessions = {sessions}"
        yield warning("descriptors", text, f"LimitNOFILE={2 * sessions} in the unit file, or a smaller max_sessions")
    else:
        yield ok("descriptors", f"{allowed} allowed, {sessions} sessions configured")
    if not BUILT < time.time() < LATEST:
        yield error("clock", f"it is {time.strftime('%Y-%m-%d')} here", "set the clock (timedatectl)")


def _limit_of_daemon(patient: Patient) -> int:
    """What the kernel grants the process that holds the control socket; 0 where that cannot be seen."""
    pid = patient.daemon.get("pid") if isinstance(patient.daemon, dict) else None
    try:
        lines = Path(f"/proc/{int(pid)}/limits").read_text(encoding="ascii").splitlines() if pid else []
    except (OSError, ValueError):
        return 0
    values = [line.split()[-2] for line in lines if line.startswith("Max open files")]
    return int(values[0]) if values and values[0].isdecimal() else 0
