"""A picture a language: a sentence and a challenge in full, and the four takes of each digit."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scripts.prompts_.studio.challenges import KINDS
from scripts.prompts_.studio.ear import sound
from scripts.prompts_.studio.engines import Samples
from scripts.prompts_.texts import DIGITS, TAKES

RATE = 8000
INK, FAINT = "#1f5a7a", "#888888"
LONGEST_DIGIT = 0.85


def envelope(axes: Axes, samples: Samples, start: float = 0.0) -> None:
    """Lowest and highest sample of every 2 ms: drawn so, a second costs a few hundred points."""
    pieces = np.pad(samples, (0, -len(samples) % 16)).reshape(-1, 16)
    at = start + np.arange(len(pieces)) * 16 / RATE
    axes.fill_between(at, pieces.min(axis=1), pieces.max(axis=1), color=INK, linewidth=0.3)


def strung(axes: Axes, language: str, names: list[str]) -> None:
    """Sounds one after another, each with its name above it."""
    at = 0.0
    for name in names:
        samples = sound(language, name)
        envelope(axes, samples, at)
        middle = at + len(samples) / RATE / 2
        axes.text(middle, 0.86, name.removeprefix("digits/"), ha="center", fontsize=7, color=FAINT)
        at += len(samples) / RATE
        axes.axvline(at, color=FAINT, linewidth=0.4, linestyle=":")
    axes.set_xlim(0, at)
    axes.set_xlabel("s", fontsize=7, labelpad=0)


def bare(axes: Axes) -> None:
    axes.set_ylim(-1, 1)
    axes.set_yticks([])
    axes.tick_params(labelsize=7, length=2)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def digit_rows(figure: Figure, language: str) -> None:
    """A column a digit, a row a take."""
    grid = figure.add_gridspec(TAKES, len(DIGITS), left=0.03, right=0.99, bottom=0.05, top=0.5, wspace=0.1, hspace=0.25)
    for column, digit in enumerate(DIGITS):
        for take in range(TAKES):
            axes = figure.add_subplot(grid[take, column])
            bare(axes)
            envelope(axes, sound(language, f"{digit}-{take + 1}"))
            axes.set_xlim(0, LONGEST_DIGIT)
            axes.set_xticks([0, 0.5], labels=["0", "0.5 s"] if take == TAKES - 1 else ["", ""])
            if take == 0:
                axes.set_title(f"{digit[-1]}-1 … {digit[-1]}-{TAKES}", fontsize=8)


def draw(language: str, file: Path) -> None:
    """The picture of one language as PNG."""
    mpl.use("Agg")
    figure = plt.figure(figsize=(11, 7), dpi=90)
    grid = figure.add_gridspec(3, 1, left=0.03, right=0.99, bottom=0.58, top=0.95, hspace=0.6)
    rows = [KINDS["digits"], KINDS["except"], "goodbye-failed"]
    for row, names in enumerate(rows):
        axes = figure.add_subplot(grid[row])
        bare(axes)
        strung(axes, language, names.split())
    digit_rows(figure, language)
    figure.suptitle(
        f"{language}: two challenges and a goodbye; below, the four takes of each digit (mu-law)", fontsize=9
    )
    figure.savefig(file, pil_kwargs={"optimize": True})
    plt.close(figure)
