"""The law of all signals, whatever they are shown: from -1 to 1, a short reason of our own words, and no error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import Call, Number, NumberKind
from agi_screen.base.conduct import Attempt, Conduct
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.judge.blocks import Block
from agi_screen.judge.callers import History
from agi_screen.judge.registry import AnySignal, signal_classes
from agi_screen.judge.score import Signals, score
from agi_screen.judge.signal import Facts
from agi_screen.judge.surge import CALM, Surges
from tests.judge.calls import JSON
from tests.judge.signals.made import NOW, TABLES, shipped

NAMES = sorted(TABLES)
counts = st.integers(0, 10**6)
moments = st.just(0.0) | st.floats(NOW - 1e8, NOW + 1e8)
seconds = st.floats(0, 1e7)
amounts = st.floats(0, 1e6)
strengths = st.just(0.0) | st.floats(0.5, 1.0)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("calls", "gaps", "unserved_run", "open", "talks", "shorts", "passed", "failed"), counts),
    "hungup": counts,
    **dict.fromkeys(("robot", "person", "menus", "idle"), counts),
    **dict.fromkeys(("last", "unserved", "last_talk", "captcha_at", "marked_at"), moments),
    **dict.fromkeys(("gap", "spread", "talked"), seconds),
    "trunk": st.text(max_size=3),
    "dirty": st.booleans(),
}


@st.composite
def histories(draw: st.DrawFn) -> History:
    made = History()
    for name in History.__slots__:
        setattr(made, name, draw(FIELDS[name]))
    return made


texts = st.text(max_size=8) | st.sampled_from(["+14155552671", "+18005550100", "+18005550199", "+1", "${SHELL(id)}"])
calls = st.builds(
    Call,
    st.just(""),
    st.builds(Number, texts, st.sampled_from(["", "+14155552671", "+18005550199"]), st.sampled_from(NumberKind)),
    st.builds(Number, texts, st.sampled_from(["", "+18005550100"]), st.sampled_from(NumberKind)),
    texts,
    texts,
    texts,
    st.floats(0, 4e9),
    st.integers(0, 10**18),
    texts,
    tampering=st.sampled_from([(), ("control:2", "repeated:agi_uniqueid")]),  # the parser's words, never the caller's
)
blocks = st.builds(Block, st.integers(0, 15), amounts, amounts, amounts, st.floats(0, 270), amounts, st.floats(-1, 1))
any_time = st.floats()  # no number and no end included
attempts = st.builds(
    Attempt,
    st.sampled_from(["digits", "sum_of_two"]),
    st.booleans(),
    counts,
    counts,
    st.lists(any_time | st.floats(0, 30), max_size=30).map(tuple),
    *(any_time | st.floats(0, 60) for _ in range(3)),
    st.booleans(),
    any_time | st.floats(0, 5),
)
conducts = st.builds(
    Conduct, st.lists(attempts, max_size=6).map(tuple), st.booleans(), any_time, st.sampled_from(["", "fax", "modem"])
)
facts = st.builds(
    Facts,
    st.dictionaries(st.sampled_from(NAMES), st.floats(-1e4, 1e4) | st.just(float("nan")), max_size=4),
    histories(),
    blocks,
    st.just(CALM) | st.builds(Surges, strengths, strengths, strengths, strengths),
    suspect=st.none() | st.just(ListEntry(ListName.SUSPECT, MatchKind.NUMBER, "+1", "complaints: 3")),
    conduct=st.none() | conducts,
)


SHIPPED = {name: shipped(name) for name in NAMES}


def test_every_signal_is_shipped() -> None:
    assert set(NAMES) <= set(signal_classes())


@given(calls, facts)
def test_strength_and_reason(call: Call, shown: Facts) -> None:
    for name in NAMES:
        finding = SHIPPED[name].evaluate(call, shown)
        if finding is not None:
            assert -1.0 <= finding.points <= 1.0, name
            assert finding.points or name == "attestation", name  # which notes B for those who look back
            assert finding.reason.isascii(), name
            assert len(finding.reason) < 100, name
            assert "SHELL" not in finding.reason, name


ALL = [shipped(name, weight=1.0) for name in NAMES]


@given(calls, facts)
def test_a_signal_that_is_not_asked_has_nothing_to_say(call: Call, shown: Facts) -> None:
    """The judge asks only those whose facts hold something: that must change no score."""
    shown = shown._replace(conduct=None)  # there is none before the verdict
    caps = dict.fromkeys({signal.group for signal in ALL}, 99.0)
    clean = shown._replace(block=shown.block if shown.block.over > 0.5 else Block(share=shown.block.share))
    if clean.caller.fresh:  # of the first call nothing else is known
        clean = clean._replace(caller=History())
    if not any(clean.surges):
        clean = clean._replace(surges=CALM)
    assert score(call, clean, Signals(ALL).asked(clean), caps) == score(call, clean, ALL, caps)


@pytest.mark.parametrize("name", NAMES)
@given(kept=JSON)
def test_any_json_is_borne(name: str, kept: object) -> None:
    signal: AnySignal = shipped(name)
    signal.take_over(kept)
    signal.evaluate(CALL, Facts())
    signal.keep()


CALL = Call("", Number("x"), Number("y"), "t", "", "", NOW, 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("weight", [float("nan"), float("inf"), "much"])
def test_a_weight_is_a_number(name: str, weight: object) -> None:
    with pytest.raises(ValueError, match="weight"):
        shipped(name, weight=weight)
