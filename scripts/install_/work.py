"""An install from its first step to its last. Each step looks at the disk itself: what is done is not done again."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.install_.changes import Change, Note
from scripts.install_.errors import InstallError
from scripts.install_.hand import Hand
from scripts.install_.kept import Kept
from scripts.install_.options import Options
from scripts.install_.site import Site
from scripts.install_.step import STEPS, Step
from scripts.install_.steps.doctor import Ask

Say = Callable[[str], None]


class Work:
    """One install. The secret is the same through all of it."""

    def __init__(self, options: Options, say: Say, hand: Hand | None = None, secret: str = "") -> None:
        self.options = options
        self._say = say
        self._hand = hand or Hand()
        self._secret = secret or Site(options).new_secret

    def _kept(self) -> Kept:
        return Kept.load(self.options.real(self.options.prefix))

    @property
    def steps(self) -> Sequence[Step]:
        return [step for step in STEPS if step.name not in self.options.skip]

    def show(self) -> int:
        """Everything that would be done now; the number of changes. What follows from a change may be one more."""
        return sum(self._step(step, lambda _: None) for step in self.steps)

    def do(self) -> int:
        """The number of changes that were made."""
        with locked(self.options.real(self.options.prefix)):
            kept = self._kept()
            return sum(self._step(step, lambda change: change.do(self._hand, kept)) for step in self.steps)

    def _step(self, step: Step, act: Callable[[Change], None]) -> int:
        """Each change is made before the next is thought of: a new user's number is known to the folder after it."""
        self._say(f"==> {step.name or 'folders'}: {step.about}")
        count = told = 0
        for change in step.changes(Site(self.options, self._secret), self._kept()):
            told += 1
            count += not isinstance(change, Note | Ask)
            for line in change.shown():
                self._say(f"  {line}")
            act(change)
        if not told:
            self._say("  done already")
        return count


@contextmanager
def locked(prefix: Path) -> Iterator[None]:
    """One install at a time: the folder itself is the lock, or the one above while it is not there."""
    place = next(path for path in (prefix, *prefix.parents) if path.is_dir())
    held = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InstallError(f"another install of {prefix} is at work", "wait for its end") from error
    else:
        yield
    finally:
        os.close(held)
