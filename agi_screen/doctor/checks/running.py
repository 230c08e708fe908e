"""The daemon at work: there, answering Asterisk, and logged in to AMI."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

from agi_screen.base.config import Agi
from agi_screen.base.units import Address
from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.patient import Patient
from agi_screen.inbound.ami_link import AmiLink, LinkError
from agi_screen.inbound.ami_types import AmiCounters, AmiError, AmiTimes

ANSWER_SECONDS = 3.0
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what to connect to where it listens everywhere
# A real session on the route that marks a caller, with no mark: it is answered, counted nowhere, and changes nothing.
QUESTION = b"agi_network_script: feedback\nagi_uniqueid: doctor\nagi_channel: doctor\n"
ANSWER = b"SCREEN_FEEDBACK=unknown"
START = "systemctl start agi-screen, and `journalctl -u agi-screen` where it does not stay"


def running(patient: Patient) -> Iterator[Finding]:
    """As Asterisk meets it."""
    status = patient.daemon
    if isinstance(status, PermissionError):
        mend = "run the doctor as root, or as the daemon's user"
        yield warning("daemon", f"{patient.settings.control_socket} is not ours to ask", mend)
    elif isinstance(status, OSError):
        yield error("daemon", f"not running ({status.strerror or status}): calls go on unscreened", START)
    else:
        yield ok("daemon", f"running, mode {status.get('mode')}, level {status.get('level')}")
        yield from _trouble(status)
    yield _agi(patient.config.agi)
    yield from _ami(patient, status if isinstance(status, dict) else {})


def _trouble(status: dict[str, object]) -> Iterator[Finding]:
    """What it says of itself."""
    if status.get("mode") != "enforce":
        mend = 'mode = "enforce" when the scores of `agi-screen calls` look right'
        yield warning("daemon", f"mode {status.get('mode')}: every caller gets through", mend)
    if status.get("records") not in (None, "ok", "writing", "up"):
        yield warning("records", f"{status['records']}", "see the daemon's log: is the disk full or read-only?")
    let_through = status.get("let_through")
    if isinstance(let_through, dict) and let_through:
        counts = ", ".join(f"{name} {count}" for name, count in let_through.items())
        yield warning(
            "daemon", f"calls let through unscreened since its start: {counts}", "see README, When something fails"
        )


def asking(question: bytes, agi: Agi) -> bytes:
    """The whole environment: with the secret, where sessions must bring it."""
    secret = agi.secret.get_secret_value()
    return question + (f"agi_arg_1: secret={secret}\n".encode() if secret else b"") + b"\n"


def _agi(agi: Agi) -> Finding:
    listen = agi.listen
    what, address = "FastAGI", Address(LOOPBACK.get(listen.host, listen.host), listen.port)
    try:
        with socket.create_connection((address.host, address.port), ANSWER_SECONDS) as sock:
            sock.settimeout(ANSWER_SECONDS)
            sock.sendall(asking(QUESTION, agi))
            heard = sock.recv(4096)
            sock.sendall(b"200 result=1\n")
    except OSError as problem:
        why = problem.strerror or problem
        return error(what, f"{address} does not answer ({why}): Asterisk's calls go on unscreened", START)
    if ANSWER not in heard:
        mend = "another program has our port: choose another [agi] listen, and AGI_SCREEN_DAEMON in extensions.conf"
        return error(what, f"what answers at {address} is not agi-screen", mend)
    return ok(what, f"a session at {address} is answered")


def _ami(patient: Patient, status: dict[str, object]) -> Iterator[Finding]:
    """The daemon's own word where it is up; else a log-in of ours, which says why."""
    ami = patient.config.ami
    if not ami.enabled:
        return
    if status.get("ami") == "up":
        yield ok("AMI", f"logged in at {ami.host}:{ami.port}")
        return
    yield asyncio.run(_logged_in(patient))


async def _logged_in(patient: Patient) -> Finding:
    ami = patient.config.ami
    times = AmiTimes(connect=ANSWER_SECONDS, answer=ANSWER_SECONDS)
    link = AmiLink(ami, times, frozenset(), AmiCounters(), lambda _: None)
    try:
        await link.open()
        listed = await link.ask("ListCommands", {})
    except LinkError as problem:
        mend = (
            f"the secret of [{ami.username}] in manager.conf and ours must be the same, and `permit` must admit us"
            if problem.state == "wrong_secret"
            else "start Asterisk, or mend [ami] host and port"
        )
        return error("AMI", f"no log-in ({problem.state}): {problem.detail}", mend)
    except AmiError as problem:
        return warning("AMI", f"logged in, but: {problem}", "see Asterisk's log")
    finally:
        link.close()
    if "UserEvent" not in listed.fields:
        mend = f"write = user in [{ami.username}] of manager.conf, then: asterisk -rx 'manager reload'"
        return error("AMI", "logged in, but our events may not be sent", mend)
    return ok("AMI", f"a log-in at {ami.host}:{ami.port} works")
