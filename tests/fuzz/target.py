"""What is fuzzed: takes one input after the other, and raises where a promise is broken."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from tests.fuzz.mutator import Mutator

CORPUS = Path(__file__).with_name("corpus")


class Target(ABC):
    """`take` is given bytes, and raises nothing whatever they are; only a broken promise is an error."""

    name: str
    what: str
    words: Sequence[bytes] = ()
    line_end = b"\n"
    between = b": "
    modules: Sequence[str] = ()  # pure Python whose coverage guides atheris

    @property
    @abstractmethod
    def seeds(self) -> Sequence[bytes]:
        """Valid messages."""

    @abstractmethod
    def take(self, data: bytes) -> None:
        """One input."""

    async def open(self) -> None:  # noqa: B027  most have nothing to open
        """Before the first input, in the running loop."""

    async def turn(self) -> Sequence[tuple[bytes, Exception]]:
        """Between batches of inputs; ends what the batch began, and tells which of them broke a promise."""
        return ()

    async def close(self) -> None:  # noqa: B027
        """After the last input."""

    def corpus(self) -> list[bytes]:
        """Interesting inputs, kept in the repository: what broke something once, and what no seed reaches."""
        folder = CORPUS / self.name
        return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.is_dir() else []

    def mutator(self) -> Mutator:
        return Mutator([*self.seeds, *self.corpus()], self.words, self.line_end, self.between)


def pieces(data: bytes, most: int = 6) -> list[bytes]:
    """The same bytes in some pieces; of the same bytes always the same ones."""
    mixed, size = crc32(data), len(data) + 1
    cuts = sorted((mixed * (2 * n + 1) >> n & 0xFFFFFF) % size for n in range(mixed % most))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
