"""Small scenarios: some minutes of calls, so that a run takes a fraction of a second."""

from __future__ import annotations

from typing import Any

from agi_screen.what_if.simulate.run import Job, Mode, Result, run
from agi_screen.what_if.simulate.scenario import Scenario


def scenario(**changes: Any) -> Scenario:
    """Half an hour of people at 120 calls an hour, three operators."""
    tables: dict[str, Any] = {
        "title": "small",
        "start": "2016-11-01T09:00:00",
        "duration": "30m",
        "centre": {"operators": 3, "lines": 20},
        "people": {"hours": [120]},
        "warmup": {"weeks": 0},
    }
    for name, value in changes.items():
        tables[name] = {**tables[name], **value} if isinstance(value, dict) and name in tables else value
    return Scenario.model_validate(tables)


def attack(kind: str, calls: int = 300, **more: Any) -> dict[str, Any]:
    """Twenty minutes of it."""
    needs = {"rotating_pool": {"pool": 20}, "customers": {"pool": 5}, "bought": {"pool": 20}}
    return {"kind": kind, "start": "5m", "duration": "20m", "calls": calls, **needs.get(kind, {}), **more}


def result(simulated: Scenario, seed: int = 1, mode: Mode = "screened") -> Result:
    return run(Job(simulated, seed, mode))
