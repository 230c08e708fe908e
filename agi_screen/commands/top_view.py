"""The picture of `agi-screen top`: what the daemon told, as it fits the terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agi_screen.base.text import escape, one_line

KEPT = 900
MOST_CALLS = 100
BARS = "▁▂▃▄▅▆▇█"
VERDICTS = {"allow": "green", "challenge": "yellow", "reject": "red", "divert": "magenta"}
LEVELS = {"normal": "green", "elevated": "yellow", "siege": "bold red"}
SIDE_BY_SIDE, WIDE = 90, 110  # columns from which more fits
NOW_SECONDS = 5
FRAME_LINES = 16  # of a terminal, beside the newest calls


class Picture:
    """All that was told so far."""

    def __init__(self) -> None:
        self.seen = ""
        self.problem = ""
        self.parts: dict[str, Any] = {}
        self.seconds: deque[list[int]] = deque(maxlen=KEPT)
        self.calls: deque[dict[str, Any]] = deque(maxlen=MOST_CALLS)  # newest first

    def take(self, told: dict[str, Any]) -> None:
        """An answer of the daemon; one of another run begins anew."""
        seen, self.problem = str(told["seen"]), ""
        if seen.partition(".")[0] != self.seen.partition(".")[0]:
            self.seconds.clear()
            self.calls.clear()
        self.seen, self.parts = seen, told["board"]
        self.seconds.extend(self.parts["seconds"]["rows"])
        self.calls.extendleft(reversed(self.parts["calls"]))
        ends = {ended["id"]: ended["end"] for ended in self.parts["ends"]}
        for call in self.calls:
            call["end"] = ends.get(call["id"], call["end"])


def view(picture: Picture, width: int, height: int | None) -> RenderableType:
    """The whole screen; without a height as many calls as are known, at most twenty."""
    parts: list[RenderableType] = [_head(picture), _rates(picture, width), _facts(picture.parts)]
    if "machines" in picture.parts:
        parts.append(_machines(picture.parts["machines"]))
    queues, tops = _queues(picture.parts["queues"]), _tops(picture.parts["top"], width)
    if width >= SIDE_BY_SIDE:
        side = Table.grid(padding=(0, 3), expand=True)
        side.add_row(queues, tops)
        parts.append(side)
    else:
        parts += [queues, tops]
    room = 20 if height is None else max(3, height - FRAME_LINES - (0 if width >= SIDE_BY_SIDE else 9))
    return Group(*parts, _calls(list(picture.calls)[:room], width))


def _head(picture: Picture) -> Text:
    level, mode = picture.parts["level"], picture.parts["mode"]
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("agi-screen ", "bold").append(f" {level['level']} ", f"reverse {LEVELS.get(level['level'], '')}")
    text.append(f" since {_clock(level['since'])}: {escape(level['why'] or 'no attack seen', 60)}")
    if mode != "enforce":
        text.append(f"  mode {mode}", "bold yellow")
    if picture.problem:
        text.append(f"\nNO NEWS: {escape(picture.problem, 120)}", "bold red")
    return text


def _rates(picture: Picture, width: int) -> Text:
    totals = [sum(row[: len(VERDICTS)]) for row in picture.seconds]
    now = _lately(picture.seconds)
    text = Text(no_wrap=True)
    text.append(f"{sum(now):6.1f} calls/s ", "bold")
    text.append(sparkline(totals, max(10, width - 18)), "cyan").append("\n")
    for (verdict, colour), rate in zip(VERDICTS.items(), now, strict=True):
        text.append(f" {verdict} ", colour).append(f"{rate:.1f}  ")
    return text


def _lately(rows: Sequence[list[int]]) -> list[float]:
    last = list(rows)[-NOW_SECONDS:]
    return [sum(row[place] for row in last) / max(1, len(last)) for place in range(len(VERDICTS))]


def sparkline(values: Sequence[int], width: int) -> str:
    """One character for so many values that all of the last fit; the highest bar is the highest mean."""
    per = 1 if len(values) <= width else -(-len(values) // width)
    means = [sum(values[at : at + per]) / per for at in range(len(values) % per, len(values), per)]
    most = max([*means, 1.0])
    return "".join(BARS[min(len(BARS) - 1, int(mean / most * len(BARS)))] if mean else " " for mean in means)


def _facts(parts: dict[str, Any]) -> Text:
    recent, distinct, health = parts["recent"], parts["distinct"], parts["health"]
    asked = recent["passed"] + recent["failed"] + recent["hungup"]
    rate = f", {100 * recent['passed'] // asked} % of {asked} passed" if asked else ""
    said = (
        f"CAPTCHA {parts['now']['captcha']} in it{rate}",
        f"callers {distinct['callers']['hour']} in the hour, +{distinct['callers']['minute']} this minute",
        f"blocks {distinct['blocks']['hour']}, +{distinct['blocks']['minute']}",
    )
    text = Text(" · ".join(said))
    text.append(f"\nAMI {health['ami']['state']} · records {escape(health['records'], 60)}", "dim")
    text.append(f" · webhook {escape(health['webhook'], 60)} · counted since {_clock(parts['since'])}", "dim")
    return text


def _machines(machines: dict[str, Any]) -> RenderableType:
    """The machines that share their state; this one first."""
    heads = ("machine", "news", "level", "calls/s", "in CAPTCHA", "waiting", "AMI", "does not work")
    table = Table(*heads, box=None, pad_edge=False, caption=escape(machines["problem"], 120) or None)
    for row in machines["rows"][:8]:
        news = row["state"] if row["state"] == "live" else f"{row['state']} {row['age']} s"
        told = (f"{sum(row['calls'].values()):.1f}", row["captcha"], row["waiting"], row["ami"])
        cells = [_cell(row["node"], 20), _cell(news), Text(row["level"], LEVELS.get(row["level"], ""))]
        table.add_row(*cells, *[_cell(str(one), 16) for one in told], _cell(", ".join(row["degraded"]) or "-", 30))
    total = machines["total"]
    rates = f"{sum(total['calls'].values()):.1f}"
    table.add_row("all", "", "", rates, str(total["captcha"]), str(total["waiting"]), "", "")
    return table


def _queues(queues: dict[str, Any]) -> RenderableType:
    if queues["problem"] and not queues["rows"]:
        return Text(escape(queues["problem"], 120), "yellow")
    table = Table("queue", "waiting", "longest", "answered", "gave up", "free/members", box=None, pad_edge=False)
    for queue in queues["rows"][:5]:
        crew = sum(queue["members"].values())
        told = (queue["waiting"], f"{queue['longest']} s", queue["answered"], queue["abandoned"])
        table.add_row(_cell(queue["name"], 20), *map(str, told), f"{queue['members']['free']}/{crew}")
    return table


def _tops(top: dict[str, Any], width: int) -> RenderableType:
    names = ("callers", "blocks", "areas") if width >= WIDE else ("callers", "blocks")
    table = Table(*[f"top {name}" for name in names], box=None, pad_edge=False)
    for place in range(5):
        rows = [top[name]["rows"][place : place + 1] for name in names]
        if any(rows):
            table.add_row(*[_cell(f"{row[0][0]} {row[0][1]}", 28) if row else Text("") for row in rows])
    return table


def _calls(calls: Iterable[dict[str, Any]], width: int) -> RenderableType:
    table = Table("time", "caller", "verdict", "score", box=None, pad_edge=False, expand=True)
    if width >= SIDE_BY_SIDE:
        table.add_column("dialled", no_wrap=True)
    table.add_column("reasons", ratio=1, no_wrap=True, overflow="ellipsis")
    for call in calls:
        who = f"{call['caller'] or call['kind']} {call['name']}".strip()
        cells = [_cell(_clock(call["at"])), _cell(who, 26), _verdict(call), Text(f"{call['score']:6.2f}")]
        if width >= SIDE_BY_SIDE:
            cells.append(_cell(call["dialled"], 16))
        table.add_row(*cells, _cell(call["reasons"]))
    return table


def _verdict(call: dict[str, Any]) -> Text:
    text = Text(call["verdict"], VERDICTS.get(call["verdict"], ""), no_wrap=True)
    if call["told"] != call["verdict"]:
        text.append("→").append(call["told"], VERDICTS.get(call["told"], ""))
    return text


def _cell(text: str, most: int = 200) -> Text:
    """As it is: what a caller wrote is neither markup nor an escape sequence."""
    shown = one_line(text)
    return Text(shown if len(shown) <= most else shown[: most - 1] + "…", no_wrap=True, overflow="ellipsis")


def _clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%H:%M:%S}"
