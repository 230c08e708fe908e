"""The daemon has no more memory: real MemoryErrors, by a limit on the running process, and real calls meanwhile."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until

LIMIT = resource.RLIM_INFINITY
BEYOND_KIB = 2048  # what the process may still take
AT_ONCE, MOST_CALLS = 50, 20_000


def at_most(daemon: DaemonProcess, kib: int) -> None:
    resource.prlimit(daemon.pid, resource.RLIMIT_AS, (kib * 1024 if kib else LIMIT, LIMIT))


def address_space_kib(daemon: DaemonProcess) -> int:
    status = Path(f"/proc/{daemon.pid}/status").read_text()
    return int(status.split("VmSize:")[1].split()[0])


async def session(port: int, number: int) -> bytes:
    """One AGI session of a caller who never called before; what it was told."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = f"agi_network_script: decide\nagi_uniqueid: 9.{number}\nagi_callerid: 1612{2_000_000 + number}\n\n"
    writer.write(said.encode())
    line = await reader.readline()
    writer.write(b"200 result=0\n")
    writer.close()
    return line


async def test_no_memory_left(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    """Callers are let through, it is said once and not for each; with memory again calls are decided and recorded."""
    with DaemonProcess(lab, tmp_path) as daemon:
        await until(lambda: "AMI up" in daemon.said)
        at_most(daemon, address_space_kib(daemon) + BEYOND_KIB)
        number = 0
        while "MemoryError" not in daemon.said and number < MOST_CALLS:
            told = await asyncio.gather(*(session(lab.options.agi_port, number + n) for n in range(AT_ONCE)))
            number += AT_ONCE
            assert all(b"SCREEN_VERDICT=" in line for line in told)
        assert "a fault of agi-screen; the caller is let through (1 so far)" in daemon.said
        async with await Caller.place(Dial(lab.ports.sip, caller="+14155552678")) as call:
            assert await call.final() == 200
            await desk.reached(1)
        at_most(daemon, 0)
        async with await Caller.place(Dial(lab.ports.sip, caller="+14155552679")) as call:
            assert await call.final() == 200
            await desk.reached(2)
        last = "SELECT error FROM calls WHERE caller = '+14155552679'"
        await until(lambda: daemon.query(last) == [("",)], 40)
        assert daemon.status()["let_through"]["fault"] > 0
        assert daemon.said.count("Traceback") < 64
