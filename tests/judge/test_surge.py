"""Surges: of strangers and of known callers, of each trunk and each dialled number, apart from each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.config import Arrivals
from agi_screen.base.toml_file import DEFAULTS, read_tables
from agi_screen.judge.arrivals import HOURS
from agi_screen.judge.surge import CALM, PLACES, Surge, Surges
from tests.judge.calls import JSON, a_call_at, poisson, shaped

CONFIG = Arrivals.model_validate(read_tables(DEFAULTS)[0]["arrivals"])
RATE = 0.5
DIDS, TRUNKS = ("+18005550100", "+18005550101"), ("north", "south")


def surge() -> Surge:
    """A centre that knows its rate, of which each trunk and each number brings half, and known callers a fifth."""
    made = Surge(CONFIG)
    made.baseline.take_over({"rates": [RATE] * HOURS, "lessons": [100.0] * HOURS})
    made.baseline.taught(1.0, usual=True)
    for n in range(4000):
        made.learn(a_call_at(0.0, "+14155552671", DIDS[n % 2], TRUNKS[n // 2 % 2]), known=n % 5 == 0)
    return made


def send(made: Surge, rate: float, seconds: float, at: float = 0.0, known: bool = False, did: int = 0) -> Surges:
    """Chance calls over one trunk to one number; what is found after them."""
    for moment in poisson(rate, seconds, 1, at):
        made.count(a_call_at(moment, "+14155552671", DIDS[did], TRUNKS[0]), known=known)
    return look(made, at + seconds, did)


def look(made: Surge, at: float, did: int = 0, trunk: int = 0) -> Surges:
    return made.take(a_call_at(at, "+14155552671", DIDS[did], TRUNKS[trunk]))


def test_usual_traffic_is_calm() -> None:
    made, found = surge(), []
    for n, at in enumerate(poisson(RATE, 80_000.0, 1)):
        call = a_call_at(at, "+14155552671", DIDS[n % 2], TRUNKS[n // 2 % 2])
        found.append(made.take(call))
        made.count(call, known=n % 5 == 0)
    assert set(found) == {CALM}


def test_a_flood_of_strangers_is_one_of_strangers() -> None:
    made = surge()
    found = send(made, 20 * RATE, 60.0)
    assert min(found.unknown, found.trunk, found.did) >= 0.5
    assert found.known == 0.0


def test_the_other_trunk_and_the_other_number_are_not_attacked() -> None:
    made = surge()
    send(made, 20 * RATE, 60.0)
    other = look(made, 60.0, did=1, trunk=1)
    assert (other.trunk, other.did) == (0.0, 0.0)
    assert other.unknown >= 0.5


def test_a_surge_of_known_callers_is_told_apart() -> None:
    found = send(surge(), 20 * RATE, 60.0, known=True)
    assert found.known >= 0.5
    assert (found.unknown, found.trunk, found.did) == (0.0, 0.0, 0.0)


def test_it_grows_and_outlasts_a_pause_between_pulses_and_ends() -> None:
    made = surge()
    small, great = send(made, 6 * RATE, 20.0).unknown, send(made, 30 * RATE, 60.0, at=20.0).unknown
    assert small < great < 1.0
    assert look(made, 80.0 + 0.9 * CONFIG.calm).unknown == 0.5
    assert look(made, 80.0 + 2.0 * CONFIG.calm) is CALM


def test_an_unknown_share_makes_no_surge() -> None:
    """A new centre, and a new number of it: what is not known yet is excused."""
    made = Surge(CONFIG)
    made.baseline.taught(1.0, usual=True)
    start = CONFIG.start.per_second
    assert send(made, start, 1000.0) == CALM


rates = st.lists(st.tuples(st.floats(0, 300), st.booleans(), st.integers(0, 400)), max_size=80)


@given(rates)
def test_strengths_are_none_or_from_a_half_to_one_and_places_are_bounded(calls: list[tuple[float, bool, int]]) -> None:
    made, at = surge(), 0.0
    for wait, known, key in calls:
        at += wait if wait > 100 else 0.0
        call = a_call_at(at, "+14155552671", str(key), str(key))
        made.count(call, known=known)
        made.learn(call, known=known)
        assert all(not strength or 0.5 <= strength <= 1.0 for strength in made.take(call))
    assert len(made._by_trunk) <= PLACES
    assert all(len(shares.counts) <= PLACES for _, shares in made._named)


def test_places_are_bounded() -> None:
    made = surge()
    for n in range(3 * PLACES):
        call = a_call_at(float(n), "+14155552671", str(n), str(n))
        made.take(call)
        made.learn(call, known=False)
    assert len(made._by_trunk) <= PLACES
    assert len(made._by_did) <= PLACES
    assert all(len(shares.counts) <= PLACES for _, shares in made._named)
    assert made._trunks.counts["north"] == 2000  # the greatest stay


def test_new_figures_end_surges_and_keep_what_was_learned() -> None:
    made = surge()
    send(made, 20 * RATE, 60.0)
    kept = made.keep()
    made.configure(CONFIG)
    assert look(made, 60.0) is CALM
    assert made.keep() == kept


def test_what_is_kept_can_be_taken_over() -> None:
    made, again = surge(), Surge(CONFIG)
    again.take_over(made.keep())
    assert again.keep() == made.keep()
    again.baseline.taught(1.0, usual=True)
    assert send(again, 20 * RATE, 60.0) == send(made, 20 * RATE, 60.0)


SHARES = shaped(trunks=st.just({"north": 5.0}), dids=st.just({str(n): 1.0 for n in range(2 * PLACES)}), sorts=JSON)


@given(shaped(baseline=JSON, shares=SHARES))
def test_any_json_is_borne(kept: dict[str, object]) -> None:
    made = Surge(CONFIG)
    made.take_over(kept)
    call = a_call_at(1.0)
    for known in (True, False):
        made.learn(call, known=known)
        made.count(call, known=known)
    assert made.take(call) is CALM
    for _, shares in made._named:
        assert len(shares.counts) <= PLACES + 1
        assert all(0.0 < shares.of(key) <= 1.0 for key in [*shares.counts, "north"])


@pytest.mark.parametrize("shares", [{"trunks": []}, {"trunks": {"a": "b"}}, {"trunks": {"a": float("nan")}}, [], 7])
def test_shares_that_cannot_be_ours_change_nothing(shares: object) -> None:
    made = surge()
    before = made.keep()
    made.take_over({"shares": shares})
    assert made.keep() == before
