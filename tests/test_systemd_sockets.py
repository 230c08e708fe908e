"""The real protocol of socket activation, by systemd's own program: the caller who woke us is served."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.asterisk.lab import free_port

CONFIG = """
[agi]
listen = "127.0.0.1:{0}"
[ami]
enabled = false
[web]
enabled = false
"""
REQUEST = b"agi_network_script: decide\nagi_channel: PJSIP/t-1\nagi_uniqueid: 1.1\nagi_callerid: +14155552671\n\n"

needs_systemd = pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="no systemd here")


@needs_systemd
def test_the_caller_who_waits_in_systemd_s_socket_gets_a_verdict_and_systemd_is_told(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_STREAM)
    (tmp_path / "agi-screen.toml").write_text(CONFIG.format(port))
    notify = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(notify)
        systemd.settimeout(60)
        process = subprocess.Popen(
            [
                *(
                    "systemd-socket-activate",
                    "-l",
                    f"127.0.0.1:{port}",
                    "--fdname=agi",
                    f"--setenv=NOTIFY_SOCKET={notify}",
                ),
                *("--setenv=WATCHDOG_USEC=3000000", sys.executable, "-m", "agi_screen", "serve"),
            ],
            cwd=tmp_path,
            env={**os.environ, "NOTIFY_SOCKET": notify},
            stdout=subprocess.DEVNULL,
        )
        try:
            verdict = called(port)
            told = heard(systemd, "WATCHDOG=1")
        finally:
            process.terminate()
            assert process.wait(30) == 0
    assert b"SCREEN_VERDICT=allow" in verdict
    assert {"READY=1", "FDSTORE=1", "FDNAME=agi", "WATCHDOG=1"} <= {*told}


def test_a_restart_tells_systemd_of_the_new_process_before_that_speaks(tmp_path: Path) -> None:
    (tmp_path / "agi-screen.toml").write_text(CONFIG.format(free_port(socket.SOCK_STREAM)))
    notify = str(tmp_path / "notify")
    command = [sys.executable, "-m", "agi_screen"]
    place = {"cwd": tmp_path, "env": {**os.environ, "NOTIFY_SOCKET": notify}}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(notify)
        systemd.settimeout(60)
        process = subprocess.Popen([*command, "serve"], stdout=subprocess.DEVNULL, **place)  # type: ignore[call-overload]
        heard(systemd, "READY=1")
        done = subprocess.run(  # type: ignore[call-overload]
            [*command, "restart", "--json"], capture_output=True, timeout=90, check=True, **place
        )
        pid = json.loads(done.stdout)["pid"]
        told = heard(systemd, f"MAINPID={pid}")
        assert "READY=1" not in told
        heard(systemd, "READY=1")
        assert process.wait(30) == 0  # systemd follows the other one
        os.kill(pid, signal.SIGTERM)
        assert "STOPPING=1" in heard(systemd, "STOPPING=1")


def called(port: int) -> bytes:
    """As soon as systemd listens; the connection itself starts the daemon."""
    while True:
        try:
            caller = socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            continue
        with caller:
            caller.sendall(REQUEST)
            return caller.recv(4096)


def heard(systemd: socket.socket, last: str) -> list[str]:
    """What is told until this is."""
    told: list[str] = []
    while last not in told:
        data, descriptors, _, _ = socket.recv_fds(systemd, 4096, 4)
        for number in descriptors:
            with socket.socket(fileno=number) as kept:
                assert kept.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        told += data.decode().splitlines()
    return told
