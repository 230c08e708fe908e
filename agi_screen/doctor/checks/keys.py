"""Whether Asterisk hears the keys that callers press, however their telephones send them."""

from __future__ import annotations

from collections.abc import Iterator

from agi_screen.doctor.checks.dialplan import screened
from agi_screen.doctor.finding import Finding, error, named, ok, warning
from agi_screen.doctor.patient import Patient

RELOAD = "then: asterisk -rx 'pjsip reload'"
# auto: telephone events where the far end offers them, else tones. SIP INFO is heard besides, by a module of its own.
BEST = ("auto",)
NO_TONES = ("rfc4733", "auto_info", "")


def keys(patient: Patient) -> Iterator[Finding]:
    """`dtmf_mode` of the endpoints whose calls are screened."""
    conf = patient.etc["pjsip.conf"]
    contexts = {context for context, _, _ in screened(patient.etc["extensions.conf"])}
    if not conf.read or not contexts:
        return
    modes: dict[str, list[str]] = {}
    for section in conf.sections:
        if not section.template and section.get("type") == "endpoint" and section.get("context") in contexts:
            modes.setdefault(section.get("dtmf_mode").lower(), []).append(section.name)
    mend = f"dtmf_mode = auto on these endpoints, {RELOAD}"
    for mode, endpoints in modes.items():
        shown = f"{named(endpoints)}: dtmf_mode = {mode or 'rfc4733 (the default)'}"
        if mode == "none":
            yield error("keys", f"{shown}: no key is ever heard, nobody passes the CAPTCHA", mend)
        elif mode in BEST:
            yield ok("keys", f"{shown}: heard as telephone events and as tones")
        elif mode in NO_TONES:
            text = f"{shown}: keys of a caller whose side offers no telephone events, and sends tones, are not heard"
            yield warning("keys", text, mend)
        else:
            yield warning("keys", f"{shown}: keys sent as telephone events, the usual way, may not be heard", mend)
