"""The AMI client over real TCP: log-in, states, reconnecting, and what it sends."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from agi_screen.base.clock import ManualClock
from agi_screen.inbound.ami import AmiClient, AmiError, AmiState
from agi_screen.inbound.ami_types import AmiValueError
from tests.fakes.fake_ami import FakeAmi, event
from tests.inbound.ami_client import QUICK, Watched, ami_table, next_turn, watched


async def test_logs_in_and_hands_on_wanted_events_only() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        assert (await it.until(AmiState.UP)).detail == f"Asterisk at 127.0.0.1:{ami.port}, AMI 11.0.0"
        await ami.send(event("Newchannel", Uniqueid="1.1") + event("Hangup", Uniqueid="1.2", Cause="16"))
        got = await it.event()
    assert (got.name, got.fields["Uniqueid"], got.fields["Cause"]) == ("Hangup", "1.2", "16")
    assert (it.client.counters.events, it.client.counters.skipped) == (1, 1)


async def test_user_event_is_one_line_a_field_whatever_is_in_the_value() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        await it.until(AmiState.UP)
        hostile = "a\r\nAction: Originate\x00\ud800" + "é" * 600
        it.client.user_event("AgiScreenVerdict", {"Caller": hostile, "Score": 1.5})
        await ami.action("UserEvent")
        sent = await ami.action("UserEvent")
    assert sent["UserEvent"] == "AgiScreenVerdict"
    assert sent["Caller"].startswith("a??Action: Originate??é")
    assert sent["Caller"].endswith("é")
    assert len(sent["Caller"].encode()) <= 500
    assert sent["Score"] == "1.5"
    assert it.client.counters.sent == 1


async def test_user_event_while_down_is_dropped_and_counted() -> None:
    it = Watched(ami_table(1))
    it.client.user_event("AgiScreenVerdict", {})
    it.client.user_event("AgiScreenVerdict", {})
    assert it.client.counters.dropped == 2


async def test_user_events_to_a_peer_that_reads_nothing_are_bounded() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        await it.until(AmiState.UP)
        ami.stop_reading()
        for _ in range(50):
            for _ in range(1500):
                it.client.user_event("AgiScreenVerdict", {"Reasons": "x" * 400})
            await next_turn()
        counters = it.client.counters
        assert counters.sent + counters.dropped == 75_000
        assert 1000 < counters.sent < 30_000
        ami.hang_up()
        await it.until(AmiState.LOST)
        await it.until(AmiState.UP)


async def test_wrong_secret_is_said_once_with_its_mend_and_without_the_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port, "Sesame-1"), QUICK) as it:
        detail = (await it.until(AmiState.WRONG_SECRET)).detail
        while ami.logins < 3:
            await ami.action("Login")
        warnings = [r for r in caplog.records if r.levelno == logging.WARNING]
        ami.secret = "Sesame-1"
        await it.until(AmiState.UP)
    assert len(warnings) == 1
    assert [s.state for s in it.statuses].count(AmiState.WRONG_SECRET) == 1
    for word in ("agi_screen", "ami.secret", "manager.conf", "manager reload"):
        assert word in detail
    assert "Sesame-1" not in caplog.text + detail + repr(it.client.status) + repr(ami_table(1, "Sesame-1"))


async def test_account_that_may_not_send_is_named_and_its_mend_is_noticed() -> None:
    async with FakeAmi() as ami:
        ami.may_send = False
        async with watched(ami_table(ami.port), QUICK) as it:
            assert "write = user" in (await it.until(AmiState.NO_PERMISSION)).detail
            await ami.send(event("Hangup", Uniqueid="1.2"))
            assert (await it.event()).name == "Hangup"
            it.client.user_event("AgiScreenVerdict", {})
            assert (it.client.counters.sent, it.client.counters.dropped) == (0, 1)
            ami.may_send = True
            await it.until(AmiState.UP)


async def test_silent_peer_is_noticed_by_ping() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port), QUICK) as it:
        await it.until(AmiState.UP)
        ami.answers_ping = False
        assert (await it.until(AmiState.LOST)).detail == "no answer to a ping in 0.2 s"
        await asyncio.wait_for(ami.gone.wait(), 5)
        ami.answers_ping = True
        await it.until(AmiState.UP)
        assert ami.logins >= 2


@pytest.mark.parametrize(
    ("banner", "detail"),
    [
        (b"", "no banner in 0.2 s"),
        (b"Asterisk Call Man", "no banner in 0.2 s"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not Asterisk's manager interface"),
        (b"\x00" * 4096, "not Asterisk's manager interface"),
        (b"Asterisk Call Manager/11.0.0\r\n", "no answer to the log-in in 0.2 s"),
    ],
)
async def test_peer_that_is_no_ami_is_refused_with_its_reason(banner: bytes, detail: str) -> None:
    async with FakeAmi() as ami:
        ami.banner, ami.silent = banner, True
        async with watched(ami_table(ami.port), QUICK) as it:
            assert detail in (await it.until(AmiState.REFUSED)).detail
            ami.banner, ami.silent = b"Asterisk Call Manager/11.0.0\r\n", False
            await it.until(AmiState.UP)


async def test_wrong_secret_is_tried_again_at_the_slow_rate() -> None:
    slow = replace(QUICK, retry_most=30)
    async with FakeAmi() as ami, watched(ami_table(ami.port, "wrong"), slow) as it:
        await it.until(AmiState.WRONG_SECRET)
        await ami.action("Login")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ami.action("Login"), 0.3)


async def test_closed_port_is_refused_and_tried_again_until_it_opens(caplog: pytest.LogCaptureFixture) -> None:
    ami = FakeAmi()
    await ami.open()
    await ami.close()
    async with watched(ami_table(ami.port), QUICK) as it:
        assert "refused" in (await it.until(AmiState.REFUSED)).detail
        async with ami:
            await it.until(AmiState.UP)
            ami.hang_up()
            assert (await it.until(AmiState.LOST)).detail
            await it.until(AmiState.UP)
    assert (it.client.counters.logins, it.client.counters.losses) == (2, 1)
    # panoramisk speaks up only where it reconnects by itself, without end.
    assert {r.name for r in caplog.records if r.levelno >= logging.WARNING} == {"agi_screen.inbound.ami"}


async def test_stop_ends_the_wait_for_the_next_attempt_at_once() -> None:
    ami = FakeAmi()
    await ami.open()
    await ami.close()
    it = Watched(ami_table(ami.port))
    await it.client.start()
    await it.until(AmiState.REFUSED)
    await asyncio.wait_for(it.client.stop(), 0.2)
    await it.client.stop()
    assert it.client.state is AmiState.OFF
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_stop_while_connecting_leaves_no_connection() -> None:
    async with FakeAmi() as ami:
        ami.silent = True
        it = Watched(ami_table(ami.port))
        await it.client.start()
        await asyncio.wait_for(ami.connected.wait(), 5)
        await it.client.stop()
        await asyncio.wait_for(ami.gone.wait(), 5)
    assert it.client.state is AmiState.OFF


async def test_disabled_client_stays_off() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port, enabled=False)) as it:
        assert it.client.status.detail == "[ami] enabled = false"
        assert not ami.connected.is_set()


async def test_action_answers_or_says_why_not() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port), QUICK) as it:
        with pytest.raises(AmiError, match="Ping: AMI is connecting"):
            await it.client.action("Ping", {})
        await it.until(AmiState.UP)
        assert (await it.client.action("Ping", {})).fields["Message"] == "Pong"
        with pytest.raises(AmiError, match=r"CoreStatus: no answer \(in 0.2 s\)"):
            await it.client.action("CoreStatus", {})
        with pytest.raises(AmiValueError, match=r"field Channel: the value holds \\x0d at 1"):
            await it.client.action("Hangup", {"Channel": "x\r\nAction: Originate"})
        with pytest.raises(AmiValueError, match="field ActionID"):
            await it.client.action("Hangup", {"ActionID": "1"})


async def test_action_under_way_ends_with_the_connection() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        await it.until(AmiState.UP)
        waiting = asyncio.create_task(it.client.action("CoreStatus", {}))
        await ami.action("CoreStatus")
        ami.hang_up()
        with pytest.raises(AmiError, match="CoreStatus: no answer"):
            await asyncio.wait_for(waiting, 1)


async def test_settings_that_cannot_go_out_are_refused_at_once() -> None:
    with pytest.raises(AmiValueError, match="field Secret"):
        AmiClient(ami_table(1, "a\nb"), lambda event: None, ManualClock())
