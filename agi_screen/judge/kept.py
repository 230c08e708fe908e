"""What an earlier run kept, read with suspicion: the file may be damaged, made by hand, or of another version."""

from __future__ import annotations

MOST = 1e12  # no rate and no count of ours comes near; what is over it would drown everything learned later


def amount(value: object) -> float | None:
    """A number from 0 to `MOST`; None for anything else, which also is what JSON has for no number and infinity."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MOST
    return float(value) if good else None  # type: ignore[arg-type]


def amounts(value: object, length: int) -> list[float] | None:
    """A list of so many amounts; None for anything else."""
    if not isinstance(value, list) or len(value) != length:
        return None
    found = [a for item in value if (a := amount(item)) is not None]
    return found if len(found) == length else None


def named_amounts(value: object, most: int) -> dict[str, float] | None:
    """Amounts by name, the `most` greatest of them; None for anything else."""
    if not isinstance(value, dict):
        return None
    found = {str(key): a for key, item in value.items() if (a := amount(item)) is not None}
    if len(found) < len(value):
        return None
    if len(found) <= most:
        return found
    return {key: found[key] for key in sorted(found, key=found.__getitem__, reverse=True)[:most]}
