"""Asterisk's extensions.conf: ours is included, calls go through it, and it asks the daemon where it listens."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from agi_screen.base.units import Address, parse_address
from agi_screen.doctor.asterisk_conf import AsteriskConf, Entry, extensions
from agi_screen.doctor.finding import Finding, error, named, ok, warning
from agi_screen.doctor.patient import Patient

CONTEXT = "agi-screen"
RELOAD = "then: asterisk -rx 'dialplan reload'"
CALLS = re.compile(r"\bGo(?:sub|to)(?:If(?:Time)?)?\(.*\bagi-screen,s,1\b", re.IGNORECASE)
DEFAULT_DAEMON = "127.0.0.1:4573"
LONGEST_WAIT = 10.0
SHARE = Path(sys.prefix) / "share/agi-screen"
ANY = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not listened on
HERE = {"127.0.0.1", "localhost", "::1"}


def dialplan(patient: Patient) -> Iterator[Finding]:
    """What an admin adds by hand, and may have missed."""
    conf = patient.etc["extensions.conf"]
    if not conf.read:
        yield warning("dialplan", f"not looked at: {'; '.join(conf.problems)}", "run the doctor as root there")
        return
    for problem in conf.problems:
        yield warning("extensions.conf", problem, "see whether Asterisk reads that file as you mean it")
    if CONTEXT not in conf.names:
        mend = f"copy agi_screen.conf into {patient.etc.folder}, #include it in extensions.conf, {RELOAD}"
        yield error("dialplan", f"{conf.path} does not include agi_screen.conf", mend)
        return
    yield from _screened(patient, conf)
    yield from _version(patient.etc.folder / "agi_screen.conf", SHARE / "agi_screen.conf")
    yield from _daemon(patient, conf)


def screened(conf: AsteriskConf) -> list[tuple[str, str, Entry]]:
    """Each line that sends a call through us: context, extension, line."""
    return [
        (context, extension, entry)
        for context, extension, entry in extensions(conf)
        if context != CONTEXT and CALLS.search(entry.value)
    ]


def _screened(patient: Patient, conf: AsteriskConf) -> Iterator[Finding]:
    found = screened(conf)
    if not found:
        text = "no extension calls Gosub(agi-screen,s,1): no call is screened"
        mend = f"put it first into the extensions of your numbers, {RELOAD}"
        elsewhere = [name for name in ("extensions.ael", "extensions.lua") if (patient.etc.folder / name).is_file()]
        if elsewhere:
            yield warning("dialplan", f"{text}, unless it stands in {' or '.join(elsewhere)}", mend)
        else:
            yield error("dialplan", text, mend)
        return
    places = [f"{extension} in [{context}]" for context, extension, _ in found]
    yield ok("dialplan", f"screened: {named(places)}")
    if wide := [f"{ext} in [{context}]" for context, ext, _ in found if ext[:1] == "_" and ext[-1:] in ".!"]:
        text = f"{named(wide)}: a caller can put any text into a number that such a pattern takes, line ends included"
        yield warning(
            "dialplan", text, f"write the numbers, or patterns of fixed length such as _1NXXNXXXXXX, {RELOAD}"
        )


def _version(installed: Path, shipped: Path) -> Iterator[Finding]:
    """The shipped file is not meant to be changed: a difference is an upgrade half done."""
    try:
        same = installed.read_bytes() == shipped.read_bytes()
    except OSError:
        return  # kept under another name, or there is no share/agi-screen here
    if not same:
        mend = f"cp {shipped} {installed}; {RELOAD}"
        yield warning("agi_screen.conf", f"{installed} is not the one of this version of agi-screen", mend)


def _daemon(patient: Patient, conf: AsteriskConf) -> Iterator[Finding]:
    settings = conf.named("globals")
    classic, listen = settings.get("agi_screen_agi"), patient.config.agi.listen
    if classic:
        yield ok("AGI_SCREEN_AGI", f"{classic} is asked, not FastAGI")
    else:
        yield _asked(settings.get("agi_screen_daemon") or DEFAULT_DAEMON, listen)
    wait = settings.get("agi_screen_timeout")
    if wait and not (re.fullmatch(r"\d+(\.\d+)?", wait) and 0 < float(wait) <= LONGEST_WAIT):
        text = f"AGI_SCREEN_TIMEOUT = {wait}: so long does a caller wait for a daemon that hangs"
        yield warning("AGI_SCREEN_TIMEOUT", text, f"write seconds, such as 2, {RELOAD}")


def _asked(told: str, listen: Address) -> Finding:
    what, refused = "AGI_SCREEN_DAEMON", "every call goes on unscreened, SCREEN_ERROR=refused"
    mend = f"AGI_SCREEN_DAEMON = {listen} in [globals], {RELOAD}"
    try:
        asked = parse_address(told)
    except ValueError as problem:
        return error(what, f"{told}: {problem}: {refused}", mend)
    if asked.port != listen.port:
        return error(what, f"Asterisk asks {asked}, agi-screen listens at {listen}: {refused}", mend)
    local = asked.host in HERE and listen.host in HERE | ANY
    if asked.host != listen.host and not local and listen.host not in ANY:
        return warning(what, f"Asterisk asks {asked}, agi-screen listens at {listen}", f"{mend}, if these differ")
    return ok(what, f"Asterisk asks {asked}, agi-screen listens at {listen}")
