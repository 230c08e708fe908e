"""A certificate authority, a certificate for telephone numbers, and signatures of calls: STIR/SHAKEN on loopback.

Made anew for each run with `openssl`; the certificate is fetched by Asterisk from a small HTTP server of ours.
"""

from __future__ import annotations

import base64
import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

from tests.asterisk.caller import Header

# RFC 8226: the service provider code 1234, without which Asterisk takes no certificate
TN_AUTH_LIST = "1.3.6.1.5.5.7.1.26 = DER:30:08:a0:06:16:04:31:32:33:34"
MODULES = ("res_crypto", "res_curl", "res_stir_shaken", "res_pjsip_stir_shaken")
PROFILE = """
[verification]
ca_file = {folder}/ca.pem
cert_cache_dir = {folder}/cache
failure_action = continue
curl_timeout = 2

[trunk-profile]
type = profile
endpoint_behavior = verify
relax_x5u_port_scheme_restrictions = yes
relax_x5u_path_restrictions = yes
x5u_permit = 127.0.0.1/32
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the folder, without a line to stderr for each request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        del format, args


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs calls as an originating carrier would."""

    folder: Path
    port: int

    @property
    def files(self) -> dict[str, str]:
        """What the lab's Asterisk needs to verify our signatures."""
        return {
            "modules_more.conf": "".join(f"load = {name}.so\n" for name in MODULES),
            "pjsip_trunk.conf": "stir_shaken_profile = trunk-profile\n",
            "stir_shaken.conf": PROFILE.format(folder=self.folder),
        }

    def identity(self, caller: str, dialled: str, attest: str = "A") -> str:
        """The Identity header of one call; numbers are digits without a plus."""
        x5u = f"http://127.0.0.1:{self.port}/leaf.pem"
        header = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": x5u}
        tn = {"dest": {"tn": [dialled]}, "iat": int(time.time()), "orig": {"tn": caller}}
        claims = {"attest": attest, **tn, "origid": "123e4567-e89b-12d3-a456-426655440000"}
        token = f"{encoded(header)}.{encoded(claims)}"
        return f"{token}.{self._signature(token)};info=<{x5u}>;alg=ES256;ppt=shaken"

    def headers(self, caller: str, dialled: str, attest: str = "A") -> tuple[Header, Header]:
        """The same, and the Date that Asterisk wants beside it."""
        return ("Identity", self.identity(caller, dialled, attest)), ("Date", formatdate(usegmt=True))

    def _signature(self, token: str) -> str:
        line = ["openssl", "dgst", "-sha256", "-sign", str(self.folder / "leaf.key")]
        der = subprocess.run(line, input=token.encode(), capture_output=True, check=True).stdout
        return url_safe(b"".join(integers(der)))


def integers(der: bytes) -> Iterator[bytes]:
    """The two numbers of an ECDSA signature, 32 bytes each."""
    at = 2
    for _ in range(2):
        length = der[at + 1]
        number = der[at + 2 : at + 2 + length]
        yield int.from_bytes(number, "big").to_bytes(32, "big")
        at += 2 + length


def encoded(claims: Mapping[str, object]) -> str:
    """A part of a token: keys in order, no blanks (RFC 8225)."""
    return url_safe(json.dumps(claims, separators=(",", ":"), sort_keys=True).encode())


def url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=True)


def make_certificates(folder: Path) -> None:
    """`ca.pem`, and `leaf.pem` signed by it with its `leaf.key`."""
    (folder / "cache").mkdir()
    (folder / "leaf.ext").write_text(f"{TN_AUTH_LIST}\nkeyUsage = digitalSignature\n")
    for name in ("ca", "leaf"):
        openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
    ca = ("-key", "ca.key", "-subj", "/CN=Test STI-CA", "-days", "2", "-out", "ca.pem")
    openssl(folder, "req", "-x509", "-new", *ca)
    openssl(folder, "req", "-new", "-key", "leaf.key", "-subj", "/CN=SHAKEN 1234", "-out", "leaf.csr")
    by = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "leaf.ext")
    openssl(folder, "x509", "-req", "-in", "leaf.csr", *by, "-out", "leaf.pem")


@contextmanager
def signing(folder: Path) -> Iterator[Signer]:
    """A signer whose certificate can be fetched meanwhile."""
    make_certificates(folder)
    with HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield Signer(folder, server.server_address[1])
        server.shutdown()
        thread.join()
