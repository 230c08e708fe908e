"""What is known of callers, in the store: written again and again, read back the same, the known ones first."""

from agi_screen.base.records import CallerRecord
from agi_screen.base.store import Store
from tests.made import NOON


def a_caller(caller: str, talked: float = 0.0, **more: object) -> CallerRecord:
    made = CallerRecord(caller, 3, talked, 0.0, 1, 2, 1, 0, NOON, 0, 0, 0.0, 4, 2, "PJSIP/carrier")
    return made._replace(**more)  # type: ignore[arg-type]


async def test_every_column_comes_back(store: Store) -> None:
    made = CallerRecord("+14155552671", 1, 61.5, NOON + 1, 2, 3, 4, 9, NOON + 2, 5, 6, NOON + 3, 7, 8, "t")
    assert len(set(made)) == len(made)
    await store.save_callers([made])
    assert await store.callers(10) == [made]


async def test_the_last_word_replaces_the_one_before(store: Store) -> None:
    await store.save_callers([a_caller("+1"), a_caller("+2")])
    await store.save_callers([a_caller("+1", talks=4)])
    assert {c.caller: c.talks for c in await store.callers(10)} == {"+1": 4, "+2": 3}


async def test_the_oldest_come_first_and_the_newest_are_kept(store: Store) -> None:
    heard = {"+1": NOON + 3, "+2": NOON + 1, "+3": NOON + 2, "+4": NOON + 4}
    await store.save_callers([a_caller(caller, captcha_at=at) for caller, at in heard.items()])
    assert [c.caller for c in await store.callers(3)] == ["+3", "+1", "+4"]


async def test_the_newest_of_a_talk_a_captcha_and_a_mark_counts(store: Store) -> None:
    moments = ("last_talk", "captcha_at", "marked_at")
    for n, moment in enumerate(moments):
        never = dict.fromkeys(moments, 0.0)
        await store.save_callers([a_caller(f"+{n}", **{**never, moment: NOON - n})])
    assert [c.caller for c in await store.callers(10)] == ["+2", "+1", "+0"]


async def test_a_flood_of_failed_captchas_pushes_out_nobody_who_is_known(store: Store) -> None:
    talked, marked = a_caller("+1", talked=60.0), a_caller("+2", person=1)
    strangers = [a_caller(f"+1415{n:07d}", captcha_at=NOON + n) for n in range(100)]
    await store.save_callers([talked, marked, *strangers])
    assert {c.caller for c in await store.callers(2)} == {"+1", "+2", strangers[-1].caller, strangers[-2].caller}


async def test_text_that_utf_8_cannot_carry_is_written_nonetheless(store: Store) -> None:
    await store.save_callers([a_caller("+1\udcff", trunk="\ud800"), a_caller("+2")])
    assert {c.caller for c in await store.callers(10)} == {"+1?", "+2"}
