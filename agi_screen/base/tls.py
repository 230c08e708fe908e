"""TLS for whoever connects to us: a certificate with its key, and clients' certificates where they are asked for."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from agi_screen.base.errors import AgiScreenError


class TlsError(AgiScreenError):
    """A file that TLS needs is not there, or not good; says table, files and mend."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files, from `folder` on. `clients` holds authorities whose clients alone are taken; none where it is empty.

    `table` is where the configuration names them, for messages.
    """

    table: str
    folder: Path
    certificate: Path
    key: Path
    clients: Path = Path()


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """Reads the files: to be called in a thread. Raises TlsError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    load_certificate(context, files)
    if files.clients != Path():
        try:
            context.load_verify_locations(files.folder / files.clients)
        except (OSError, ValueError) as error:
            raise _error(files, f"tls_clients = {files.clients}", error, "give a PEM file of authorities") from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def load_certificate(context: ssl.SSLContext, files: TlsFiles) -> None:
    """Handshakes from now on show this certificate. Raises TlsError, and the one before stays."""
    try:
        # A key with a password would ask for it at a terminal, and wait.
        context.load_cert_chain(files.folder / files.certificate, files.folder / files.key, password=lambda: "")
    except (OSError, ValueError) as error:
        keys = f"tls_certificate = {files.certificate}, tls_key = {files.key}"
        mend = "give a PEM certificate and its key without a password, readable for the user of the daemon"
        raise _error(files, keys, error, mend) from error


def _error(files: TlsFiles, keys: str, error: Exception, mend: str) -> TlsError:
    return TlsError(f"[{files.table}] {keys}: {getattr(error, 'strerror', None) or error}: {mend}")
