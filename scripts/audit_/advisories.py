"""Known holes of the parts, as pip-audit finds them at the services that publish advisories."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.audit_.parts import Part

SERVICES = ("pypi", "osv")
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Audit:
    """`holes` are lines for people; `unknown` are parts that no service knew, or all of them with `why`."""

    holes: tuple[str, ...]
    unknown: tuple[str, ...]
    why: str = ""


def audit(parts: Sequence[Part]) -> Audit:
    """Asks one service after the other until one knows the parts."""
    found = Audit((), tuple(part.name for part in parts))
    for service in SERVICES:
        found = _asked(service, parts)
        if len(found.unknown) < len(parts):
            return found
    return found


def _asked(service: str, parts: Sequence[Part]) -> Audit:
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(f"{part.name}=={part.version}\n" for part in parts)
        wanted = Path(folder, "parts.txt")
        wanted.write_text(lines, encoding="utf-8")
        line = [sys.executable, "-m", "pip_audit", "-f", "json", "-s", service, "--no-deps", "--disable-pip"]
        try:
            done = subprocess.run(
                [*line, "--progress-spinner", "off", "-r", str(wanted)],
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Audit((), tuple(part.name for part in parts), f"{service} gave no answer in {SECONDS} s")
    return _read(done.stdout, done.stderr, parts)


def _read(said: str, errors: str, parts: Sequence[Part]) -> Audit:
    try:
        told = json.loads(said)["dependencies"]
    except (ValueError, KeyError):
        why = (errors.strip() or "nothing was said").splitlines()[-1]
        return Audit((), tuple(part.name for part in parts), why[:200])
    holes = tuple(
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in told
        for hole in one.get("vulns", ())
    )
    return Audit(holes, tuple(one["name"] for one in told if "skip_reason" in one))
