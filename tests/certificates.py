"""Authorities and certificates for tests, made by openssl as an admin would."""

from __future__ import annotations

import subprocess
from pathlib import Path

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"
NEW = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]


def self_signed(folder: Path, name: str = "certificate", key: str = "key") -> Path:
    """A certificate for loopback that is its own authority."""
    made = folder / f"{name}.pem"
    files = ["-keyout", str(folder / f"{key}.pem"), "-out", str(made)]
    line = [*NEW, "-subj", f"/CN={name}", "-addext", NAMES, *files]
    subprocess.run(line, check=True, capture_output=True, timeout=30)
    return made
