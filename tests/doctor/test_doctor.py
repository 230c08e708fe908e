"""The order of the checks holds whatever one of them does: raise, hang, or be told nonsense."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

from agi_screen.doctor.doctor import CHECKS, examine
from agi_screen.doctor.finding import Finding, Mark, named, ok
from agi_screen.doctor.patient import Patient
from tests.doctor.conftest import House


def fine(patient: Patient) -> Iterator[Finding]:
    yield ok("fine", "so it is")


def faulty(patient: Patient) -> Iterator[Finding]:
    yield ok("faulty", "begins well")
    raise KeyError("who would have thought")


def test_a_fault_in_one_check_hides_nothing_of_the_others(house: House) -> None:
    found = list(examine(house.patient(), (faulty, fine)))
    assert [(finding.what, finding.mark) for finding in found] == [("faulty", Mark.WARNING), ("fine", Mark.OK)]
    assert "KeyError" in found[0].detail


def test_a_check_that_hangs_is_left_behind(house: House) -> None:
    end = threading.Event()

    def hangs(patient: Patient) -> Iterator[Finding]:
        end.wait()
        yield ok("hangs", "never seen")

    found = list(examine(house.patient(), (hangs, fine), seconds=0.05))
    end.set()
    assert [(finding.what, finding.mark) for finding in found] == [("hangs", Mark.ERROR), ("fine", Mark.OK)]
    assert "no answer in 0.05 s" in found[0].detail


def test_all_checks_bear_an_installation_full_of_nonsense(house: House) -> None:
    """Pipes, folders and bytes where files are looked for: everything is said, nothing raises."""
    for name in ("extensions.conf", "manager.conf", "modules.conf", "pjsip.conf", "asterisk.conf"):
        (house.etc / name).write_bytes(os.urandom(4096) + b"\n[x](((\n]]\n= \n[\n[y](y,+)\n")
    place = house.speak("en")
    (place / "press.ulaw").unlink()
    os.mkfifo(place / "press.ulaw")
    (place / "digits/4-1.wav").mkdir()
    house.config.with_name("agi-screen.db").mkdir()
    house.config.with_name("agi-screen-control.sock").mkdir()
    found = list(examine(house.patient(agi=1, ami=1), CHECKS))
    assert not [finding for finding in found if "fault of agi-screen" in finding.mend or "no answer" in finding.detail]
    assert all(finding.mend for finding in found if finding.mark is not Mark.OK)


def test_long_lists_are_cut(house: House) -> None:
    assert named([str(n) for n in range(14)]).endswith("10, 11 and 2 more")
