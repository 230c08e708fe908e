"""A proposal as TOML: only the keys that change, each with what it was."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from agi_screen.base.verdict import Level
from agi_screen.settings import Settings

MARGIN = 1.0  # points between the worst person and the rejection


def proposed_toml(
    settings: Settings, challenge: Mapping[Level, float], worst: float, weights: Mapping[str, float]
) -> str:
    """`worst` is the highest score of a person that counts for rejecting: no proposal rejects at it or under it, and
    none lowers a rejection."""
    lines: list[str] = []
    for level in Level:
        was = settings.config.policy.of(level)
        at = max(0.05, round(challenge[level], 2))
        reject = was.reject if worst < was.reject else ceil((worst + MARGIN) * 10) / 10
        reject = max(reject, at)
        if (at, reject) != (was.challenge, was.reject):
            now = f"{level} = {{ challenge = {at:g}, reject = {float(reject):g} }}"
            lines.append(f"{now}  # was challenge = {was.challenge:g}, reject = {was.reject:g}")
    tables = ["\n".join(["[policy]", *lines])] if lines else []
    for signal in settings.signals:
        was_weight, weight = float(signal.params.weight), weights[signal.name]
        if weight != was_weight:
            tables.append(f"[signals.{signal.name}]\nweight = {weight:g}  # was {was_weight:g}")
    return "\n\n".join(tables) + "\n" if tables else ""
