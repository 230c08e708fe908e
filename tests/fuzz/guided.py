"""The same target under atheris, which keeps what reaches new lines of pure Python modules. A process of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

# Before any module of ours is imported: what is compiled cannot be seen from inside.
os.environ["AGI_SCREEN_PURE_PYTHON"] = "1"

import atheris

with atheris.instrument_imports(include=["agi_screen"]):
    from tests.fuzz.targets import TARGETS
from tests.fuzz.target import Target

TURN = 500  # inputs between two turns of the loop


def main() -> None:
    """TARGET INPUTS SEED FOLDER"""
    name, inputs, seed, folder = sys.argv[1:5]
    corpus = Path(folder) / f"corpus-{name}"
    corpus.mkdir(parents=True, exist_ok=True)
    target = TARGETS[name]()
    for number, data in enumerate((*target.seeds, *target.corpus())):
        (corpus / f"seed-{number:03}").write_bytes(data)
    logging.disable(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(target.open())
    options = [f"-runs={inputs}", f"-seed={seed}", "-max_len=8192", "-timeout=60", "-rss_limit_mb=2048"]
    options += [f"-artifact_prefix={folder}/{name}-", "-print_final_stats=1", "-verbosity=1"]
    made = target.mutator()

    def custom(data: bytes, most: int, number: int) -> bytes:
        """Half of them by atheris's own changes of what it has, half of the target's own making."""
        chance = Random(number)
        return made(chance)[:most] if chance.random() < 0.5 else atheris.Mutate(data, most)

    atheris.Setup([sys.argv[0], *options, str(corpus)], one(target, loop), custom_mutator=custom)
    atheris.Fuzz()


def one(target: Target, loop: asyncio.AbstractEventLoop) -> Callable[[bytes], None]:
    count = 0

    async def taken(data: bytes) -> None:
        target.take(data)

    def take(data: bytes) -> None:
        nonlocal count
        count += 1
        loop.run_until_complete(taken(data))
        if count % TURN == 0:
            loop.run_until_complete(target.turn())

    return take


if __name__ == "__main__":
    main()
