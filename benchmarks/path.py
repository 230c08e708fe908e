"""The steps of a call one by one, each in a loop of its own: what is left when no cache is cold and nobody waits."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agi_screen.base.clock import SystemClock
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.store_calls import call_row
from agi_screen.base.verdict import Outcome
from agi_screen.inbound.environment import parse_environment
from agi_screen.inbound.request import to_call
from agi_screen.judge.judge import Judge
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.reply.variables import verdict_command
from agi_screen.settings import load
from agi_screen.trail.call_line import call_line
from agi_screen.trail.record import record_of
from benchmarks.filled import caller

T = TypeVar("T")
ROUNDS = 5
ENVIRONMENT = """agi_network: yes
agi_network_script: screen
agi_request: agi://127.0.0.1:4573/screen
agi_channel: PJSIP/trunk-{n:08x}
agi_language: en
agi_type: PJSIP
agi_uniqueid: 1700000000.{n}
agi_version: 22.10.1
agi_callerid: {number}
agi_calleridname: unknown
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: 18005550100
agi_rdnis: unknown
agi_context: agi-screen
agi_extension: s
agi_priority: 31
agi_enhanced: 0.0
agi_accountcode: {nothing}
agi_threadid: 139930
agi_arg_1: raw={number}
agi_arg_2: did=18005550100"""


def stages(calls: int) -> dict[str, float]:
    """µs a call of each step, the quickest of some rounds; every caller is new."""
    with tempfile.TemporaryDirectory(prefix="agi-screen-bench-") as folder:
        file = Path(folder) / "agi-screen.toml"
        file.write_text("")
        settings = load(file)
    clock, plan = SystemClock(), NumberPlan("US", 100_000)
    passes = PassBook(1000, clock, 3, 100.0)
    found: dict[str, list[float]] = {}

    def step(name: str, work: Callable[[], list[T]]) -> list[T]:
        began = time.thread_time_ns()
        made = work()
        found.setdefault(name, []).append((time.thread_time_ns() - began) / calls / 1000)
        return made

    for turn in range(ROUNDS):
        judge = Judge(settings.config, settings.signals, Lists.build([], 0.0), passes)
        numbers = range(turn * calls, (turn + 1) * calls)
        blocks = [ENVIRONMENT.format(nothing="", n=n, number=caller(n)[1:]).encode() for n in numbers]
        gc.disable()
        said = step("environment read (inbound/environment)", lambda: [parse_environment(b) for b in blocks])  # noqa: B023
        made = step("call made (inbound/request)", lambda: [to_call(s, plan, clock) for s in said])  # noqa: B023
        decided = step("judged (judge)", lambda: [judge.decide(call) for call in made])  # noqa: B023
        pairs = [(call, decision, Outcome(decision.verdict)) for call, decision in zip(made, decided, strict=True)]
        step("command (reply/variables)", lambda: [verdict_command(c.id, d, o) for c, d, o in pairs])  # noqa: B023
        records = step("record (trail/record)", lambda: [record_of(c, d, o, 50) for c, d, o in pairs])  # noqa: B023
        step("row, behind the call (base/store_calls)", lambda: [call_row(r) for r in records])  # noqa: B023
        step("log line, behind the call (trail/call_line)", lambda: [call_line(r) for r in records])  # noqa: B023
        gc.enable()
    return {name: min(times) for name, times in found.items()}
