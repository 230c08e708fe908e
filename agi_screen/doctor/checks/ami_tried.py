"""The rights of the daemon's AMI account, tried on the running Asterisk: the files may say more than it has read."""

from __future__ import annotations

from collections.abc import Iterator

from agi_screen.doctor.checks.ami_account import RELOAD
from agi_screen.doctor.finding import Finding, error, named, ok, warning
from agi_screen.doctor.patient import Patient

# Each acts on calls or on the machine: whoever has our secret could do it.
ACTS = ("AGI", "Command", "GetConfig", "Originate", "Redirect", "Setvar", "UpdateConfig")


def ami_tried(patient: Patient) -> Iterator[Finding]:
    """Why there is no log-in, where there is none, is said by `running`."""
    ami = patient.config.ami
    if not ami.enabled or patient.asterisk.trouble:
        return
    seen, account = patient.asterisk, f"[{ami.username}]"
    if acts := [name for name in ACTS if name in seen.actions]:
        text = f"Asterisk lets it use {named(acts)}: whoever has its secret can act on calls"
        yield warning("AMI rights", text, f"write = user in {account} of manager.conf, {RELOAD}")
    if not seen.sent:
        yield error("AMI rights", "Asterisk refuses its events", f"write = user in {account} of manager.conf, {RELOAD}")
    elif not seen.heard:
        text = "its events do not come back: calls that went on unscreened are not seen"
        mend = f"read = call,agent,user,dtmf and the shipped eventfilter lines in {account} of manager.conf, {RELOAD}"
        yield error("AMI rights", text, mend)
    elif not acts:
        yield ok("AMI rights", "tried: an event was sent and came back, nothing that acts on calls is allowed")
