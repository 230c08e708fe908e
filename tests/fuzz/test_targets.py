"""A moment of each fuzzer, and every input that once broke something. The long runs are `python -m tests.fuzz`."""

from __future__ import annotations

import logging
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.runner import Ran, run, take
from tests.fuzz.target import CORPUS, Target, pieces
from tests.fuzz.targets import TARGETS

INPUTS = 150


@pytest.mark.parametrize("name", TARGETS)
async def test_nothing_breaks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("agi_screen"), "disabled", True)  # refusals are many
    target = TARGETS[name]()
    ran = await run(target, len(target.seeds) + len(target.corpus()) + INPUTS, seed=7)
    assert ran.crashes == {}


@pytest.mark.parametrize("name", TARGETS)
def test_the_same_seed_makes_the_same_inputs(name: str) -> None:
    first, again, other = (
        [target.mutator()(chance) for _ in range(50)]
        for target, chance in ((TARGETS[name](), Random(seed)) for seed in (1, 1, 2))
    )
    assert first == again
    assert first != other


def test_every_corpus_is_of_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} <= TARGETS.keys()
    assert all(path.stat().st_size < 8192 for path in CORPUS.rglob("*") if path.is_file())


def test_what_breaks_is_kept_and_counted(tmp_path: Path) -> None:
    """The runner itself: a fuzzer that cannot fail finds nothing."""

    class Broken(Target):
        name, what, seeds = "broken", "a target that breaks", (b"x",)

        def take(self, data: bytes) -> None:
            if b"b" in data:
                raise KeyError(data)

    ran = Ran("broken", 1)
    for data in (b"a", b"b", b"bb"):
        take(Broken(), data, ran, tmp_path)
    assert (ran.inputs, ran.failed, len(ran.crashes)) == (3, 2, 1)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"b"]


def test_pieces_are_the_whole() -> None:
    for n in range(200):
        data = bytes(range(n))
        assert b"".join(pieces(data)) == data
