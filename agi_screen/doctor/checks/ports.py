"""The ports: who can reach them, and whether it is our daemon that has them."""

from __future__ import annotations

from collections.abc import Iterator

from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.listening import holds, listeners
from agi_screen.doctor.patient import Patient

HERE = ("127.0.0.1", "localhost", "::1")


def ports(patient: Patient) -> Iterator[Finding]:
    """As the kernel has them; a firewall before them is not seen."""
    config = patient.config
    agi = f'[agi] listen = "127.0.0.1:{config.agi.listen.port}", or a firewall that lets in Asterisk alone'
    yield from _open(patient, "AGI port", config.agi.listen.port, "it asks for no password", agi)
    if config.web.enabled and config.web.listen.port:
        mend = "[web] listen on 127.0.0.1 behind a reverse proxy with TLS, or [web] tls_certificate and tls_key"
        why = "" if config.web.tls else "passwords cross the network unsealed, unless a proxy with TLS is before it"
        yield from _open(patient, "desk's port", config.web.listen.port, why, mend)
    if config.ami.enabled and config.ami.host in HERE:
        mend = "bindaddr = 127.0.0.1 in [general] of manager.conf, then restart Asterisk, or a firewall"
        why = "AMI has no TLS there, and acts on calls"
        yield from _open(patient, "AMI port", config.ami.port, why, mend, ours=False)


def _open(patient: Patient, what: str, port: int, why: str, mend: str, *, ours: bool = True) -> Iterator[Finding]:
    """`why` it should not be reached from elsewhere; empty where it may."""
    found = listeners(port)
    if not found:
        return  # not running, which others say; or another machine's
    beyond = [listener.host for listener in found if not listener.loopback]
    if beyond and why:
        yield warning(what, f"{port} can be reached at {', '.join(beyond)}: {why}", mend)
    pid = patient.daemon.get("pid") if ours and isinstance(patient.daemon, dict) else None
    if isinstance(pid, int) and not any(holds(pid, listener.inode) is not False for listener in found):
        text = f"another program than the daemon (process {pid}) listens at {port}"
        yield error(what, text, f"ss -ltnp 'sport = :{port}' names it: end it, or choose another port")
    elif not beyond or not why:
        yield ok(what, f"{port}, {'reached from this machine alone' if not beyond else 'with TLS'}")
