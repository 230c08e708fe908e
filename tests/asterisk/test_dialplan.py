"""What the shipped subroutine does with each answer of the daemon, on a real Asterisk with real SIP calls."""

from __future__ import annotations

import pytest

from agi_screen.inbound._environment import ordinary
from agi_screen.inbound.environment import Environment
from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until
from tests.fakes.fake_daemon import FakeDaemon, Manner, verdict

SLOWEST_SECONDS = 2.6


def dial(lab: Lab, number: str = "18005550100", caller: str = "+14155550123") -> Dial:
    return Dial(lab.ports.sip, number, caller)


async def test_allowed_call_reaches_an_operator(lab: Lab, desk: Desk) -> None:
    async with FakeDaemon(lab.options.agi_port, commands=[verdict("allow")]) as daemon:
        async with await Caller.place(dial(lab)) as call:
            assert await call.final() == 200
            assert "+14155550123" in (await desk.reached(1))[0].caller
        session = await daemon.session()
    assert session.replies == ["200 result=0"]
    assert session.options == {"agent": "", "verstat": "", "identity": ""}
    assert session.environment["agi_callerid"] == "+14155550123"
    assert session.environment["agi_dnid"] == "18005550100"
    assert session.environment["agi_extension"] == "s"
    block = "\n".join(session.lines).encode()
    assert ordinary(Environment, block) is not None, "the daemon's quick reading no longer fits this Asterisk"


async def test_rejected_call_is_never_answered(lab: Lab, desk: Desk) -> None:
    daemon = FakeDaemon(lab.options.agi_port, commands=[verdict("reject")])
    async with daemon, await Caller.place(dial(lab, caller="+14155550181")) as call:
        assert await call.final() == 403
        assert call.codes == [100, 403]
    assert not desk.calls_of(call.dial.caller)


async def test_diverted_call_is_answered_and_spoken_to_but_never_queued(lab: Lab, desk: Desk) -> None:
    daemon = FakeDaemon(lab.options.agi_port, commands=[verdict("divert")])
    async with daemon, await Caller.place(dial(lab, caller="+14155550182")) as call:
        assert await call.final() == 200
        assert await call.over(20) == "theirs"
        assert call.media.received > 50
    assert not desk.calls_of(call.dial.caller)


@pytest.mark.parametrize("word", ["challenge", "nonsense", "REJECT"])
async def test_any_other_word_lets_the_call_through(lab: Lab, desk: Desk, word: str) -> None:
    async with FakeDaemon(lab.options.agi_port, commands=[verdict(word)]), await Caller.place(dial(lab)) as call:
        assert await call.final() == 200
        await desk.reached(1)


async def test_refused_daemon_fails_open(lab: Lab, desk: Desk, ami: Ami) -> None:
    async with await Caller.place(dial(lab)) as call:
        assert await call.final() == 200
        await desk.reached(1)
        event = await ami.event("UserEvent", UserEvent="AgiScreenOpen")
    assert event["Error"] == "refused"
    assert event["Did"] == "18005550100"
    assert call.marks.post_dial_delay < 0.5
    await until(lambda: "gave no verdict (refused)" in lab.messages)


@pytest.mark.parametrize(
    ("manner", "error", "bound"),
    [
        (Manner.HANG, "timeout", SLOWEST_SECONDS),
        (Manner.GARBAGE_HANG, "timeout", SLOWEST_SECONDS),
        (Manner.CLOSE, "died", 0.5),
        (Manner.CLOSE_MID_COMMAND, "died", 0.5),
        (Manner.GARBAGE, "died", 0.5),
    ],
)
async def test_failing_daemon_fails_open_in_bounded_time(
    lab: Lab, desk: Desk, ami: Ami, manner: Manner, error: str, bound: float
) -> None:
    async with FakeDaemon(lab.options.agi_port, manner) as daemon:
        async with await Caller.place(dial(lab)) as call:
            assert await call.final() == 200
            await desk.reached(1)
            event = await ami.event("UserEvent", UserEvent="AgiScreenOpen")
        await daemon.session()
    assert event["Error"] == error
    assert call.marks.post_dial_delay < bound


async def test_daemon_that_asks_for_more_time_gets_it(lab: Lab, desk: Desk) -> None:
    longer = "SET VARIABLE TIMEOUT(absolute) 20"
    commands = [longer, "EXEC Progress", "WAIT FOR DIGIT 2500", verdict("allow")]
    async with FakeDaemon(lab.options.agi_port, commands=commands), await Caller.place(dial(lab)) as call:
        assert await call.final() == 200
        await desk.reached(1)
    assert call.marks.post_dial_delay > 2.5


async def test_caller_who_hangs_up_while_screened_ends_the_session(lab: Lab, desk: Desk) -> None:
    commands = ["EXEC Progress", "SET VARIABLE TIMEOUT(absolute) 20", "WAIT FOR DIGIT 15000", verdict("allow")]
    async with FakeDaemon(lab.options.agi_port, commands=commands) as daemon:
        async with await Caller.place(dial(lab, caller="+14155550183")) as call:
            await call.audible()
        session = await daemon.session(5)
    assert session.replies[-1] == "HANGUP" or session.replies[-1].startswith("200 result=-1")
    assert not desk.calls_of(call.dial.caller)


async def test_never_screened_number_does_not_touch_the_daemon(lab: Lab, desk: Desk) -> None:
    async with FakeDaemon(lab.options.agi_port, commands=[verdict("reject")]) as daemon:
        async with await Caller.place(dial(lab, "911")) as emergency:
            assert await emergency.final() == 200
            await desk.reached(1)
        async with await Caller.place(dial(lab, "18005550104")) as own:
            assert await own.final() == 200
        assert daemon.sessions == []


async def test_never_screened_caller_does_not_touch_the_daemon(lab: Lab, desk: Desk) -> None:
    async with FakeDaemon(lab.options.agi_port, commands=[verdict("reject")]) as daemon:
        async with await Caller.place(dial(lab, caller="911")) as call:
            assert await call.final() == 200
            await desk.reached(1)
        assert daemon.sessions == []


async def test_what_stood_in_the_variables_before_is_no_verdict(lab: Lab, harness: Ami) -> None:
    async with FakeDaemon(lab.options.agi_port, Manner.CLOSE), await Caller.place(dial(lab, "18005550101")) as call:
        await call.final()
        returned = await harness.event("UserEvent", UserEvent="Returned")
    assert (returned["Word"], returned["Why"]) == ("", "")
    assert 28 < float(returned["Left"]) <= 30
    assert returned["Exit"] == ""


async def test_call_screened_twice(lab: Lab, desk: Desk) -> None:
    async with FakeDaemon(lab.options.agi_port, commands=[verdict("allow")]) as daemon:
        async with await Caller.place(dial(lab, "18005550102")) as call:
            assert await call.final() == 200
            await desk.reached(1)
        assert len(daemon.sessions) == 2


async def test_local_channel_is_screened_without_an_error_in_the_log(lab: Lab, desk: Desk) -> None:
    before = len(lab.messages)
    async with FakeDaemon(lab.options.agi_port, commands=[verdict("allow")]) as daemon:
        async with await Caller.place(dial(lab, "18005550103")) as call:
            assert await call.final() == 200
            await desk.reached(1)
        session = await daemon.session()
    assert session.options["did"] == "18005550100"
    assert session.options["control"] == "0"
    # Asterisk's own word when two hang-ups of a bridge cross; it comes without any screening too.
    crossed = "Session already DISCONNECTED"
    errors = [line for line in lab.messages[before:].splitlines() if "ERROR" in line and crossed not in line]
    assert errors == []


@pytest.mark.parametrize(("code", "label"), [("*77", "robot"), ("*78", "person")])
async def test_operator_marks_the_last_caller(lab: Lab, code: str, label: str) -> None:
    operator = Dial(lab.ports.sip, code, "201", headers=(("X-Demo-Operator", "yes"),))
    marked = 'SET VARIABLE SCREEN_FEEDBACK "marked"'
    async with FakeDaemon(lab.options.agi_port, commands=[marked]) as daemon, await Caller.place(operator) as call:
        assert await call.final() == 200
        session = await daemon.session()
    assert session.environment["agi_network_script"] == "feedback"
    assert session.environment["agi_channel"].startswith("PJSIP/operator-")
    assert session.options == {"label": label}
