"""The daemon's account in Asterisk's manager.conf: there, the same secret, the rights it needs and none beyond."""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Iterator

from agi_screen.doctor.asterisk_conf import Section
from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.patient import Patient
from agi_screen.inbound.ami_types import EVENTS

NEEDED = {
    "call": "how calls end, and when callers talk over a question",
    "agent": "how long callers wait, and who talked to them",
    "user": "calls that went on unscreened",
}
TOO_MUCH = ("agi", "all")  # class agi tells the digits of every challenge
ACTS = ("all", "system", "command", "originate", "config", "call", "agi", "dialplan")
RELOAD = "then: asterisk -rx 'manager reload'"
SHIPPED = "manager.d/agi_screen.conf"
TALKING = {"ChannelTalkingStart", "ChannelTalkingStop"}


def ami_account(patient: Patient) -> Iterator[Finding]:
    """From the files; whether Asterisk took them is told by `running`."""
    ami, conf = patient.config.ami, patient.etc["manager.conf"]
    if not ami.enabled:
        yield ok("AMI account", "[ami] enabled = false: not looked at; ends of calls and talk-over are not seen")
        return
    if not conf.read:
        yield warning("AMI account", f"not looked at: {'; '.join(conf.problems)}", "run the doctor as root there")
        return
    for problem in conf.problems:
        yield warning("manager.conf", problem, "see whether Asterisk reads that file as you mean it")
    yield from _general(patient, conf.named("general"))
    account = conf.named(ami.username)
    if not account.entries:
        mend = f"copy {SHIPPED} into {patient.etc.folder}/manager.d/, #include it in manager.conf, {RELOAD}"
        yield error("AMI account", f"there is no [{ami.username}] in {conf.path}", mend)
        return
    found = [*_secret(patient, account), *_rights(account), *_addresses(patient, account), *_filters(account)]
    yield from found or (ok("AMI account", f"[{ami.username}]: our secret, the rights it needs and no more, filtered"),)


def _general(patient: Patient, general: Section) -> Iterator[Finding]:
    ami = patient.config.ami
    if general.get("enabled", "no").lower() not in ("yes", "true", "1", "on", "y", "t"):
        yield error("manager.conf", "AMI is switched off", f"enabled = yes in [general], {RELOAD}")
    port = general.get("port", "5038")
    if port != str(ami.port):
        yield error("manager.conf", f"AMI is at port {port}, [ami] port is {ami.port}", f"[ami] port = {port}")


def _secret(patient: Patient, account: Section) -> Iterator[Finding]:
    """Compared, and never shown."""
    ours, theirs = patient.config.ami.secret.get_secret_value(), account.get("secret")
    if theirs == "CHANGE_ME":
        mend = f"openssl rand -hex 16, into {SHIPPED} and [ami] secret_file, {RELOAD}"
        yield error("AMI account", "its secret is still the CHANGE_ME of the shipped file", mend)
    elif not hmac.compare_digest(ours.encode(), theirs.encode()):
        mend = f"give [ami] secret_file the `secret` of [{account.name}], restart agi-screen"
        yield error("AMI account", "its secret is not ours: the log-in will be refused", mend)


def words(text: str) -> set[str]:
    """The classes of a `read` or `write` line."""
    return {word.strip().lower() for word in text.split(",") if word.strip()}


def _rights(account: Section) -> Iterator[Finding]:
    read, write = words(account.get("read")), words(account.get("write"))
    missing = {} if "all" in read else {name: use for name, use in NEEDED.items() if name not in read}
    for name, use in missing.items():
        mend = f"read = call,agent,user,dtmf in [{account.name}], {RELOAD}"
        yield error("AMI account", f"may not read class {name}: nothing tells {use}", mend)
    if not {"dtmf", "all"} & read:
        mend = f"add dtmf to its `read`, {RELOAD}; leave it where callers key in what nobody else may see"
        yield warning("AMI account", "may not read class dtmf: the signal menu_behaviour stays silent", mend)
    if not {"user", "all"} & write:
        yield error("AMI account", "may not write class user: our events are not sent", f"write = user, {RELOAD}")
    if much := sorted(read & set(TOO_MUCH)):
        text = f"reads class {', '.join(much)}, which tells the digits of every challenge"
        yield warning("AMI account", text, f"read = call,agent,user,dtmf, {RELOAD}")
    if much := sorted(write & set(ACTS)):
        text = f"may write class {', '.join(much)}: whoever has its secret can act on calls"
        yield warning("AMI account", text, f"write = user, {RELOAD}")


def _addresses(patient: Patient, account: Section) -> Iterator[Finding]:
    """Asterisk takes its lines in order: the last that fits counts. Named ACLs are not followed."""
    lines = account.all("permit", "deny")
    if account.all("acl"):
        return
    if not any(line.key.lower() == "deny" for line in lines):
        mend = f"deny = 0.0.0.0/0.0.0.0 and permit = 127.0.0.1/255.255.255.255, {RELOAD}"
        yield warning("AMI account", "may be used from anywhere", mend)
    if patient.config.ami.host not in ("127.0.0.1", "localhost"):
        return  # which of our addresses Asterisk would see is not known here
    admitted = True
    for line in lines:
        if any(_fits(part.strip()) for part in line.value.split(",")):
            admitted = line.key.lower() == "permit"
    if not admitted:
        mend = f"permit = 127.0.0.1/255.255.255.255 below its deny line, {RELOAD}"
        yield error("AMI account", "is not admitted from 127.0.0.1, where agi-screen logs in from", mend)


def _fits(network: str) -> bool:
    try:
        return ipaddress.ip_address("127.0.0.1") in ipaddress.ip_network(network.lstrip("!"), strict=False)
    except ValueError:
        return False


def _filters(account: Section) -> Iterator[Finding]:
    """Without them, caller text that forges an event reaches the daemon, and every event costs time."""
    filters = [entry for entry in account.entries if entry.key.lower().startswith("eventfilter")]
    mend = f"take the eventfilter lines of the shipped {SHIPPED}, {RELOAD}"
    if not filters:
        yield warning("AMI account", "has no event filters: callers' raw text and all events are sent", mend)
        return
    if not any("[:cntrl:]" in entry.value for entry in filters):
        yield warning("AMI account", "events with control characters in them are not filtered out", mend)
    keys = " ".join(entry.key for entry in filters)
    let_in = set(re.findall(r"name\((\w+)\)", keys))
    lacking = sorted(EVENTS - let_in)
    if let_in and lacking:
        yield warning("AMI account", f"its filters hold back {', '.join(lacking)}", mend)
