"""What the doctor says of Asterisk's files: each test breaks one thing in an installation that is in order."""

import os

import pytest

from agi_screen.doctor.checks.ami_account import ami_account
from agi_screen.doctor.checks.ami_others import ami_others
from agi_screen.doctor.checks.dialplan import dialplan
from agi_screen.doctor.checks.keys import keys
from agi_screen.doctor.checks.modules import HELPFUL, NEEDED, modules
from agi_screen.doctor.doctor import Check
from agi_screen.doctor.finding import Mark
from tests.doctor.conftest import SECRET, House

ACCOUNT = "manager.d/agi_screen.conf"
OK, WARNING, ERROR = Mark


@pytest.mark.parametrize("check", [ami_account, ami_others, dialplan, keys, modules])
def test_what_is_shipped_is_in_order(house: House, check: Check) -> None:
    assert house.wrong(check) == []


@pytest.mark.parametrize(
    ("old", "new", "mark", "said"),
    [
        ("read = call,agent,user,dtmf", "read = agent,user,dtmf", ERROR, "may not read class call"),
        ("read = call,agent,user,dtmf", "read = call,agent,user", WARNING, "menu_behaviour stays silent"),
        ("read = call,agent,user,dtmf", "read = all", WARNING, "reads class all"),
        ("read = call,agent,user,dtmf", "read = call,agent,user,dtmf,agi", WARNING, "the digits of every challenge"),
        ("write = user", "write = ", ERROR, "may not write class user"),
        ("write = user", "write = user,command,system", WARNING, "may write class command, system"),
        (f"secret = {SECRET}", "secret = another", ERROR, "its secret is not ours"),
        (f"secret = {SECRET}", "secret = CHANGE_ME", ERROR, "still the CHANGE_ME"),
        ("permit = 127.0.0.1/255.255.255.255", "permit = 10.0.0.0/8", ERROR, "not admitted from 127.0.0.1"),
        ("deny = 0.0.0.0/0.0.0.0", "", WARNING, "from anywhere"),
        ("eventfilter", ";eventfilter", WARNING, "no event filters"),
        ("[[:cntrl:]]{4}[^[:cntrl:]]", "x", WARNING, "control characters"),
        ("eventfilter(action(include),name(Hangup)) =", "", WARNING, "hold back Hangup"),
        ("[agi_screen]", "[agi-screen]", ERROR, "there is no [agi_screen]"),
    ],
)
def test_the_account(house: House, old: str, new: str, mark: Mark, said: str) -> None:
    house.edit(ACCOUNT, old, new)
    found = house.only(ami_account)
    assert found.mark is mark
    assert said in found.detail
    assert "manager reload" in found.mend or "restart" in found.mend
    assert SECRET not in str(found)
    assert "another" not in str(found)


def test_the_interface_is_off_or_elsewhere(house: House) -> None:
    house.write("manager.conf", "[general]\nenabled = no\nport = 5039\n")
    off, port, account = house.wrong(ami_account)
    assert off.detail == "AMI is switched off"
    assert port.mend == "[ami] port = 5039"
    assert "there is no [agi_screen]" in account.detail


def test_other_accounts_that_see_the_digits(house: House) -> None:
    more = "[crm]\nread = all\n[panel](!)\nread = agi\n[panel2](panel)\nsecret = x\n[cdr]\nread = cdr\n"
    house.edit("manager.conf", "[general]", f"{more}[general]")
    found = house.only(ami_others)
    assert found.detail.startswith("crm, panel2: may read class agi")


@pytest.mark.parametrize(
    ("old", "new", "mark", "said"),
    [
        ("#include agi_screen.conf", "", ERROR, "does not include agi_screen.conf"),
        ("Gosub(agi-screen,s,1)", "NoOp()", ERROR, "no call is screened"),
        ("18005550100", "_X.", WARNING, "_X. in [from-trunk]"),
        ("18005550100", "_1800.", WARNING, "_1800. in [from-trunk]"),
        ("127.0.0.1:4573", "127.0.0.1:4574", ERROR, "SCREEN_ERROR=refused"),
        ("127.0.0.1:4573", "somewhere", ERROR, "host:port"),
        ("127.0.0.1:4573", "10.0.0.7:4573", WARNING, "Asterisk asks 10.0.0.7:4573"),
        ("[globals]", "[globals]\nAGI_SCREEN_TIMEOUT = 60", WARNING, "a caller wait"),
        ("[from-trunk]", "#include gone.conf\n[from-trunk]", WARNING, "gone.conf is not there"),
    ],
)
def test_the_dialplan(house: House, old: str, new: str, mark: Mark, said: str) -> None:
    house.edit("extensions.conf", old, new)
    found = house.only(dialplan)
    assert found.mark is mark
    assert said in found.detail
    assert found.mend


@pytest.mark.parametrize("good", ["localhost:4573", "127.0.0.1:4573", ""])
def test_the_daemon_s_address(house: House, good: str) -> None:
    house.edit("extensions.conf", "127.0.0.1:4573", good)
    assert house.wrong(dialplan) == []


def test_a_fixed_length_pattern_and_the_classic_script_are_fine(house: House) -> None:
    house.edit("extensions.conf", "18005550100", "_1800555XXXX")
    house.edit("extensions.conf", "AGI_SCREEN_DAEMON = 127.0.0.1:4573", "AGI_SCREEN_AGI = agi-screen-agi")
    assert house.wrong(dialplan) == []


def test_a_dialplan_in_another_language_may_screen(house: House) -> None:
    house.edit("extensions.conf", "Gosub(agi-screen,s,1)", "NoOp()")
    house.write("extensions.ael", "context from-trunk {}")
    assert house.only(dialplan).mark is Mark.WARNING


@pytest.mark.parametrize("check", [dialplan, ami_account, modules])
def test_files_that_are_not_there_are_said_and_no_error(house: House, check: Check) -> None:
    for name in ("extensions.conf", "manager.conf", "modules.conf"):
        (house.etc / name).unlink()
    found = house.only(check)
    assert found.mark is Mark.WARNING
    assert "not there" in found.detail
    assert "as root" in found.mend


def test_modules_kept_out_or_not_named(house: House) -> None:
    house.write("modules.conf", "[modules]\nautoload=yes\nnoload => app_stack.so\nnoload = res_tonedetect\n")
    stack, tones = house.wrong(modules)
    assert (stack.mark, tones.mark) == (Mark.ERROR, Mark.WARNING)
    assert "app_stack.so is kept out by a noload line: Gosub" in stack.detail
    loads = "".join(f"load = {name}.so\n" for name in (*NEEDED, *HELPFUL) if name != "res_agi")
    house.write("modules.conf", f"[modules]\nautoload = no\n{loads}")
    agi = house.only(modules)
    assert "res_agi.so is not loaded" in agi.detail
    assert "load = res_agi.so in" in agi.mend


def test_modules_that_are_not_installed(house: House) -> None:
    (house.folder / "modules").mkdir()
    for name in (*NEEDED, *HELPFUL):
        (house.folder / f"modules/{name}.so").touch()
    assert house.wrong(modules) == []
    os.remove(house.folder / "modules/func_talkdetect.so")
    assert "is not installed" in house.only(modules).detail


@pytest.mark.parametrize(
    ("mode", "mark"), [("none", ERROR), ("inband", WARNING), ("info", WARNING), ("rfc4733", WARNING), ("auto", OK)]
)
def test_keys_of_the_endpoints_that_are_screened(house: House, mode: str, mark: Mark) -> None:
    house.edit("pjsip.conf", "dtmf_mode = auto", f"dtmf_mode = {mode}")
    (found,) = house.findings(keys)
    assert found.mark is mark
    assert found.detail.startswith(f"carrier: dtmf_mode = {mode}")
