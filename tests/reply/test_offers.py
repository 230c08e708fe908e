"""How often a CAPTCHA is offered: to a caller, to a number block; and the centre's own limits."""

from __future__ import annotations

from agi_screen.base.call import Call, Number, NumberKind
from agi_screen.base.units import Rate
from agi_screen.reply.captcha.offers import Offers
from tests.reply.shipped import CAPTCHA

SECOND = 1_000_000_000


def call(number: str, at: float = 0.0, kind: NumberKind = NumberKind.VALID) -> Call:
    ticks = int((1000 + at) * SECOND)
    e164 = number if kind is NumberKind.VALID else ""
    return Call("", Number(number, e164, kind), Number("1", "+18005550100", NumberKind.VALID), "t", "", "", at, ticks)


def offers() -> Offers:
    return Offers(CAPTCHA, Rate(2, 3600.0))


def test_one_number_is_asked_three_times_an_hour() -> None:
    room = offers()
    assert [room.take(call("+14155552671", at)) for at in (0, 1, 2, 3)] == [True, True, True, False]
    assert room.take(call("+14155552671", 1300.0))


def test_a_block_is_asked_four_times_in_ten_minutes() -> None:
    room = offers()
    assert [room.take(call(f"+141555520{n:02d}")) for n in range(6)] == [True] * 4 + [False] * 2
    assert room.take(call("+14155553000"))


def test_withheld_numbers_are_many_people() -> None:
    room = offers()
    assert all(room.take(call("", kind=NumberKind.ANONYMOUS)) for _ in range(50))


def test_the_limits_of_the_whole_centre() -> None:
    room, now = offers(), 1000 * SECOND
    assert sum(room.human(now) for _ in range(100)) == 12
    assert sum(room.easy(now) for _ in range(100)) == 2


def test_new_limits_forgive_nothing() -> None:
    room = offers()
    for _ in range(3):
        room.take(call("+14155552671"))
    room.configure(CAPTCHA.model_copy(update={"per_block": Rate(100, 60.0)}), Rate(2, 3600.0))
    assert not room.take(call("+14155552671"))
