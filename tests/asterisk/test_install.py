"""scripts/install into a real Asterisk's files: it reads them, screens a call, and has its own back at the end."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from getpass import getuser
from pathlib import Path

import pytest

from scripts.install_.options import Options
from scripts.install_.removal import Removal
from scripts.install_.work import Work
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.until import until

FILES = {
    "pjsip_trunk.conf": "dtmf_mode = auto\n",
    "modules_more.conf": "load = res_tonedetect.so\nload = res_pjsip_dtmf_info.so\n",
}
NEW_LINE = "exten => 18005550100,1,Gosub(agi-screen,s,1)\n same => n,Answer()"
OLD_LINE = "exten => 18005550100,1,Answer()"


class InstalledDaemon(DaemonProcess):
    """The one that was installed, with the settings that were installed."""

    def write(self, more: str) -> None:
        """They are there."""

    @property
    def command(self) -> list[str]:
        return [str(self.folder.with_name("opt") / "bin/agi-screen")]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "COLUMNS": "200"}


@pytest.fixture
def bare() -> Iterator[Lab]:
    """An Asterisk that has never heard of agi-screen, with its AMI switched off."""
    with Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM), files=FILES)) as lab:
        etc = lab.dir / "etc"
        for path in (
            etc / "agi_screen.conf",
            etc / "manager.d/agi_screen.conf",
            *lab.dir.glob("data/sounds/*/agi-screen"),
        ):
            path.unlink()
        rewrite(etc / "extensions.conf", (r"#include agi_screen.conf\n", ""), (r"AGI_SCREEN_\w+ = .*\n", ""))
        rewrite(etc / "extensions.conf", (re.escape(NEW_LINE), OLD_LINE), (r"(?s)exten => 911.*?Hangup\(\)\n", ""))
        rewrite(etc / "extensions.conf", (r"include => agi-screen-feedback\n", ""))
        rewrite(etc / "manager.conf", (r"#include manager.d/agi_screen.conf\n", ""), ("enabled = yes", "enabled = no"))
        reload(lab)
        yield lab


def rewrite(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        text, count = re.subn(old, lambda _, new=new: new, text)  # type: ignore[misc]
        assert count, old
    path.write_text(text)


def reload(lab: Lab) -> None:
    assert lab.cli("manager reload") is not None
    assert "failed" not in lab.cli("dialplan reload").lower()


def snapshot(lab: Lab) -> dict[str, bytes]:
    places = (lab.dir / "etc", lab.dir / "data/sounds")
    return {str(file): file.read_bytes() for place in places for file in place.rglob("*") if file.is_file()}


def options(lab: Lab, folder: Path) -> Options:
    """This very machine, all in folders of the test's own; the environment is the one that runs the tests."""
    return Options(
        prefix=folder / "opt",
        asterisk_etc=lab.dir / "etc",
        settings=folder / "settings",
        state=folder / "settings",
        user=getuser(),
        environment=Path(sys.prefix),
        languages=("en",),
        skip=frozenset({"units", "start", "reload", "doctor"}),
        yes=True,
        purge=True,
    )


async def reaches_an_operator(lab: Lab) -> bool:
    dial = Dial(lab.ports.sip, caller="+14155552671")
    async with await Desk.open(lab.ports.operator) as desk, await Caller.place(dial) as call:
        return await call.final() == 200 and len(await desk.reached(1)) == 1


def doctor(daemon: DaemonProcess) -> list[str]:
    """What is not in order."""
    line = [*daemon.command, "doctor", "--json", "--config", "agi-screen.toml"]
    line += ["--asterisk-etc", str(daemon.lab.dir / "etc")]
    done = subprocess.run(line, cwd=daemon.folder, env=daemon.environment, capture_output=True, text=True, timeout=60)
    found = json.loads(done.stdout)["findings"]
    return [f"{finding['what']}: {finding['detail']}" for finding in found if finding["mark"] == "error"]


async def test_installed_a_call_is_screened_and_all_is_given_back(bare: Lab, tmp_path: Path) -> None:
    before, extensions = snapshot(bare), bare.dir / "etc/extensions.conf"
    asked = options(bare, tmp_path)
    assert "There is no existence of 'agi-screen' context" in bare.cli("dialplan show agi-screen")
    Work(asked, lambda _: None).do()
    # The admin's part: where this daemon listens, and the one line that screens a number.
    settings = tmp_path / "settings/agi-screen.toml"
    more = f'[agi]\nlisten = "127.0.0.1:{bare.options.agi_port}"\n[web]\nlisten = "127.0.0.1:0"\n'
    settings.write_text(settings.read_text() + more)
    Work(asked, lambda _: None).do()
    rewrite(extensions, (re.escape(OLD_LINE), NEW_LINE))
    reload(bare)
    with InstalledDaemon(bare, tmp_path / "settings") as daemon:
        await until(lambda: "AMI up" in daemon.said)
        assert await reaches_an_operator(bare)
        await until(lambda: daemon.query("SELECT verdict FROM calls") == [("allow",)])
        assert doctor(daemon) == []
    assert settings.read_text().endswith(more)
    rewrite(extensions, (re.escape(NEW_LINE), OLD_LINE))
    removal = Removal(asked, lambda _: None)
    removal.do(really=True)
    reload(bare)
    assert removal.left == []
    assert snapshot(bare) == before
    assert await reaches_an_operator(bare)


async def test_calls_are_not_cut_off_by_an_uninstall(bare: Lab, tmp_path: Path) -> None:
    """The admin's line is still there: the subroutine stays with it, and lets calls through."""
    asked, extensions = options(bare, tmp_path), bare.dir / "etc/extensions.conf"
    Work(asked, lambda _: None).do()
    rewrite(extensions, (re.escape(OLD_LINE), NEW_LINE))
    removal = Removal(asked, lambda _: None)
    removal.do(really=True)
    reload(bare)
    (line,) = removal.left
    assert line.endswith("exten => 18005550100,1,Gosub(agi-screen,s,1)")
    assert await reaches_an_operator(bare)
    rewrite(extensions, (re.escape(NEW_LINE), OLD_LINE))
    again = Removal(asked, lambda _: None)
    again.do(really=True)
    assert again.left == []
    assert b"agi-screen" not in extensions.read_bytes()
    assert not (bare.dir / "etc/agi_screen.conf").exists()
