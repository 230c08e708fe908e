"""What the words of a question ask for: the keys to press, or nothing while that cannot be told.

Words are names of prompts; digits are "0" to "9". A question begins with its last introduction.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

PLAIN = frozenset({"press", "again", "no-input", "more"})
NTH = {"nth-first": 0, "nth-second": 1, "nth-last": 2}
INTRODUCTIONS = PLAIN | NTH.keys() | {"sum", "except", "one-key", "callback-offer", "choose"}
# Every other word says something else: digits after it are no keys.
PARTS = frozenset("0123456789") | {"plus", "except-from", "once-more"}
TO_NTH = 3
PASSED = "passed"


def asked(words: Sequence[str]) -> list[str]:
    """The words of the last question; without an introduction it is none.

    Introductions may follow each other ("I heard no key": "press the sum of"): the last says what to do.
    """
    begins = [n for n, word in enumerate(words) if word not in PARTS]
    return list(words[begins[-1] :]) if begins and words[begins[-1]] in INTRODUCTIONS else []


def digits(words: Sequence[str]) -> str:
    return "".join(word for word in words if word.isdecimal())


def halves(words: Sequence[str], middle: str) -> tuple[str, str] | None:
    """The digits before and after a word in the middle."""
    if middle not in words:
        return None
    at = words.index(middle)
    return digits(words[:at]), digits(words[at + 1 :])


def answer(words: Sequence[str]) -> str | None:
    """The keys that are asked for. What is said `once-more` is heard the better of both times."""
    question = asked(words)
    if not question:
        return None
    ends = [0, *(n for n, word in enumerate(question) if word == "once-more"), len(question)]
    kind = question[0]
    said = [answer_of(kind, question[start + 1 : end]) for start, end in pairwise(ends)]
    return max((one for one in said if one), key=len, default=None)


def answer_of(kind: str, words: Sequence[str]) -> str | None:
    """The keys, from the words after the introduction."""
    spoken = digits(words)
    if kind in NTH:
        return spoken[NTH[kind]] if len(spoken) == TO_NTH else None
    match kind:
        case "sum":
            both = halves(words, "plus")
            return str(int(both[0]) + int(both[1])) if both and all(both) else None
        case "except":
            both = halves(words, "except-from")
            return both[1].replace(both[0], "") or None if both and all(both) else None
        case "callback-offer":
            return spoken[:1] or "1"
        case "one-key" | "choose":
            return spoken[:1] or None
    return spoken or None
