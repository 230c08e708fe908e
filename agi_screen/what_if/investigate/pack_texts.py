"""What the pack says in words: what its files are, and how verdicts were reached."""

from __future__ import annotations

from agi_screen.base.config import Config
from agi_screen.judge.registry import AnySignal
from agi_screen.what_if.investigate.columns import LEVELS, Columns
from agi_screen.what_if.investigate.toml_text import without_secrets
from agi_screen.what_if.investigate.words import CAUTION

README = f"""Evidence pack of agi-screen
===========================

{CAUTION}

records.jsonl           every call of the time, a line each, the whole row as it was recorded, with its end
                        (from Asterisk's manager interface) where that is known. Times are Unix time, UTC.
feedback.jsonl          what operators said of these calls
configuration.toml      the configuration when the pack was made, over the shipped defaults, secrets removed.
                        At the time of the calls it may have been another: see settings_history.jsonl for what
                        was changed at run time, and the site's own history of its file
settings_history.jsonl  settings changed at run time up to the end of the time, oldest first
verdicts.txt            how a call's verdict is reached: signals, weights, thresholds
time_base.json          the clock behind the times
about.json              version, time asked for, number of calls
MANIFEST                SHA-256 of each file; check with `sha256sum -c MANIFEST` or
                        `agi-screen investigate --verify evidence.zip`

The hash of MANIFEST stands for the whole: write it down where the pack cannot be changed. A program that packs anew
from the same records makes the same hashes.

The fields of a record: `caller` is the number in E.164, `caller_raw` what the trunk sent; `verdict` is the judge's,
`final_verdict` what the caller was told last, after the CAPTCHA; `score` is the sum of the signals' scores, each
capped with its group; `evidence` holds each signal as [name, points, score, reason]; `level` is the attack level;
`final` names the list, pass or mode that ended the judging; `tampering` what was wrong with the request itself;
`decide_us` is how long the verdict took, in microseconds. `end` holds the hang-up cause (Q.850), the seconds waited
in the queue and talked with an operator.
"""


def verdicts_text(config: Config, signals: tuple[AnySignal, ...], columns: Columns) -> str:
    """Signals in force with their settings and what they gave in these calls; thresholds by level."""
    lines = [
        "How verdicts are reached",
        "========================",
        "",
        "Each signal gives points from -1 (good) to 1 (bad); points times its weight are its score; scores of one",
        "group are capped together; their sum is the call's score. Thresholds by attack level turn it into a verdict.",
        "Lists and passes end the judging before the signals; `final` names them. A challenged caller who passes the",
        "CAPTCHA is let through. The settings below are those in force when this was made.",
        "",
        f"mode: {config.mode}",
        "",
        "thresholds (score from which a call is challenged, and rejected):",
    ]
    for level in LEVELS:
        t = config.policy.of(level)
        lines.append(f"  {level.value:9} challenge {t.challenge:g}, reject {t.reject:g}")
    lines += ["", "the most that a group of signals adds:"]
    lines += [f"  {group:12} {cap:g}" for group, cap in config.groups.items()]
    lines += ["", "signals in force:"]
    for signal in signals:
        table = without_secrets(config.signals.get(signal.name, {}))
        params = ", ".join(f"{name} {value}" for name, value in table.items())
        lines.append(f"  {signal.name} (group {signal.group}): {params}")
    lines += ["", "what signals said in these calls (calls they spoke in; the scores they gave, added up):"]
    lines += [f"  {name}: {calls} calls, {score:.2f}" for name, (calls, score) in columns.signals.items()]
    return "\n".join(lines) + "\n"
