"""Numbers as blocks, and as a reader may see them."""

from __future__ import annotations

AREA, EXCHANGE, THOUSAND = 7, 4, 3  # digits that a block leaves open: NPA, NPA-NXX and thousand block in North America
MASKED = 4
_LEAST_DIGITS = 7  # of a text that is masked like a number


def block_text(block: int, open_digits: int) -> str:
    """`1651555xxxx`: without the plus, which a spreadsheet would take for a formula."""
    return f"{block}{'x' * open_digits}"


def masked(caller: str) -> str:
    """The caller with the last four digits hidden: the subscriber's own, and those of any text that looks alike."""
    hidden = MASKED if sum(c.isdecimal() for c in caller) >= _LEAST_DIGITS else 0
    kept: list[str] = []
    for char in reversed(caller):
        hide = char.isdecimal() and hidden > 0
        hidden -= hide
        kept.append("x" if hide else char)
    return "".join(reversed(kept))
