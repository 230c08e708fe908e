"""`agi-screen doctor`: marks and mends for people, JSON for programs, and the exit code for both."""

from pathlib import Path

import pytest

from tests.commands.conftest import Run
from tests.doctor.conftest import House


@pytest.fixture
def config(tmp_path: Path) -> Path:
    house = House(tmp_path)
    house.speak("en")
    house.patient(agi=1, ami=0)
    return house.config


def test_each_finding_has_its_mark_and_its_mend(run: Run, config: Path) -> None:
    done = run("doctor", "--asterisk-etc", str(config.with_name("etc")))
    assert done.code == 1  # no daemon is running
    lines = done.out.splitlines()
    assert lines[0] == f"✔ configuration: {config}: good"
    daemon = next(n for n, line in enumerate(lines) if line.startswith("✘ daemon: not running"))
    assert lines[daemon + 1].startswith("    → systemctl start agi-screen")
    assert lines[-1].endswith("in order")


def test_json(run: Run, config: Path) -> None:
    (said,) = run("doctor", "--json", "--asterisk-etc", str(config.with_name("etc"))).objects
    assert said["ok"] is False
    assert {"mark": "ok", "what": "AMI account"}.items() <= next(
        finding for finding in said["findings"] if finding["what"] == "AMI account"
    ).items()
    assert all(set(finding) == {"mark", "what", "detail", "mend"} for finding in said["findings"])


def test_a_bad_configuration(run: Run, config: Path) -> None:
    config.write_text("mode = 'off'\nmoed = 1\n[captcha]\nattempts = 9\n")
    done = run("doctor")
    assert done.code == 2
    assert done.out.count("✘ configuration:") == 2
    assert run("doctor", "--json").code == 2
