"""People of all kinds against the real daemon: they hear its questions as audio, answer, and reach an operator."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.ends.people import EVERYDAY, HEARING_IMPAIRED, IMPATIENT, MOTOR_IMPAIRED, Person, PersonCall, Traits
from tests.asterisk.ends.prompts import Prompts
from tests.asterisk.lab import SHIPPED, Lab

CONFIG = """
[agi]
listen = "127.0.0.1:{agi}"
[ami]
port = {ami}
[captcha]
sounds = "{sounds}"
language = "{language}"
on_failure = ["divert"]
per_caller = "99/1h"
per_block = "999/10m"
"""
KINDS = {"digits": "press", "sum_of_two": "sum", "one_of_three": "nth-", "leave_out": "except"}
LANGUAGES = ("en", "es", "fr", "de", "it")
# A word of a scanner in the User-Agent is enough to be asked.
SUSPECT = (("User-Agent", "sipcli/1.8"),)


class Asking(DaemonProcess):
    """A daemon that speaks one language; `more` is the kind of question it asks first, or empty for its own choice."""

    language = "en"

    def write(self, more: str) -> None:
        sounds = self.lab.dir / "data/sounds"
        ports = {"agi": self.lab.options.agi_port, "ami": self.lab.ports.ami}
        text = CONFIG.format(**ports, sounds=sounds, language=self.language)
        if more:
            levels = {kind: '["normal"]' if kind == more else "[]" for kind in KINDS}
            text += "[challenges]\n" + "".join(f"{kind}.levels = {given}\n" for kind, given in levels.items())
        (self.folder / "agi-screen.toml").write_text(text)


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return Prompts.load({language: SHIPPED / f"sounds/{language}/agi-screen" for language in LANGUAGES})


async def call_as(lab: Lab, prompts: Prompts, traits: Traits, seed: int) -> PersonCall:
    """One call of one person."""
    dial = Dial(lab.ports.sip, caller=f"+1415555{3000 + seed}", headers=SUSPECT)
    async with await Caller.place(dial) as call:
        return await Person(call, prompts, traits, random.Random(seed)).run()


async def calls_as(lab: Lab, prompts: Prompts, people: Sequence[Traits]) -> list[PersonCall]:
    return await asyncio.gather(*(call_as(lab, prompts, traits, seed) for seed, traits in enumerate(people)))


@pytest.mark.parametrize("kind", KINDS)
async def test_people_pass_each_kind_of_question(
    lab: Lab, desk: Desk, prompts: Prompts, tmp_path: Path, kind: str
) -> None:
    careful = Traits(slip=0.0)
    with Asking(lab, tmp_path, kind):
        told = await calls_as(lab, prompts, [careful] * 6)
    assert [(one.passed, one.attempts) for one in told] == [(True, 1)] * 6, told
    assert all(one.questions[0].startswith(KINDS[kind]) for one in told)


@pytest.mark.parametrize("language", LANGUAGES[1:])
async def test_people_pass_in_their_language(
    lab: Lab, desk: Desk, prompts: Prompts, tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Asking, "language", language)
    with Asking(lab, tmp_path):
        told = await calls_as(lab, prompts, [Traits(language=language, slip=0.0)] * 4)
    assert [one.passed for one in told] == [True] * 4, told


async def test_people_of_all_kinds_get_as_far_as_they_can(
    lab: Lab, desk: Desk, prompts: Prompts, tmp_path: Path
) -> None:
    with Asking(lab, tmp_path):
        told = await calls_as(lab, prompts, [EVERYDAY, MOTOR_IMPAIRED, IMPATIENT, HEARING_IMPAIRED])
    everyday, motor, impatient, hearing = told
    assert everyday.passed, told
    assert motor.passed, told
    assert motor.questions[-1].startswith("one-key")
    assert impatient.passed, told
    assert (hearing.passed, hearing.keys) == (False, "")
