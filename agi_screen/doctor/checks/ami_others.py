"""Other accounts of Asterisk's manager interface: who else sees the digits of every challenge."""

from __future__ import annotations

from collections.abc import Iterator

from agi_screen.doctor.checks.ami_account import RELOAD, TOO_MUCH, words
from agi_screen.doctor.finding import Finding, named, ok, warning
from agi_screen.doctor.patient import Patient


def ami_others(patient: Patient) -> Iterator[Finding]:
    """Class `agi` has each command, and with it each digit that is spoken."""
    conf = patient.etc["manager.conf"]
    if not conf.read:
        return
    others = [name for name in conf.names if name not in ("general", patient.config.ami.username)]
    seeing = [name for name in others if words(conf.named(name).get("read")) & set(TOO_MUCH)]
    if seeing:
        text = f"{named(seeing)}: may read class agi (or all), and with it the digits of every challenge"
        yield warning("other AMI accounts", text, f"name the classes they need in their `read`, {RELOAD}")
    elif others:
        yield ok("other AMI accounts", f"{named(others)}: none reads the digits of challenges")
