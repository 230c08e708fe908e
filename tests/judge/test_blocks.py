"""Number blocks: bounded, just to the neighbours of a robot's numbers, and deaf to any file."""

import random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import Call
from agi_screen.judge.blocks import DEPTHS, ENOUGH, LEARNED, LESSON, NO_BLOCK, WINDOW, Block, Blocks, Limits
from tests.judge.calls import JSON, MISSING, WITHHELD, a_call_at, shaped

LIMITS = Limits(thousand=6.0, exchange=10.0, area=40.0)
STARTED = 1e6


def blocks(capacity: int = 1000) -> Blocks:
    return Blocks(capacity, LIMITS)


def teach(made: Blocks, area: str, calls: float) -> None:
    """So many calls of normal traffic, from all over an area such as `+1415`."""
    chance = random.Random(1)
    for _ in range(round(calls)):
        made.learn(a_call_at(0.0, f"{area}{chance.randrange(10**7):07d}"))


def send(made: Blocks, numbers: list[str], at: float = STARTED, usual: float = 0.0) -> Block:
    """One call a second; what was found at the last."""
    found = NO_BLOCK
    for second, number in enumerate(numbers):
        found = made.take(a_call_at(at + second, number), usual)
    return found


def of_block(prefix: str, many: int, seed: int = 1) -> list[str]:
    """Different numbers of a block, by chance."""
    wide = 12 - len(prefix)
    return [f"{prefix}{n:0{wide}d}" for n in random.Random(seed).sample(range(10**wide), many)]


def test_a_call_alone_stands_out_nowhere() -> None:
    assert send(blocks(), ["+14155552671"]).over < 1.0


def test_a_block_that_jumps_stands_out_and_cools_down() -> None:
    made = blocks()
    assert send(made, of_block("+14155552", 20)).over > 2.0
    assert made.take(a_call_at(STARTED + 20 * WINDOW, "+14155552671"), 0.0).over < 1.0


@pytest.mark.parametrize(("neighbour", "depth"), [("+14155559000", "exchange"), ("+14158889000", "area")])
def test_the_jump_of_a_block_is_not_its_neighbours(neighbour: str, depth: str) -> None:
    made = blocks()
    teach(made, "+1612", 2 * ENOUGH)  # so much is known, and nothing of +1415
    assert send(made, of_block("+14155552", 900)).over > 1.0
    assert made.peek(a_call_at(STARTED + 900, neighbour), 0.0).over < 1.0, depth


def test_a_robot_that_uses_a_whole_exchange_is_seen_there() -> None:
    made = blocks()
    teach(made, "+1612", 2 * ENOUGH)
    numbers = [f"+1415555{n % 10}{n:03d}" for n in range(40)]  # four calls of each thousand
    found = send(made, numbers)
    assert found.over > 1.0
    assert found.digits == len("1415555")


def test_before_enough_is_known_only_the_deepest_block_speaks() -> None:
    made = blocks()
    numbers = [f"+1415555{n % 10}{n:03d}" for n in range(40)]
    teach(made, "+1612", ENOUGH / 2)
    assert send(made, numbers).over < 1.0
    assert made.area_share("+14155552671") == -1.0
    assert send(made, of_block("+14157773", 20), at=STARTED + 9 * WINDOW).over > 1.0


def test_the_usual_share_of_a_block_is_excused() -> None:
    made, other = blocks(), blocks()
    teach(made, "+1415", 2 * ENOUGH)
    teach(other, "+1612", 2 * ENOUGH)
    town = of_block("+1415", 150)
    assert send(made, town, usual=150.0).over < 1.0
    assert send(other, town, usual=150.0).over > 1.0


def test_the_share_of_an_area_is_what_it_brought() -> None:
    made = blocks()
    for _ in range(5):
        teach(made, "+1415", 400)
        teach(made, "+1612", 1200)
    assert made.area_share("+14155552671") == pytest.approx(0.25, abs=0.02)
    assert made.area_share("+12125552671") == 0.0


def test_what_is_learned_fades_and_stays_bounded() -> None:
    made = blocks()
    teach(made, "+1415", 3 * LEARNED)
    kept = made.keep()["blocks"]
    assert made.learned <= LEARNED + LESSON
    assert isinstance(kept, list)
    assert all(len(block) <= LEARNED for block in kept)
    assert made.area_share("+14150000000") == pytest.approx(1.0)


@pytest.mark.parametrize("many", [10, 20, 40, 60])
@pytest.mark.parametrize("step", [0, 1, 10])
def test_distinct_numbers_are_estimated(many: int, step: int) -> None:
    """By chance, in a row, in tens: the mean of many blocks is right within a tenth, and nearly all within a third."""
    found = []
    for seed in range(60):
        base = f"+1415{seed + 200}2"
        numbers = of_block(base, many, seed) if not step else [f"{base}{step * n:03d}" for n in range(many)]
        found.append(send(blocks(), numbers * 2).distinct)
    assert mean(found) == pytest.approx(many, rel=0.1)
    assert sum(abs(d - many) < many / 3 for d in found) >= 0.9 * len(found)


def test_one_number_again_and_again_is_one() -> None:
    assert send(blocks(), ["+14155552671"] * 50).distinct == pytest.approx(1.0, abs=0.05)


def test_calls_next_to_the_last_are_counted() -> None:
    in_a_row = send(blocks(), [f"+14155552{n:03d}" for n in range(100, 112)])
    assert in_a_row.sequential == pytest.approx(11, rel=0.05)
    assert send(blocks(), [f"+14155552{n:03d}" for n in range(112, 100, -1)]).sequential > 10
    assert send(blocks(), [f"+14155552{n:03d}" for n in range(0, 1000, 50)]).sequential == 0
    assert send(blocks(), ["+14155552671"] * 12).sequential == 0


NUMBERS = st.lists(
    st.sampled_from(of_block("+14155552", 4) + of_block("+1415555", 4) + of_block("+1415", 8)), max_size=90
)


@given(NUMBERS, st.booleans(), st.floats(0, 100))
def test_peek_finds_what_take_would_and_counts_nothing(numbers: list[str], taught: bool, usual: float) -> None:
    made = blocks()
    if taught:
        teach(made, "+1612", 2 * ENOUGH)
    send(made, numbers)
    call = a_call_at(STARTED + len(numbers), "+14155552671")
    before = made.peek(call, usual)
    assert made.peek(call, usual) == before
    taken = made.take(call, usual)
    assert (before.digits, before.share) == (taken.digits, taken.share)
    assert (before.over, before.calls, before.usual) == pytest.approx((taken.over, taken.calls, taken.usual))


@given(st.lists(st.integers(0, 10**10 - 1), max_size=200))
def test_memory_is_bounded(numbers: list[int]) -> None:
    made = blocks(capacity=5)
    for second, number in enumerate(numbers):
        made.take(a_call_at(float(second), f"+1{number:010d}"), 0.0)
        assert all(len(counts) <= 5 for counts in made._counts)


@pytest.mark.parametrize("caller", [WITHHELD, MISSING, "411", "+1234"])
def test_callers_without_a_block_have_none(caller: str) -> None:
    made = blocks()
    for second in range(100):
        call = a_call_at(float(second), caller)
        assert made.take(call, 0.0).over == made.peek(call, 0.0).over == 0.0
        made.learn(call)
    assert made.learned == 0.0


def test_what_is_kept_can_be_taken_over() -> None:
    made, again = blocks(), blocks()
    teach(made, "+1415", 2 * ENOUGH)
    again.take_over(made.keep())
    assert again.keep() == made.keep()
    assert again.area_share("+14155552671") == made.area_share("+14155552671") > 0.0


@given(
    JSON.filter(lambda kept: isinstance(kept, dict))
    | shaped(calls=st.just(5.0), blocks=st.lists(JSON | st.just({"+1": 2.0}), min_size=3, max_size=3))
)
def test_any_json_is_borne(kept: dict[str, object]) -> None:
    made = blocks()
    made.take_over(kept)
    call: Call = a_call_at(STARTED)
    for _ in range(LESSON):
        made.learn(call)
    found = made.take(call, 10.0)
    assert 0.0 <= found.over < 1.0
    assert all(0.0 <= made._share(place, "+1415") <= 1.0 for place in range(len(DEPTHS)))


@pytest.mark.parametrize(
    "kept",
    [
        {"calls": 10, "blocks": [{"+1415": 11.0}, {}, {}]},
        {"calls": float("nan"), "blocks": [{}, {}, {}]},
        {"calls": 10, "blocks": [{"+1415": "9"}, {}, {}]},
        {"calls": -1, "blocks": [{}, {}, {}]},
        {"calls": True, "blocks": [{}, {}, {}]},
        {"calls": 10, "blocks": [{}, {}]},
    ],
)
def test_a_file_that_cannot_be_ours_changes_nothing(kept: dict[str, object]) -> None:
    made = blocks()
    teach(made, "+1415", ENOUGH)
    before = made.keep()
    made.take_over(kept)
    assert made.keep() == before


def test_the_spacing_of_a_block_is_a_clock_s_or_chance() -> None:
    found = send(blocks(), of_block("+14155552", 30))
    assert found.gaps == 29
    assert found.gap == pytest.approx(1.0)
    assert found.evenness == pytest.approx(0.0, abs=1e-6)
    made, chance, at = blocks(), random.Random(3), STARTED
    for number in of_block("+14155552", 200):
        at += chance.expovariate(0.2)
        found = made.take(a_call_at(at, number), 0.0)
    assert 0.5 < found.evenness < 1.6


def test_a_new_installation_does_not_take_an_attack_for_its_usual_traffic() -> None:
    """Four lines dial the numbers of one block, from the first call of a new daemon on."""
    made, spoke = blocks(), 0
    for n, number in enumerate(of_block("+16515552", 60)):
        call = a_call_at(STARTED + 4 * n, number)
        over = made.take(call, 150.0).over > 1.0
        spoke += over
        if not over:
            made.learn(call)
    assert spoke > 40
