"""Passes against a model, and the ways somebody else could want to use one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.clock import ManualClock
from agi_screen.base.records import Pass
from agi_screen.judge.passes import PassBook

CALLER, TRUNK = "+14155550100", "PJSIP/a"
callers = st.sampled_from(["+1", "+2", "3"])
trunks = st.sampled_from(["a", "b"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), callers, trunks),
        st.tuples(st.just("use"), callers, trunks),
        st.tuples(st.just("revoke"), callers, st.just("")),
        st.tuples(st.just("wait"), st.sampled_from(["3", "7", "10"]), st.just("")),
    )
)


def book(clock: ManualClock, capacity: int = 100) -> PassBook:
    return PassBook(capacity, clock, uses=2, seconds=10.0)


@given(steps)
def test_as_the_model_says(found: list[tuple[str, str, str]]) -> None:
    clock = ManualClock(1000.0)
    passes = book(clock)
    model: dict[tuple[str, str], tuple[int, float]] = {}
    for what, caller, trunk in found:
        key = (caller, trunk)
        if what == "grant":
            passes.grant(caller, trunk)
            model[key] = (2, clock.wall() + 10)
        elif what == "use":
            uses, expires = model.get(key, (0, 0.0))
            good = uses > 0 and clock.wall() < expires
            assert passes.use(caller, trunk) is good
            if good:
                model[key] = (uses - 1, expires)
        elif what == "revoke":
            passes.revoke(caller)
            model = {k: v for k, v in model.items() if k[0] != caller}
        else:
            clock.advance(float(caller))
    good_now = {k: v for k, v in model.items() if v[0] > 0 and clock.wall() < v[1]}
    assert len(passes) == len(good_now)
    for (caller, trunk), (uses, expires) in good_now.items():
        assert passes.peek(caller, trunk) == Pass(caller, trunk, uses, expires)


@given(steps)
def test_what_is_written_behind_restores_the_same(found: list[tuple[str, str, str]]) -> None:
    clock = ManualClock(1000.0)
    passes, kept = book(clock), dict[tuple[str, str], Pass]()
    for what, caller, trunk in found:
        if what == "wait":
            clock.advance(float(caller))
        else:
            getattr(passes, what)(*(caller, trunk) if trunk else (caller,))
        kept.update({(p.caller, p.trunk): p for p in passes.dirty()})
    again = book(clock)
    again.restore(kept.values())
    for caller in ("+1", "+2", "3"):
        for trunk in ("a", "b"):
            assert again.peek(caller, trunk) == passes.peek(caller, trunk)
    assert again.dirty() == []


@pytest.mark.parametrize("caller", ["", "anonymous", "unknown", "absent", "Restricted", " +1"])
def test_a_caller_without_a_number_never_gets_one(caller: str) -> None:
    passes = book(ManualClock())
    assert passes.grant(caller, TRUNK).uses_left == 0
    passes.restore([Pass(caller, TRUNK, 5, 99.0)])
    assert not passes.use(caller, TRUNK)
    assert passes.dirty() == []


def test_a_pass_is_bound_to_its_trunk() -> None:
    passes = book(ManualClock())
    passes.grant(CALLER, TRUNK)
    assert not passes.use(CALLER, "PJSIP/b")
    assert passes.use(CALLER, TRUNK)


def test_a_pass_that_a_guess_could_have_won_is_worth_one_call() -> None:
    passes = book(ManualClock())
    passes.grant(CALLER, TRUNK, sure=False)
    assert [passes.use(CALLER, TRUNK) for _ in range(2)] == [True, False]


def test_a_full_book_forgets_who_was_quiet_longest() -> None:
    passes = book(ManualClock(), capacity=2)
    for caller in ("+1", "+2"):
        passes.grant(caller, TRUNK)
    passes.use("+1", TRUNK)
    passes.grant("+3", TRUNK)
    assert [passes.peek(c, TRUNK) is not None for c in ("+1", "+2", "+3")] == [True, False, True]


def test_news_that_nobody_collects_are_bounded() -> None:
    passes = book(ManualClock(), capacity=3)
    for n in range(10):
        passes.grant(f"+{n}", TRUNK)
    assert [p.caller for p in passes.dirty()] == ["+7", "+8", "+9"]


def test_new_terms_count_for_new_passes_only() -> None:
    passes = book(ManualClock())
    passes.grant("+1", TRUNK)
    passes.configure(uses=5, seconds=50.0)
    assert passes.grant("+2", TRUNK) == Pass("+2", TRUNK, 5, 50.0)
    assert passes.peek("+1", TRUNK) == Pass("+1", TRUNK, 2, 10.0)
