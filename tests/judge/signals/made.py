"""Each signal as shipped, and facts to put before it."""

from __future__ import annotations

from typing import Any

from agi_screen.base.call import Call
from agi_screen.base.toml_file import DEFAULTS, read_tables
from agi_screen.judge.callers import History
from agi_screen.judge.registry import AnySignal, signal_classes
from agi_screen.judge.signal import Facts
from tests.judge.calls import a_call_at

NOW = 1_700_000_000.0
DAY = 86_400.0
CLASSES = signal_classes()
TABLES = read_tables(DEFAULTS)[0]["signals"]
CALL = a_call_at(NOW)


def shipped(name: str, **changed: object) -> AnySignal:
    """A signal of the defaults, some keys said otherwise."""
    signal = CLASSES[name]
    return signal(signal.Params.model_validate({**TABLES[name], **changed}))


def history(**facts: Any) -> History:
    made = History()
    for name, value in facts.items():
        setattr(made, name, value)
    return made


def points(name: str, facts: Facts, call: Call = CALL, **changed: object) -> float:
    """0 where the signal has nothing to say."""
    finding = shipped(name, **changed).evaluate(call, facts)
    return 0.0 if finding is None else finding.points
