"""A call through the running daemon, as `/decide` takes it: environment in, verdict out. It leaves no mark."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

from agi_screen.base.config import Agi
from agi_screen.doctor.checks.running import ANSWER_SECONDS, LOOPBACK, asking
from agi_screen.doctor.finding import Finding, error, ok
from agi_screen.doctor.patient import Patient

# The route answers what /decide would, and counts, learns, records and announces nothing.
QUESTION = b"""agi_network_script: rehearse
agi_channel: PJSIP/doctor-00000000
agi_uniqueid: doctor
agi_callerid: +14155552671
agi_calleridname: doctor
agi_dnid: 18005550100
"""
ANSWER = re.compile(rb"SCREEN_VERDICT=(allow|challenge|reject|divert),SCREEN_SCORE=(-?[\d.]+)")
FAULT = re.compile(rb"SCREEN_ERROR=([a-z_]+)")
MEND = "restart agi-screen; where that does not help, its log says why (journalctl -u agi-screen)"
MOST = 65_536


def decision(patient: Patient) -> Iterator[Finding]:
    """Where nobody answers at all, `running` has said so."""
    try:
        heard = asked(patient.config.agi)
    except OSError:
        return
    found = ANSWER.search(heard)
    if found is not None:
        verdict, score = (word.decode() for word in found.groups())
        yield ok("a call", f"+14155552671 would get {verdict}, score {score}; nothing was counted")
    elif fault := FAULT.search(heard):
        yield error("a call", f"the daemon gives no verdict: {fault[1].decode()}", MEND)
    else:
        yield error("a call", "the daemon gives no verdict: is it of another version than this command?", MEND)


def asked(agi: Agi) -> bytes:
    """All that the daemon sends in one session. OSError where there is none."""
    host, heard = LOOPBACK.get(agi.listen.host, agi.listen.host), b""
    with socket.create_connection((host, agi.listen.port), ANSWER_SECONDS) as sock:
        sock.settimeout(ANSWER_SECONDS)
        sock.sendall(asking(QUESTION, agi))
        while b"\n" not in heard and len(heard) < MOST:
            part = sock.recv(4096)
            if not part:
                break
            heard += part
        sock.sendall(b"200 result=1\n")
    return heard
