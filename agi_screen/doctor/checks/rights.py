"""Whose the files are and who may read them: settings, secrets, records; and whom the daemon runs as."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.patient import Patient

ANYONE_READS, ANYONE_WRITES = 0o004, 0o002


class Who(NamedTuple):
    """The user and all groups of a process."""

    user: int
    groups: frozenset[int]


def rights(patient: Patient) -> Iterator[Finding]:
    """Of what is there; a folder that keeps others out keeps them from what is in it."""
    who = _daemon(patient)
    found = [*_secrets(patient), *_writable(patient)]
    if who is not None:
        found += [*_user(who), *_readable(patient, who)]
    yield from found or (ok("rights", "settings, secrets and records are for the daemon's user alone"),)


def _daemon(patient: Patient) -> Who | None:
    pid = patient.daemon.get("pid") if isinstance(patient.daemon, dict) else None
    try:
        lines = Path(f"/proc/{int(pid)}/status").read_text(encoding="ascii").splitlines() if pid else []
    except (OSError, ValueError):
        return None
    words = {line.partition(":")[0]: line.partition(":")[2].split() for line in lines}
    if "Uid" not in words:
        return None
    return Who(int(words["Uid"][1]), frozenset(map(int, (words["Gid"][1], *words.get("Groups", ())))))


def _user(who: Who) -> Iterator[Finding]:
    if who.user == 0:
        mend = "User=agi-screen in the unit (scripts/install does it): the daemon needs no right of root's"
        yield warning("daemon's user", "the daemon runs as root", mend)


def _secrets(patient: Patient) -> Iterator[Finding]:
    files = [patient.etc.folder / "manager.d/agi_screen.conf"]
    files += [patient.settings.path.parent / name for name in (patient.config.ami.secret_file,) if name]
    if _says_secret(patient.settings.path):
        files.append(patient.settings.path)
    for file in files:
        if _mode(file) & ANYONE_READS and reached(file):
            text = f"{file} holds the AMI secret, and anyone on this machine may read it"
            yield error("rights", text, f"chmod o= {file}, and give the account a new secret")


def _says_secret(path: Path) -> bool:
    try:
        return any(line.strip().startswith("secret =") for line in path.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        return False


def _writable(patient: Patient) -> Iterator[Finding]:
    """Who writes the settings decides who gets through."""
    for path in (patient.settings.path, patient.settings.path.parent, patient.settings.database.parent):
        mode = _mode(path)
        if mode & ANYONE_WRITES and not mode & 0o1000:  # in a folder such as /tmp nobody takes away another's file
            yield error("rights", f"anyone on this machine may change {path}", f"chmod o-w {path}")


def _readable(patient: Patient, who: Who) -> Iterator[Finding]:
    """Read at its start it was; at the next one it must be again."""
    for path in (patient.settings.path, patient.settings.path.parent / patient.config.ami.secret_file):
        if path.is_file() and not may_read(path, who):
            text = f"{path} cannot be read by the daemon (user {who.user}): its next start or reload fails"
            yield error("rights", text, f"chgrp agi-screen {path}; chmod g+r {path}")


def may_read(path: Path, who: Who) -> bool:
    status = path.stat()
    if who.user == 0:
        return True
    if status.st_uid == who.user:
        return bool(status.st_mode & 0o400)
    return bool(status.st_mode & (0o040 if status.st_gid in who.groups else 0o004))


def reached(path: Path) -> bool:
    """Every folder above it lets anyone through."""
    return all(_mode(folder) & 0o001 for folder in path.absolute().parents)


def _mode(path: Path) -> int:
    try:
        return os.stat(path).st_mode
    except OSError:
        return 0
