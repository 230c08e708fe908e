"""The steps of an install, in order. What Asterisk or systemd is told to read is written before it is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from scripts.install_.changes import Change
from scripts.install_.kept import Kept
from scripts.install_.site import Site
from scripts.install_.steps.dialplan import dialplan
from scripts.install_.steps.doctor import doctor
from scripts.install_.steps.folders import folders
from scripts.install_.steps.manager import manager
from scripts.install_.steps.program import program
from scripts.install_.steps.prompts import prompts
from scripts.install_.steps.reload import reload
from scripts.install_.steps.settings import settings
from scripts.install_.steps.start import start
from scripts.install_.steps.switch import switch
from scripts.install_.steps.units import units
from scripts.install_.steps.user import user


class Step(NamedTuple):
    """`changes` looks at the disk as it is: a step that is done has none."""

    name: str
    about: str
    changes: Callable[[Site, Kept], Iterable[Change]]


STEPS = (
    Step("", "where the program and this installer's notes are kept", folders),
    Step("program", "the Python environment of this version, beside the one in use", program),
    Step("user", "the user that the daemon runs as", user),
    Step("settings", "our settings and the secret of the AMI account", settings),
    Step("prompts", "what callers hear, among Asterisk's sounds", prompts),
    Step("manager", "the daemon's AMI account, in Asterisk's manager.conf", manager),
    Step("dialplan", "the subroutine agi-screen, in Asterisk's extensions.conf", dialplan),
    Step("units", "the systemd units", units),
    Step("switch", "this version in the place of the one in use", switch),
    Step("start", "the daemon", start),
    Step("reload", "Asterisk reads its files again", reload),
    Step("doctor", "is all of it in order?", doctor),
)
