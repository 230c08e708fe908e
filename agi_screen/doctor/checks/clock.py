"""The clock: kept right by the network, and the same as Asterisk's."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.patient import Patient

UNSYNCHRONISED = 0x0040  # STA_UNSYNC of <sys/timex.h>
STATUS_AT = 40  # bytes before `status` in struct timex, where a long has eight
MOST_APART = 2.0
FAR_APART = 60.0
MEND = "timedatectl set-ntp true (or chrony), and see timedatectl: rates, passes, expiry and signatures go by the clock"


def clock(patient: Patient) -> Iterator[Finding]:
    """Of this machine; Asterisk's may be another."""
    synchronised = kernel_synchronised()
    if synchronised is False:
        yield warning("clock", "nothing keeps it right (the kernel has it as not synchronised)", MEND)
    elif synchronised:
        yield ok("clock", "kept right by the network")
    ahead = patient.asterisk.ahead if patient.config.ami.enabled else None
    if ahead is not None:
        yield apart(ahead)


def apart(ahead: float) -> Finding:
    """Calls have Asterisk's time in their records' ends, and signatures (STIR/SHAKEN) are good for a minute."""
    if abs(ahead) <= MOST_APART:
        return ok("clock", f"Asterisk's and ours differ by {abs(ahead) * 1000:.0f} ms")
    say = error if abs(ahead) > FAR_APART else warning
    text = f"Asterisk's is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} ours"
    return say("clock", text, f"on both machines: {MEND}")


def kernel_synchronised() -> bool | None:
    """As ntpd, chrony and systemd-timesyncd tell the kernel; None where it cannot be asked. Nothing is set."""
    if ctypes.sizeof(ctypes.c_long) != 8:
        return None
    timex = ctypes.create_string_buffer(256)  # modes = 0: only read
    try:
        told = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    except (OSError, AttributeError):
        return None
    status = ctypes.c_int.from_buffer(timex, STATUS_AT).value
    return None if told < 0 else not status & UNSYNCHRONISED
