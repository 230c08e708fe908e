"""Hostile callers and clients against the real daemon: harmless, recorded as evidence, and memory stays flat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.person import Ear
from tests.asterisk.until import until

FORGERIES = {
    "forged line": "+14155552671%0Aagi_uniqueid%3A%20evil%0Aagi_x%3A%201",
    "early end": "+14155552671%0A%0A200%20result%3D0%0A",
    "forged event": "+14155552671%0D%0A%0D%0AEvent%3A%20Hangup%0D%0AUniqueid%3A%20forged",
}


@pytest.fixture
def daemon(lab: Lab, tmp_path: Path) -> Iterator[DaemonProcess]:
    with DaemonProcess(lab, tmp_path) as running:
        yield running


@pytest.mark.parametrize("user", FORGERIES.values(), ids=FORGERIES)
async def test_a_forged_caller_is_challenged_and_recorded(
    lab: Lab, desk: Desk, daemon: DaemonProcess, harness: Ami, user: str
) -> None:
    ear = Ear(harness)
    async with await Caller.place(Dial(lab.ports.sip, from_=f"<sip:{user}@c.example>")) as call:
        heard = await until(lambda: [n for n in ear.numbers if n.startswith("+14155552671")])
        await ear.challenge(heard[0])
        # another test's caller may just be leaving the queue
        assert not [met for met in desk.calls.values() if "14155552671" in met.caller]
    assert call.answered
    row = await until(lambda: daemon.query("SELECT uniqueid, tampering, evidence, verdict FROM calls"))
    uniqueid, tampering, evidence, verdict = row[0]
    assert uniqueid not in ("evil", "forged")
    assert json.loads(tampering)[0].startswith("control_")
    assert "hostile_caller_id" in evidence
    assert verdict == "challenge"
    assert sum("call id=" in line for line in daemon.said.splitlines()) == 1


async def answer_to(call: Caller) -> int:
    """The final code; 0 when Asterisk takes the message for rubbish and says nothing."""
    try:
        return await call.final(2)
    except TimeoutError:
        return 0


@pytest.mark.parametrize(
    "name",
    [b"a\nb", b'q"uo\\"te', b"a\x00b", b"n" * 4096, b"\xff\xfe", b"${SHELL(touch pwned)}"],
    ids=["newline", "quotes", "NUL", "4 KB", "no UTF-8", "SHELL"],
)
async def test_hostile_names_never_leave_their_field(lab: Lab, desk: Desk, daemon: DaemonProcess, name: bytes) -> None:
    async with await Caller.place(Dial(lab.ports.sip, caller="+14155552671", name=name)) as call:
        code = await answer_to(call)
    assert code in (200, 400, 0)  # PJSIP itself refuses, or drops, what is no SIP
    async with await Caller.place(Dial(lab.ports.sip, caller="+14155552672")) as after:
        assert await after.final() == 200
    expected = 2 if code == 200 else 1
    rows = await until(lambda: len(found := daemon.query("SELECT caller_name FROM calls")) == expected and found)
    assert all(len(text) <= 80 and text.isprintable() for (text,) in rows)
    assert sum(" call id=" in line for line in daemon.said.splitlines()) == expected
    assert not list(Path.cwd().glob("pwned")) + list(lab.dir.rglob("pwned"))


def hostile_clients() -> dict[str, bytes]:
    """What a client sends before it goes silent."""
    return {
        "nothing": b"",
        "half an environment": b"agi_network_script: screen\nagi_channel: PJSIP/t",
        "10 MB": b"x" * 10_000_000,
        "a million lines": b"agi_x: 1\n" * 1_000_000,
        "endless replies": b"agi_network_script: screen\n\n" + b"200 result=0\n" * 200_000,
    }


async def hostile_client(port: int, sent: bytes) -> bytes:
    """All that comes back until the daemon ends the session."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_hostile_agi_clients_leave_memory_flat(lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
    clients = hostile_clients()
    port = lab.options.agi_port
    for sent in clients.values():  # once to warm up what Python keeps for ever
        await hostile_client(port, sent)
    before = daemon.memory_kib
    for name, sent in clients.items():
        answers = await asyncio.gather(*(hostile_client(port, sent) for _ in range(10)))
        assert all(answer == b"" or answer.startswith(b"EXEC MSet") for answer in answers), name
    assert daemon.status()["sessions"] == 0
    assert daemon.memory_kib - before < 8 * 1024
    async with await Caller.place(Dial(lab.ports.sip, caller="+14155552671")) as call:
        assert await call.final() == 200
        await desk.reached(1)
