"""The disk below the database takes a write, and brings it down, now: tried with a file that has no name."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.patient import Patient

SIZE = 64 * 1024
SLOW = 1.0
FEW_FILES = 1000


def disk(patient: Patient) -> Iterator[Finding]:
    """Room is looked at by `store`."""
    folder = patient.settings.database.parent
    if not folder.is_dir():
        return
    status = os.statvfs(folder)
    if status.f_files and status.f_favail < FEW_FILES:
        text = f"{status.f_favail} more files can be made below {folder}"
        yield error("disk", text, "remove what is not needed: df -i, find -xdev")
    if status.f_flag & os.ST_RDONLY:
        mend = "see dmesg for the disk's fault, then: mount -o remount,rw"
        yield error("disk", f"{folder} is read-only: records wait in memory, and are lost with the daemon", mend)
    elif os.access(folder, os.W_OK):  # who may not write is told of by `store`
        yield _tried(folder)


def _tried(folder: Path) -> Finding:
    try:
        seconds = written(folder)
    except OSError as problem:
        mend = "see df, quota and dmesg: records wait in memory meanwhile, and are lost with the daemon"
        return error("disk", f"a write below {folder} fails: {problem.strerror}", mend)
    if seconds > SLOW:
        text = f"{SIZE // 1024} KB took {seconds:.1f} s to be safe on the disk of {folder}"
        return warning("disk", text, "see what else writes there (iotop), or put [store] path on another disk")
    return ok("disk", f"a write below {folder} is safe on the disk after {seconds * 1000:.0f} ms")


def written(folder: Path) -> float:
    """Seconds that a write with fsync takes. The file never has a name, and is gone when it is closed."""
    begun = time.monotonic()
    file = os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600)
    try:
        os.write(file, bytes(SIZE))
        os.fsync(file)
    finally:
        os.close(file)
    return time.monotonic() - begun
