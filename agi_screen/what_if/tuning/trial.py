"""A sample under other settings: who would have been allowed, challenged, rejected; and which calls differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from agi_screen.base.errors import ConfigError, Problem
from agi_screen.settings import Settings
from agi_screen.what_if.scoring import Floats, Scoring
from agi_screen.what_if.tune.labels import Who
from agi_screen.what_if.tuning.sample import LEVELS, VERDICTS, Codes, Sample

KEY = re.compile(
    r"policy\.(normal|elevated|siege)\.(challenge|reject)|signals\.[A-Za-z0-9_-]+\.weight|groups\.[A-Za-z0-9_-]+"
)
ALLOW, CHALLENGE, REJECT = range(3)
BIN, BINS = 0.5, 61  # of the picture of scores; the last bin holds all above


class Judged(NamedTuple):
    """A verdict and a score a call."""

    says: Codes
    scores: Floats


@dataclass(frozen=True, slots=True)
class Page:
    """Which of the changed calls are shown; None is any."""

    offset: int = 0
    limit: int = 50
    who: int | None = None
    before: int | None = None
    after: int | None = None


def refuse_others(changes: Mapping[str, Any]) -> None:
    """Raises ConfigError for what stored evidence cannot tell: all but weights, caps and thresholds."""
    mend = "needs a replay: only thresholds, weights and caps can be tried on stored evidence"
    if wrong := [key for key in changes if not KEY.fullmatch(key)]:
        raise ConfigError([Problem("tuning", key[:80], "", mend) for key in wrong])


def judged(sample: Sample, settings: Settings) -> Judged:
    """What the judge would say by these settings: its own sums and thresholds, for all calls at once."""
    column = {name: place for place, name in enumerate(sample.names)}
    signals = [signal for signal in settings.signals if signal.name in column]
    points = sample.points[:, [column[signal.name] for signal in signals]]
    scoring = Scoring(signals, settings.config.groups)
    scores, own = (found[sample.kind] for found in (scoring.scores(points), scoring.own_scores(points)))
    by_level = [settings.config.policy.of(level) for level in LEVELS]
    challenge = np.array([one.challenge for one in by_level])[sample.level]
    reject = np.array([one.reject for one in by_level])[sample.level]
    says = np.where(own >= reject, REJECT, np.where(scores >= challenge, CHALLENGE, ALLOW)).astype(np.int8)
    says[(says == CHALLENGE) & sample.passed] = ALLOW
    says[sample.fixed] = sample.verdict[sample.fixed]
    return Judged(says, scores)


def compared(sample: Sample, now: Judged, tried: Judged, page: Page) -> dict[str, Any]:
    """Both, and the difference, as JSON. `moved[who][verdict now][verdict tried]` counts calls."""
    moved = _counts((sample.who, now.says, tried.says), (len(Who), 3, 3))
    differ = now.says != tried.says
    for codes, wanted in ((sample.who, page.who), (now.says, page.before), (tried.says, page.after)):
        if wanted is not None:
            differ &= codes == wanted
    places = np.flatnonzero(differ)
    shown = places[page.offset : page.offset + page.limit]
    return {
        "calls": len(sample),
        "recorded": _counts((sample.who, sample.verdict), (len(Who), 3)).tolist(),
        "moved": moved.tolist(),
        "levels": _counts((sample.level, now.says, tried.says), (len(LEVELS), 3, 3)).tolist(),
        "scores": _scores(sample, tried),
        "bin": BIN,
        "changed": len(places),
        "rows": [_row(sample, now, tried, int(place)) for place in shown],
    }


def _counts(codes: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    flat = np.ravel_multi_index([one.astype(np.intp) for one in codes], shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)


def _scores(sample: Sample, tried: Judged) -> Any:
    """`[level][who][bin]`: how many calls have such a score; negative ones count as none."""
    bins = np.clip(tried.scores / BIN, 0, BINS - 1).astype(np.intp)
    free = ~sample.fixed
    codes = (sample.level[free], sample.who[free], bins[free])
    return _counts(codes, (len(LEVELS), len(Who), BINS)).tolist()


def _row(sample: Sample, now: Judged, tried: Judged, place: int) -> dict[str, Any]:
    call = sample.calls[place]
    points = sample.points[sample.kind[place]]
    seen = [sample.names[i] for i in np.flatnonzero(points)]
    return {
        **call._asdict(),
        "who": Who(int(sample.who[place])).name.lower(),
        "level": str(LEVELS[sample.level[place]]),
        "now": str(VERDICTS[now.says[place]]),
        "tried": str(VERDICTS[tried.says[place]]),
        "score_now": round(float(now.scores[place]), 2),
        "score_tried": round(float(tried.scores[place]), 2),
        "signals": seen,
    }
