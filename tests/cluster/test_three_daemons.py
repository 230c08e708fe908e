"""Three daemons and one Redis: a limit is one limit, a pass is one pass, and what one learned all know."""

from __future__ import annotations

import asyncio

from tests.asterisk.until import until
from tests.cluster.daemons import Machine, counts, over_the_limit
from tests.cluster.servers import Server


async def test_a_limit_holds_over_all_of_them_to_the_call(three: list[Machine], redis: Server) -> None:
    caller = "+16515550142"
    verdicts = await asyncio.gather(*(three[n % 3].call(caller) for n in range(60)))
    assert counts(verdicts) == {False: 20, True: 40}
    assert all(machine.shared()["shared"] for machine in three)
    with redis.client() as client:
        assert not [key for key in client.scan_iter() if caller[1:].encode() in key], "no number in clear"
        assert not [key for key in client.scan_iter("agi-screen:c:*") if client.pttl(key) < 0], "nothing for ever"


async def test_a_pass_is_good_everywhere_and_revoked_everywhere(three: list[Machine]) -> None:
    caller, (one, two, third) = "+16515550143", three
    for n in range(28):
        await three[n % 3].call(caller)
    assert "SCREEN_VERDICT=challenge" in await two.call(caller)
    passed = await one.call(caller, "captcha", keys="right")
    assert "SCREEN_CAPTCHA=passed" in passed
    for machine in (two, third, two, third, one):
        assert "pass" in await machine.call(caller)
    for machine in three:
        assert "SCREEN_VERDICT=challenge" in await machine.call(caller), "five uses on all of them together"
    await two.call(caller, "captcha", keys="right")
    assert "SCREEN_VERDICT=allow" in await one.call(caller)
    assert "SCREEN_CAPTCHA=failed" in await third.call(caller, "captcha", keys="999999999")
    for machine in three:
        assert "SCREEN_VERDICT=challenge" in await machine.call(caller)


async def test_what_one_learned_of_a_caller_the_others_know(three: list[Machine]) -> None:
    caller, (one, two, third) = "+16515550144", three
    assert "captcha_history" not in await two.call(caller)
    assert "SCREEN_CAPTCHA=failed" in await one.call(caller, "captcha", keys="999999999")
    for machine in (two, third):
        assert "captcha_history" in await machine.call(caller)


async def test_captchas_are_offered_so_often_on_all_of_them_together(three: list[Machine]) -> None:
    caller = "+16515550145"
    told = [await machine.call(caller, "captcha", keys="999999999") for machine in three]
    assert ["SCREEN_CAPTCHA=failed" in line for line in told] == [True] * 3
    assert "captcha_limit" in await three[0].call(caller, "captcha", keys="999999999")


async def test_a_daemon_that_was_killed_knows_its_callers_again(three: list[Machine]) -> None:
    caller, machine = "+16515550146", three[2]
    assert counts([await machine.call(caller) for _ in range(20)]) == {False: 20}
    machine.kill()
    machine.start()
    machine.is_ready()
    await until(machine.in_touch)
    assert over_the_limit(await machine.call(caller))
