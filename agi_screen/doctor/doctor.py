"""Runs the checks one after the other. None of them can hold it up, and none can end it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from agi_screen.doctor.checks.ami_account import ami_account
from agi_screen.doctor.checks.ami_others import ami_others
from agi_screen.doctor.checks.ami_tried import ami_tried
from agi_screen.doctor.checks.clock import clock
from agi_screen.doctor.checks.decision import decision
from agi_screen.doctor.checks.dialplan import dialplan
from agi_screen.doctor.checks.disk import disk
from agi_screen.doctor.checks.keys import keys
from agi_screen.doctor.checks.machine import machine
from agi_screen.doctor.checks.modules import modules
from agi_screen.doctor.checks.ports import ports
from agi_screen.doctor.checks.prompts import prompts
from agi_screen.doctor.checks.prompts_version import prompts_version
from agi_screen.doctor.checks.question_time import question_time
from agi_screen.doctor.checks.recordings import recordings
from agi_screen.doctor.checks.rights import rights
from agi_screen.doctor.checks.running import running
from agi_screen.doctor.checks.store import store
from agi_screen.doctor.checks.unit import unit
from agi_screen.doctor.finding import Finding, error, warning
from agi_screen.doctor.patient import Patient

Check = Callable[[Patient], Iterable[Finding]]
SECONDS = 10.0
# What stops everything comes first; then what callers hear, then what Asterisk is told, then the machine.
CHECKS: tuple[Check, ...] = (
    *(running, decision, unit, prompts, prompts_version, recordings, question_time),
    *(dialplan, modules, keys, ami_account, ami_tried, ami_others),
    *(store, disk, machine, clock, ports, rights),
)


def examine(patient: Patient, checks: Sequence[Check] = CHECKS, seconds: float = SECONDS) -> Iterator[Finding]:
    """Every finding of every check, in order."""
    for check in checks:
        yield from _bounded(check, patient, seconds)


def _bounded(check: Check, patient: Patient, seconds: float) -> list[Finding]:
    """In a thread of its own, which is left behind when a disk or a socket holds it."""
    name = check.__name__.replace("_", " ")
    answers: queue.SimpleQueue[list[Finding]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(list(check(patient)))
        except Exception as fault:  # noqa: BLE001  boundary: one faulty check must not hide what the others see
            text = f"could not be looked at: {type(fault).__name__}: {fault}"
            answers.put([warning(name, text, "report this as a fault of agi-screen, with this line")])

    threading.Thread(target=run, daemon=True, name=f"doctor {name}").start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        mend = "a file, a disk or a socket it asks does not answer: look for a hanging mount or process"
        return [error(name, f"no answer in {seconds:g} s", mend)]
