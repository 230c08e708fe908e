"""Who vouches for a caller, on a real Asterisk: headers of real SIP calls, and signatures Asterisk verifies itself."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.caller import Caller, Dial, Header
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.stir import Signer, signing
from tests.asterisk.until import until
from tests.fakes.fake_daemon import FakeDaemon, FakeSession, verdict

CALLER, DIALLED = "+14155550123", "18005550100"
PASSED = f'"A caller" <sip:{CALLER};verstat=TN-Validation-Passed-A@c.example;user=phone>'
HUNG_UP = "Session already DISCONNECTED"  # Asterisk, of a caller who has gone: no fault of the dialplan
LONG_WAY = "18005550107"  # a limit of the admin's own makes it one of the others
OTHER_HEADER = "18005550108"
SITE = """
[from-trunk]
exten => 18005550107,1,Set(TIMEOUT(absolute)=60)
 same => n,Gosub(agi-screen,s,1)
 same => n,Answer()
 same => n,Queue(operators,r,,,60)
exten => 18005550108,1,Set(AGI_SCREEN_VERSTAT=X-Verstat)
 same => n,Gosub(agi-screen,s,1)
 same => n,Answer()
 same => n,Queue(operators,r,,,60)
[globals]
AGI_SCREEN_STIR_SHAKEN = yes
"""


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    with signing(tmp_path_factory.mktemp("stir")) as ready:
        yield ready


@pytest.fixture(scope="module")
def verifying(signer: Signer) -> Iterator[Lab]:
    """An Asterisk that verifies signatures itself."""
    options = LabOptions(agi_port=free_port(socket.SOCK_STREAM), site=SITE, files=signer.files)
    with Lab(options) as running:
        yield running


@pytest.fixture
async def at_desk(verifying: Lab) -> AsyncIterator[Desk]:
    async with await Desk.open(verifying.ports.operator) as sitting:
        yield sitting


async def screened(lab: Lab, number: str, *headers: Header) -> FakeSession:
    """What the daemon is sent of a call with these headers."""
    async with FakeDaemon(lab.options.agi_port, commands=[verdict("allow")]) as daemon:
        async with await Caller.place(Dial(lab.ports.sip, number, CALLER, headers=headers)) as call:
            assert await call.final() == 200
        session = await daemon.session()
    assert not [line for line in session.lines if not line.isprintable()]
    keys = [line.partition(": ")[0] for line in session.lines]
    assert len(keys) == len(set(keys))
    return session


async def test_headers_arrive_the_short_way_and_the_long(verifying: Lab, at_desk: Desk) -> None:
    headers = (("User-Agent", "A carrier's SBC/2.1 (x86)"), ("P-Asserted-Identity", PASSED))
    for number in (DIALLED, LONG_WAY):
        options = (await screened(verifying, number, *headers)).options
        assert options["agent"] == "A carriers SBC/2.1 x86"
        assert options["verstat"] == f"Acaller<sip:{CALLER};verstat=TN-Validation-Passed-A@c.example;user=phone>"
        assert options["attest"] == "missing_identity_hdr-"
        assert ("removed" in options) == (number == LONG_WAY)


async def test_a_carrier_with_a_header_of_its_own(verifying: Lab, at_desk: Desk) -> None:
    session = await screened(verifying, OTHER_HEADER, ("X-Verstat", "TN-Validation-Failed"), ("User-Agent", ""))
    assert session.options["verstat"] == "TN-Validation-Failed"


HOSTILE = [
    b'a,=)}${SHELL(touch pwned)}:3):2"b\\x',
    b"):0,identity=x,trunk=mine",
    b"x" * 3000,
    b"\xff\xfe\xc3(;\x7f",
    b"a\r\n b: agi_uniqueid: evil",
    b"${AGI_SCREEN_DAEMON} $[1+1] ${ENV(HOME)}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=["syntax", "arguments", "3 KB", "no UTF-8", "folded", "variables"])
@pytest.mark.parametrize("number", [DIALLED, LONG_WAY])
async def test_headers_cannot_forge(verifying: Lab, at_desk: Desk, text: bytes, number: str) -> None:
    before = len(verifying.messages)
    display = b'"' + text.replace(b'"', b"").replace(b"\\", b"") + b'" <sip:+1415@c.example>'
    headers = (("User-Agent", text), ("P-Asserted-Identity", display), ("Identity", text))
    session = await screened(verifying, number, *headers)
    options = session.options
    assert len(options["agent"]) <= 80
    assert len(options["verstat"]) <= 200
    assert options.get("trunk") is None
    assert not {"$", "(", ")", "{", '"', "\\", ","} & set(options["agent"] + options["verstat"])
    assert session.environment["agi_uniqueid"] != "evil"
    assert not list(Path.cwd().glob("pwned")) + list(verifying.dir.rglob("pwned"))
    errors = [line for line in verifying.messages[before:].splitlines() if "ERROR" in line]
    assert [line for line in errors if "stir" not in line and HUNG_UP not in line] == []


async def test_asterisk_s_own_verification_arrives(verifying: Lab, at_desk: Desk, signer: Signer) -> None:
    good = signer.headers(CALLER[1:], DIALLED, "B")
    copied = signer.headers("14155550199", DIALLED)
    identity = str(good[0][1])
    forged = ("Identity", identity[:200] + ("A" if identity[200] != "A" else "B") + identity[201:])
    for headers, attest in ((good, "success-B"), (copied, "cid_orig_tn_mismatch-A")):
        assert (await screened(verifying, DIALLED, *headers)).options["attest"] == attest
        assert (await screened(verifying, LONG_WAY, *headers)).options["attest"] == attest
    assert "success" not in (await screened(verifying, DIALLED, forged, good[1])).options["attest"]


@pytest.fixture
def daemon(verifying: Lab, tmp_path: Path) -> Iterator[DaemonProcess]:
    with DaemonProcess(verifying, tmp_path) as running:
        yield running


async def evidence(lab: Lab, daemon: DaemonProcess, *headers: Header) -> dict[str, list[Any]]:
    """One more call; what its record says of it, by signal."""
    before = len(daemon.query("SELECT 1 FROM calls"))
    async with await Caller.place(Dial(lab.ports.sip, DIALLED, CALLER, headers=headers)) as call:
        await call.audible()
        call.hang_up()
        rows = await until(lambda: len(found := daemon.query("SELECT evidence FROM calls")) > before and found)
    return {signal: [score, reason] for signal, _, score, reason in json.loads(rows[-1][0])}


async def test_the_record_says_who_vouched(
    verifying: Lab, at_desk: Desk, daemon: DaemonProcess, signer: Signer
) -> None:
    good = await evidence(verifying, daemon, *signer.headers(CALLER[1:], DIALLED))
    assert good["attestation"][1] == "attestation A, verified"
    assert good["attestation"][0] < 0
    replayed = await evidence(verifying, daemon, *signer.headers(CALLER[1:], "18005550199"))
    assert replayed["attestation"][1] == "the signature is of a call between other numbers"
    scanner = await evidence(verifying, daemon, ("User-Agent", "friendly-scanner"))
    assert scanner["fingerprint"][1] == "user agent of friendly-scanner"
    copied = await evidence(verifying, daemon, *signer.headers("14155550199", DIALLED))
    assert copied["attestation"] == [3.0, "the signature failed"]
