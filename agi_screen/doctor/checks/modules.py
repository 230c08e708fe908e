"""The modules of Asterisk that the dialplan and the CAPTCHA need: loaded by modules.conf, and installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from agi_screen.doctor.asterisk_conf import AsteriskConf
from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.patient import Patient

NEEDED: Mapping[str, str] = {
    "res_agi": "the daemon is not asked",
    "app_stack": "Gosub(agi-screen) fails",
    "func_callerid": "callers' numbers are not cleaned",
    "func_channel": "calls are not told from one another",
    "func_cut": "callers' numbers are not cleaned",
    "func_dialplan": "the never lists are not seen",
    "func_logic": "agi_screen.conf decides nothing",
    "func_strings": "callers' texts are not cleaned",
    "func_timeout": "a daemon that hangs holds callers for ever",
    "format_pcm": "no prompt is heard (.ulaw, .alaw, .g722)",
}
HELPFUL: Mapping[str, str] = {
    "app_playback": "the last words to diverted callers are not heard",
    "app_userevent": "unscreened calls are not announced",
    "app_verbose": "unscreened calls are not logged by Asterisk",
    "func_talkdetect": "who talks over a question is not noticed",
    "res_tonedetect": "fax machines and modems are not noticed",
    "res_pjsip_header_funcs": "user agent and signature of a call are not seen",
    "res_pjsip_dtmf_info": "keys that come as SIP INFO are not heard",
}
LOADS = ("load", "preload", "require", "preload-require")
PLACES = ("/usr/lib/*/asterisk/modules", "/usr/lib64/asterisk/modules", "/usr/lib/asterisk/modules")


def modules(patient: Patient) -> Iterator[Finding]:
    """What Asterisk would load at its next start."""
    conf = patient.etc["modules.conf"]
    if not conf.read:
        yield warning("modules", f"not looked at: {'; '.join(conf.problems)}", "run the doctor as root there")
        return
    installed = _installed(patient)
    fine = True
    for needed, finding in ((NEEDED, error), (HELPFUL, warning)):
        for name, effect in needed.items():
            if why := _missing(name, conf, installed):
                fine = False
                mend = f"{why[1]}, then: asterisk -rx 'module load {name}.so'"
                yield finding("modules", f"{name}.so {why[0]}: {effect}", mend)
    if fine:
        yield ok("modules", f"all {len(NEEDED) + len(HELPFUL)} that are used here")


def _missing(name: str, conf: AsteriskConf, installed: frozenset[str]) -> tuple[str, str] | None:
    """Why it will not be there, and the mend."""
    section = conf.named("modules")
    listed = {entry.value.removesuffix(".so") for entry in section.all(*LOADS)}
    if name in {entry.value.removesuffix(".so") for entry in section.all("noload")}:
        return "is kept out by a noload line", f"take the noload line out of {conf.path}"
    if name not in listed and section.get("autoload", "no").lower() not in ("yes", "true", "1", "on", "y", "t"):
        return "is not loaded", f"load = {name}.so in {conf.path}"
    if installed and name not in installed:
        return "is not installed", "install it with Asterisk's packages"
    return None


def _installed(patient: Patient) -> frozenset[str]:
    """The names of the modules' files; empty where they are not to be seen."""
    told = patient.etc.directory("astmoddir", Path())
    places = [told] if told != Path() else [found for pattern in PLACES for found in Path("/").glob(pattern[1:])]
    return frozenset(file.stem for place in places for file in place.glob("*.so"))
