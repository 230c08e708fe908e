"""What an attack must not do: teach that it is usual. And what a reload must not: forget."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given

from agi_screen.base.verdict import Level, Verdict
from agi_screen.judge.arrivals import HOURS
from agi_screen.judge.level import Override
from agi_screen.settings import Settings, load
from agi_screen.what_if.rehearsal import Learned, Rehearsal
from tests.judge.calls import JSON, poisson, shaped

DAY = 86_400.0
START = 1.7e9
RATE = 0.1
DID = "18005550100"
AREAS = (612, 651, 763, 952, 218, 320, 507)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = tmp_path_factory.mktemp("memory") / "agi-screen.toml"
    path.write_text("")
    return load(path)


def knowing(settings: Settings) -> Rehearsal:
    """A centre that knows its rate and its areas."""
    made = Rehearsal(settings, START)
    baseline = {"rates": [RATE] * HOURS, "lessons": [500.0] * HOURS}
    blocks = [{}, {}, {f"+1{area}": 9_000 / len(AREAS) for area in AREAS}]
    made.judge.take_over({"surge": {"baseline": baseline}, "blocks": {"calls": 9_000, "blocks": blocks}})
    return made


def arrive(made: Rehearsal, rate: float, seconds: float, areas: tuple[int, ...], seed: int = 1) -> list[Level]:
    """Callers by chance, each once."""
    chance, levels = random.Random(seed), []
    for at in poisson(rate, seconds, seed, made.clock.wall()):
        caller = f"1{chance.choice(areas)}{chance.randrange(2_200_000, 9_000_000)}"
        levels.append(made.arrives(at, caller, DID)[1].level)
        made.judge.memory.quiet(made.clock.ticks(), at)
    return levels


def rates(made: Rehearsal) -> list[float]:
    return [made.judge.memory.surge.baseline.expected(START + hour * 3600) for hour in range(HOURS)]


def test_a_day_of_attack_teaches_nothing(settings: Settings) -> None:
    made = knowing(settings)
    arrive(made, RATE, 3600.0, AREAS)
    rates_before, learned_before = rates(made), made.judge.memory.blocks.learned
    levels = arrive(made, 10 * RATE, DAY, (*AREAS, 808, 907))
    assert levels.count(Level.SIEGE) > 0.99 * len(levels)
    arrive(made, RATE, 7200.0, AREAS)
    assert made.judge.level is Level.NORMAL
    assert rates(made) == pytest.approx(rates_before, rel=0.2)
    assert made.judge.memory.blocks.learned - learned_before < 1000
    assert made.judge.memory.blocks.area_share("+18085552671") < 0.005


@pytest.mark.parametrize("word", [Level.NORMAL, Level.SIEGE])
def test_an_attack_teaches_nothing_whatever_a_person_says_of_the_level(settings: Settings, word: Level) -> None:
    """`normal` by hand keeps callers from being challenged; it does not make thirty times the usual usual."""
    made = knowing(settings)
    made.judge.memory.level.set(Override(word, 0.0, "anna", ""), START)
    before = rates(made)
    levels = arrive(made, 10 * RATE, DAY / 4, AREAS)
    assert set(levels) == {word}
    assert rates(made) == pytest.approx(before, rel=0.2)


def test_quiet_days_teach(settings: Settings) -> None:
    made = Rehearsal(settings, START)
    arrive(made, 3 * RATE, DAY, AREAS)
    assert rates(made)[12] == pytest.approx(3 * RATE, rel=0.3)
    assert made.judge.memory.blocks.learned > 10_000
    assert made.judge.memory.blocks.area_share("+16125552671") == pytest.approx(1 / len(AREAS), rel=0.2)


def test_a_reload_forgets_nothing(settings: Settings) -> None:
    made = knowing(settings)
    levels = arrive(made, 31 * RATE, 120.0, AREAS)
    assert levels[-1] is Level.SIEGE
    kept, callers = made.judge.keep(), len(made.judge.memory.callers)
    made.judge.configure(settings.config, settings.signals, made.clock.wall())
    assert made.judge.level is Level.SIEGE
    assert made.judge.keep() == kept
    assert len(made.judge.memory.callers) == callers


def test_explaining_counts_nothing(settings: Settings) -> None:
    made = knowing(settings)
    call, _ = made.arrives(START, "16125552671", DID)
    kept = made.judge.keep()
    said = {made.judge.explain(call).reasons for _ in range(100)}
    assert len(said) == 1
    assert made.judge.keep() == kept
    assert made.judge.memory.level.beyond == (1.0, 1.0)


def test_what_was_learned_begins_another_rehearsal(settings: Settings) -> None:
    made, again = knowing(settings), Rehearsal(settings, START)
    arrive(made, RATE, 3600.0, AREAS)
    again.take_over(made.keep())
    assert again.keep() == made.keep()


@given(shaped(blocks=JSON, surge=JSON, signals=shaped(regularity=JSON, known_caller=JSON)))
def test_any_json_is_borne(settings: Settings, kept: dict[str, object]) -> None:
    made = Rehearsal(settings, START)
    made.take_over(Learned(kept, ()))
    assert made.arrives(START, "16125552671", DID)[1].verdict is Verdict.ALLOW


def test_a_rehearsals_clock_goes_forward_only(settings: Settings) -> None:
    made = Rehearsal(settings, START)
    first, _ = made.arrives(START + 10, "16125552671", DID)
    second, _ = made.arrives(START, "16125552671", DID)
    assert second.started == first.started
    assert second.ticks == first.ticks


def test_a_rehearsal_is_the_same_twice(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "agi-screen.toml").write_text("")
    one, two = Rehearsal(settings, START), Rehearsal(load(tmp_path / "agi-screen.toml"), START)
    assert arrive(one, 3.0, 600.0, AREAS) == arrive(two, 3.0, 600.0, AREAS)
    assert one.keep() == two.keep()
