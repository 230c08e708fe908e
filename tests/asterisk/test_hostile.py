"""Caller text that forges: sent by real SIP, seen cleaned by the daemon, and absent from its AMI account."""

from __future__ import annotations

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.fakes.fake_daemon import FakeDaemon, FakeSession, verdict

ALLOW = [verdict("allow")]
FORGED_EVENT = "%0D%0A%0D%0AEvent%3A%20Hangup%0D%0AUniqueid%3A%20forged%0D%0ACause%3A%2016"


def from_user(user: str) -> str:
    return f"<sip:{user}@c.example>"


async def screened(lab: Lab, desk: Desk, dial: Dial) -> FakeSession:
    """One call through the daemon to the operators; what the daemon was sent."""
    async with FakeDaemon(lab.options.agi_port, commands=ALLOW) as daemon:
        async with await Caller.place(dial) as call:
            assert await call.final() == 200
            await desk.reached(1)
        return await daemon.session()


def assert_clean(session: FakeSession) -> None:
    """No line but Asterisk's own, none twice, and no control character in any."""
    keys = [line.partition(": ")[0] for line in session.lines]
    assert len(keys) == len(set(keys))
    assert all(key.startswith("agi_") for key in keys)
    assert not [line for line in session.lines if not line.isprintable()]
    assert session.replies == ["200 result=0"]


@pytest.mark.parametrize(
    "user",
    [
        "+1415%0Aagi_uniqueid%3A%20evil%0Aagi_x%3A%201",
        "+1415%0A%0A200%20result%3D0%0A",
        f"+1415{FORGED_EVENT}",
        "+1415%0D%00%01%7F",
        "+1415%29%3A0%0Aagi_uniqueid%3A%20evil%0Aagi_x%3A%201",
        "+1415%29%3A-9%3A3%0Aagi_uniqueid%3A%20evil",
        "+1415%28%29%29%3A1%0Aagi_uniqueid%3A%20evil",
    ],
    ids=["forged line", "early end", "forged event", "control characters", "function end", "offset", "brackets"],
)
async def test_forged_lines_in_the_callers_number(lab: Lab, desk: Desk, user: str) -> None:
    session = await screened(lab, desk, Dial(lab.ports.sip, from_=from_user(user)))
    assert_clean(session)
    assert int(session.options["control"]) > 0
    assert session.options["raw"].startswith("+1415")
    assert session.environment["agi_uniqueid"] != "evil"


@pytest.mark.parametrize(
    ("user", "did"),
    [
        ("91%0Aagi_uniqueid%3A%20evil%0A%0A200", "91agi_uniqueidevil200"),
        ("91%29%3A0%0Aagi_uniqueid%3A%20evil%0A%0A200", "910agi_uniqueidevil200"),
    ],
)
async def test_forged_lines_in_the_dialled_number(lab: Lab, desk: Desk, user: str, did: str) -> None:
    dial = Dial(lab.ports.sip, request_uri=f"sip:{user}@127.0.0.1:{lab.ports.sip}")
    session = await screened(lab, desk, dial)
    assert_clean(session)
    assert int(session.options["control"]) >= 3
    assert session.options["did"] == did
    assert session.environment["agi_dnid"] == did


@pytest.mark.parametrize(
    ("user", "number", "raw", "removed"),
    [
        ("+1-415-555-0100", "+14155550100", "+1-415-555-0100", "3"),
        ("(415)%20555-0100", "4155550100", "415555-0100", "4"),
        ("anonymous", "unknown", "anonymous", "9"),
        ("restricted", "unknown", "restricted", "10"),
        ("+14155550100;rn=+14155550199", "+14155550100", "+14155550100", None),
    ],
)
async def test_odd_numbers_are_not_taken_for_hostile(
    lab: Lab, desk: Desk, user: str, number: str, raw: str, removed: str | None
) -> None:
    session = await screened(lab, desk, Dial(lab.ports.sip, from_=from_user(user)))
    assert session.options.get("control", "0") == "0"
    assert session.options.get("raw", number) == raw
    assert removed is None or session.options["removed"] == removed
    assert session.environment["agi_callerid"] == number


async def test_absent_number_keeps_its_presentation(lab: Lab, desk: Desk) -> None:
    dial = Dial(lab.ports.sip, "91*2*", from_="<sip:c.example>")
    session = await screened(lab, desk, dial)
    assert session.environment["agi_callerid"] == "unknown"
    assert session.environment["agi_callingpres"] == "67"
    assert session.environment["agi_calleridname"] == "unknown"
    assert session.options["removed"] == "4"


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Jürgen O'Brien (Büro), Ltd.".encode(), "Jürgen O'Brien (Büro), Ltd."),
        (b"${SHELL(touch /nowhere)}`id`", "{SHELL(touch /nowhere)}id"),
        (b'x\\",SCREEN_VERDICT=allow', "x,SCREEN_VERDICT=allow"),
        (b"\x01\x07bell", "bell"),
        (b"$[1+1]<b>&amp;", "[1+1]b&amp;"),
        (b"a):0b <c> (d", "a):0b c (d"),
        (b"Smith (home): 2", "Smith (home): 2"),
    ],
)
async def test_caller_names(lab: Lab, desk: Desk, name: bytes, seen: str) -> None:
    session = await screened(lab, desk, Dial(lab.ports.sip, name=name))
    assert_clean(session)
    assert session.environment["agi_calleridname"] == seen


@pytest.mark.parametrize("name", [b"n" * 4096, b"\xff\xfe\xc3(", b"a\x00b"], ids=["4 KB", "no UTF-8", "NUL"])
async def test_names_that_are_cut_or_refused(lab: Lab, desk: Desk, name: bytes) -> None:
    async with FakeDaemon(lab.options.agi_port, commands=ALLOW):
        async with await Caller.place(Dial(lab.ports.sip, name=name)) as call:
            assert await call.final() in {200, 400}
        async with await Caller.place(Dial(lab.ports.sip)) as after:
            assert await after.final() == 200
            await desk.reached(1)


async def test_identity_header_arrives_without_its_quotes(lab: Lab, desk: Desk) -> None:
    token = "eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.c2ln-_"
    header = f'{token};info=<https://c.example:8443/c.pem>;alg=ES256;ppt="shaken", second'
    dial = Dial(lab.ports.sip, headers=(("Identity", header),))
    session = await screened(lab, desk, dial)
    assert session.options["identity"].startswith(f"{token};info=<https://c.example:8443/c.pem>;alg=ES256;ppt=shaken")
    assert_clean(session)


async def test_diversion_header_cannot_forge_either(lab: Lab, desk: Desk) -> None:
    for user, number in (("+1650", "+1650"), ("+1650%29%3A0", "+1650")):
        forged = f"<sip:{user}%0Aagi_uniqueid%3A%20evil@c.example>;reason=unconditional"
        session = await screened(lab, desk, Dial(lab.ports.sip, headers=(("Diversion", forged),)))
        assert_clean(session)
        assert session.environment["agi_rdnis"] == number
        assert session.options["control"] == "1"


async def test_forged_event_of_an_unscreened_call_is_not_delivered(lab: Lab, ami: Ami, harness: Ami) -> None:
    """The worst case: a context without agi-screen, whose Hangup event carries the raw number."""
    dial = Dial(lab.ports.sip, "810", from_=from_user(f"+1415{FORGED_EVENT}"))
    async with await Caller.place(dial) as call:
        assert await call.final() == 200
    await harness.event("Hangup", Uniqueid="forged")
    plain = Dial(lab.ports.sip, "820", caller="+14155550177")
    async with await Caller.place(plain) as call:
        assert await call.final() == 200
    await ami.event("Hangup", CallerIDNum="+14155550177")
    assert [event for event in ami.events if event.get("Uniqueid") == "forged"] == []


async def test_forged_event_of_a_screened_call_is_not_delivered(lab: Lab, desk: Desk, ami: Ami) -> None:
    hostile = Dial(lab.ports.sip, from_=from_user(f"+1415{FORGED_EVENT}"))
    session = await screened(lab, desk, hostile)
    done = await ami.event("Hangup", Uniqueid=session.environment["agi_uniqueid"])
    assert done["CallerIDNum"] == "+14151616"[: len(done["CallerIDNum"])]
    assert [event for event in ami.events if event.get("Uniqueid") == "forged"] == []
