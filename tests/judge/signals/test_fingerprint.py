"""User agents of scanners, as shipped; and that remembering what was seen stays bounded."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import Call
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.toml_file import DEFAULTS
from agi_screen.judge.signal import Facts, Finding
from agi_screen.judge.signals.fingerprint import REMEMBERED, Fingerprint, FingerprintParams

SHIPPED = FingerprintParams.model_validate(tomllib.loads(DEFAULTS.read_text())["signals"]["fingerprint"])
PLAN = NumberPlan("US", 10)


def call(agent: str) -> Call:
    return Call("", PLAN.number("14155552671"), PLAN.number("18005550100"), "t", "", "", 0.0, 0, agent=agent)


@pytest.mark.parametrize(
    ("agent", "word"),
    [
        ("friendly-scanner", "friendly-scanner"),
        ("sipcli/v1.8", "sipcli"),
        ("VaxSIPUserAgent/3.1", "VaxSIPUserAgent"),
        ("PPLSIP", "pplsip"),
        ("my SipVicious fork", "sipvicious"),
        ("eyeBeam release 3006o stamp 17551", "eyeBeam release 3006o"),
    ],
)
def test_tools_are_known_in_any_case(agent: str, word: str) -> None:
    assert Fingerprint(SHIPPED).evaluate(call(agent), Facts()) == Finding(1.0, f"user agent of {word}")


@pytest.mark.parametrize(
    "agent", ["", "Asterisk PBX 22.10.1", "Sonus-SBC", "FPBX-16.0.40(18.9)", "eyeBeam release 1102w"]
)
def test_carriers_and_telephones_are_not(agent: str) -> None:
    assert Fingerprint(SHIPPED).evaluate(call(agent), Facts()) is None


@given(st.lists(st.text(max_size=80), max_size=20))
def test_what_is_remembered_is_what_would_be_found_anew(agents: list[str]) -> None:
    signal = Fingerprint(SHIPPED)
    for agent in agents * 2:
        assert signal.evaluate(call(agent), Facts()) == Fingerprint(SHIPPED).evaluate(call(agent), Facts())


def test_a_flood_of_user_agents_takes_no_memory() -> None:
    signal = Fingerprint(SHIPPED)
    for n in range(10 * REMEMBERED):
        signal.evaluate(call(f"agent {n}"), Facts())
    assert len(signal._known) <= REMEMBERED + 1
