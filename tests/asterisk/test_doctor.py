"""The doctor on a real installation, in order and broken; and an admin's own recordings, played by Asterisk."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agi_screen.reply.captcha.prompts import DIGITS, LANGUAGES
from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.lab import SHIPPED, Lab, LabOptions, free_port
from tests.asterisk.until import until

FILES = {
    "pjsip_trunk.conf": "dtmf_mode = auto\n",
    "modules_more.conf": "load = res_tonedetect.so\nload = res_pjsip_dtmf_info.so\n",
}
ASK_EVERYBODY = "[policy]\nnormal = { challenge = 0.01, reject = 900.0 }"
ACCOUNT = "etc/manager.d/agi_screen.conf"
SOUND = re.compile(r"STREAM FILE \"?([\w/-]+)")
LEFT_OUT = "0"  # the digit that is not recorded


def own_digit(digit: str, take: int) -> bytes:
    """Half a second that sounds like no other: mu-law, which Asterisk hands on as it is."""
    return bytes((0x10 + int(digit), 0x90 + take)) * 2000


@pytest.fixture(scope="module")
def house() -> Iterator[Lab]:
    """A lab of its own: its files are broken and mended."""
    with Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM), files=FILES)) as lab:
        own = lab.dir / "data/sounds/en/my-voice"
        (own / "digits").mkdir(parents=True)
        ours = SHIPPED / "sounds/en/agi-screen"
        shutil.copy(ours / "passed.ulaw", own / "press.ulaw")  # other words than ours: they can be told apart
        for digit in DIGITS.replace(LEFT_OUT, ""):
            for take in range(1, 2 + int(digit)):
                (own / f"digits/{digit}-{take}.ulaw").write_bytes(own_digit(digit, take))
        yield lab


@pytest.fixture
def daemon(house: Lab, tmp_path: Path) -> Iterator[DaemonProcess]:
    with DaemonProcess(house, tmp_path) as running:
        yield running


def examined(daemon: DaemonProcess) -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and what is not in order."""
    line = [*daemon.command, "doctor", "--json", "--config", "agi-screen.toml"]
    line += ["--asterisk-etc", str(daemon.lab.dir / "etc")]
    done = subprocess.run(line, cwd=daemon.folder, env=daemon.environment, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return done.returncode, [finding for finding in found if finding["mark"] != "ok"]


async def test_a_good_installation_is_in_order(daemon: DaemonProcess) -> None:
    await until(lambda: "AMI up" in daemon.said)
    code, found = examined(daemon)
    # The one account that no real system has: the tests' own, which is there to hear the digits. Of the machine that
    # runs the tests, only its clock may be nobody's care, its disk slow, and its user root.
    others = [finding for finding in found if finding["what"] not in ("clock", "disk", "daemon's user")]
    assert [finding["what"] for finding in others] == ["other AMI accounts"]
    assert "harness" in others[0]["detail"]
    assert code == 0
    assert daemon.status()["prompts"] == dict.fromkeys(LANGUAGES, "whole")
    assert "prompts en: whole" in daemon.said


@pytest.mark.parametrize(
    ("old", "new", "what", "said", "mend"),
    [
        ("write = user", "write =", "AMI", "our events may not be sent", "write = user"),
        ("secret = ", "secret = x", "AMI", "no log-in (wrong_secret)", "must be the same"),
    ],
)
async def test_an_account_that_asterisk_refuses(
    house: Lab, daemon: DaemonProcess, old: str, new: str, what: str, said: str, mend: str
) -> None:
    file = house.dir / ACCOUNT
    good = file.read_text()
    try:
        file.write_text(good.replace(old, new, 1))
        house.cli("manager reload")
        daemon.stop()
        daemon.start()
        await until(lambda: "WARNING agi_screen.inbound.ami: AMI" in daemon.said)
        code, found = examined(daemon)
    finally:
        file.write_text(good)
        house.cli("manager reload")
    assert code == 1
    told = next(finding for finding in found if finding["what"] == what)
    assert said in told["detail"]
    assert mend in told["mend"]
    by_file = next(finding for finding in found if finding["what"] == "AMI account")
    assert by_file["mark"] == "error"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("read = call,agent,user,dtmf", "read = call,agent,dtmf", "its events do not come back"),
        ("method(exact)) = AgiScreenOpen", "method(exact)) = Another", "its events do not come back"),
        ("write = user", "write = user,originate", "Asterisk lets it use Originate"),
    ],
)
async def test_rights_that_asterisk_really_gives(
    house: Lab, daemon: DaemonProcess, old: str, new: str, said: str
) -> None:
    """Tried on the running Asterisk; its files are as shipped again before the doctor reads them."""
    file = house.dir / ACCOUNT
    good = file.read_text()
    assert old in good
    try:
        file.write_text(good.replace(old, new, 1))
        house.cli("manager reload")
        file.write_text(good)
        _, found = examined(daemon)
    finally:
        file.write_text(good)
        house.cli("manager reload")
    assert said in next(finding["detail"] for finding in found if finding["what"] == "AMI rights")
    assert not [finding for finding in found if finding["what"] == "AMI account"]


async def test_missing_prompts_are_found_at_the_start_and_by_the_doctor(house: Lab, tmp_path: Path) -> None:
    sounds = tmp_path / "sounds/en/agi-screen"
    shutil.copytree(SHIPPED / "sounds/en/agi-screen", sounds)
    (sounds / "press.ulaw").unlink()
    (sounds / "press.g722").unlink()
    with DaemonProcess(house, tmp_path) as daemon:
        config = tmp_path / "agi-screen.toml"
        config.write_text(config.read_text().replace(str(house.dir / "data/sounds"), str(tmp_path / "sounds")))
        await until(lambda: "all are let through: copy sounds/en/agi-screen" in daemon.said)
        _, found = examined(daemon)
        assert daemon.status()["prompts"] == {"en": "lacks 1"}
    details = {finding["what"]: finding["detail"] for finding in found}
    assert "of press" in details["prompts en"]
    assert "Asterisk in" in details["sounds folder"]


async def test_own_recordings_are_played_and_what_they_lack_is_ours(
    house: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An admin's own sentence and digits are heard, byte for byte; the rest is ours, down to one digit."""
    heard = bytearray()
    commands: list[str] = []
    more = f'prompts = "my-voice"\n{ASK_EVERYBODY}'
    with DaemonProcess(house, tmp_path, more=more, key_time="200ms") as daemon:
        async with await Ami.login(house.ports.ami, "harness", house.harness_secret) as harness:
            harness.listeners.append(lambda event: commands.append(event.get("Command", "")))
            async with await Caller.place(Dial(house.ports.sip, caller="anonymous")) as call:
                monkeypatch.setattr(call.media, "datagram_received", lambda data, _: heard.extend(data[12:]))
                await call.over(60)
        assert daemon.query("SELECT captcha FROM calls") == [("failed",)]
    played = SOUND.findall("\n".join(commands))
    assert played[0] == "my-voice/press"
    assert (SHIPPED / "sounds/en/agi-screen/passed.ulaw").read_bytes()[4000:12000] in heard
    digits = [sound for sound in played if "/digits/" in sound]
    assert len(digits) >= 3
    for sound in digits:
        folder, digit, take = sound.replace("/digits/", "-").rsplit("-", 2)
        assert folder == ("agi-screen" if digit == LEFT_OUT else "my-voice")
        assert folder == "agi-screen" or own_digit(digit, int(take))[1000:3000] in heard
    assert {"agi-screen/one-key", "agi-screen/redress"} & set(played), played
