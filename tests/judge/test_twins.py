"""The judge compiled and the judge in pure Python are one source: step by step they say the same."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agi_screen
import agi_screen.judge
from agi_screen.base.call import Call
from agi_screen.base.clock import ManualClock
from agi_screen.base.happened import CallBegun, CallOver, CaptchaDone, Happened, Marked, MenuSeen
from agi_screen.base.records import Disposition
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.judge import judge as chosen
from agi_screen.settings import Settings, load
from tests.judge.calls import MISSING, WITHHELD, a_call_at

START = 1.7e9
PACKAGE = "agi_screen.judge"
PARTS = ("judge", "lists", "passes", "registry")


class Twin(NamedTuple):
    """Modules by name, and the signals' classes by theirs."""

    modules: dict[str, ModuleType]
    signals: dict[str, type[Any]]


def here() -> Twin:
    """The judge as it is imported from now on."""
    found = {part: importlib.import_module(f"{PACKAGE}.{part}") for part in PARTS}
    return Twin(found, found["registry"].signal_classes())


def pure() -> Twin:
    """Imported anew in pure Python; everybody else keeps theirs."""
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if f"{name}.".startswith(f"{PACKAGE}.")}
    try:
        with mock.patch("agi_screen.base.pure.PURE", True):
            return here()
    finally:
        for name in [name for name in sys.modules if f"{name}.".startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        sys.modules.update(kept)
        agi_screen.judge = kept[PACKAGE]


PURE, CHOSEN = pure(), here()


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = tmp_path_factory.mktemp("twins") / "agi-screen.toml"
    path.write_text("")
    return load(path)


def a_judge(twin: Twin, shipped: Settings) -> Any:
    signals = [twin.signals[signal.name](signal.params) for signal in shipped.signals]
    passes = twin.modules["passes"].PassBook(100, ManualClock(START), 3, 100.0)
    lists = twin.modules["lists"].Lists.build([], START)
    return twin.modules["judge"].Judge(shipped.config, signals, lists, passes, START)


NUMBERS = [
    *(f"+1612555{n:04d}" for n in range(12)),
    *(f"+1{area}2345678" for area in (651, 763, 952, 307, 907)),
    *("+442071234567", "411", "x"),
]
WHO = st.sampled_from([*NUMBERS, WITHHELD, MISSING])
GAPS = st.sampled_from([0.0, 0.02, 0.02, 0.5, 3.0, 60.0, 400.0, 4000.0, 90_000.0])
CALLS = st.tuples(GAPS, WHO, st.sampled_from(["+18005550100", "+18005550101"]), st.sampled_from(["north", "south"]))
BURSTS = st.tuples(CALLS, st.integers(1, 120), st.integers(0, 9_999_999))


def happenings(caller: str, at: float) -> st.SearchStrategy[Happened]:
    over = st.builds(
        lambda to, wait, talk: CallOver(caller, "+18005550100", "north", at - 300.0, at, Verdict.ALLOW, to, wait, talk),
        *(st.sampled_from(Disposition), st.floats(0, 60), st.floats(0, 300)),
    )
    captcha = st.sampled_from(CaptchaResult).map(lambda result: CaptchaDone(caller, "north", at, result, at % 2 < 1))
    mark = st.sampled_from(["robot", "person"]).map(lambda label: Marked(caller, label, at))
    return (
        over | captcha | mark | st.just(CallBegun(caller)) | st.booleans().map(lambda idle: MenuSeen(caller, at, idle))
    )


def burst(at: float, call: Any, many: int, first: int) -> list[Call]:
    """One call, or a robot that dials through numbers."""
    gap, who, did, trunk = call
    if many < 40:
        return [a_call_at(at + gap, who, did, trunk)]
    return [a_call_at(at + gap + n / 50, f"+1{212 + n % 5}{(first + n) % 10**7:07d}", did, trunk) for n in range(many)]


def test_the_other_twin_is_another() -> None:
    assert PURE.modules["judge"].Judge is not chosen.Judge
    assert CHOSEN.modules["judge"] is chosen
    assert (PURE.modules["judge"].__file__ or "").endswith(".py")


@settings(max_examples=60, deadline=None)
@given(data=st.data(), steps=st.lists(BURSTS, min_size=1, max_size=30))
def test_verdicts_and_what_is_learned_are_the_same(shipped: Settings, data: st.DataObject, steps: list[Any]) -> None:
    twins = [a_judge(twin, shipped) for twin in (CHOSEN, PURE)]
    at = START
    for step in steps:
        for call in burst(at, *step):
            at = call.started
            assert twins[0].explain(call) == twins[1].explain(call)
            assert twins[0].decide(call) == twins[1].decide(call)
        happened = data.draw(happenings(call.caller.key, at))
        for twin in twins:
            twin.learn(happened)
            twin.memory.quiet(call.ticks, at)
    assert twins[0].keep() == twins[1].keep()
    assert list(twins[0].memory.callers.keep()) == list(twins[1].memory.callers.keep())
