"""What is shipped for Prometheus and Grafana: the rules do what they say, and ask for figures that there are."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.web.running import running
from tests.web.test_metrics import scrape

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "asterisk_conf/monitoring"
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))
RULES = (FOLDER / "prometheus-alerts.yml").read_text(encoding="utf-8")
NAME = re.compile(r"\b(?:agi_screen|process)_[a-z_]+\b")
LABEL = re.compile(r"\b(agi_screen_[a-z_]+)\{([^}]*)\}")
MATCHER = re.compile(r"(\w+)=(~?)\"([^\"]*)\"")


@pytest.fixture(scope="module")
def promtool() -> str:
    """`scripts/setup-env` brings it."""
    cached = Path(os.environ.get("AGI_SCREEN_CACHE", ROOT / ".cache")) / "promtool"
    found = shutil.which("promtool") or (str(cached) if cached.exists() else None)
    assert found is not None, "run scripts/setup-env"
    return found


def run(promtool: str, *words: str) -> None:
    done = subprocess.run([promtool, *words], cwd=FOLDER, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_fire_when_they_should(promtool: str) -> None:
    run(promtool, "test", "rules", "prometheus-alerts.test.yml")


def test_rules_and_scrape_configuration_are_valid(promtool: str) -> None:
    run(promtool, "check", "rules", "--lint=all", "--lint-fatal", "prometheus-alerts.yml")
    run(promtool, "check", "config", "prometheus.yml")


async def test_metrics_pass_promtool(promtool: str, tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        text = await scrape(daemon.url)
    done = subprocess.run(  # noqa: ASYNC221  the daemon is over
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def expressions() -> Iterator[str]:
    yield from re.findall(r"expr: (\|\n(?:          .*\n)+|.*\n)", RULES)
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]
    yield "agi_screen_build_info"


async def test_asks_for_figures_that_there_are(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        text = await scrape(daemon.url)
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    assert asked - {sample.name for sample in samples} == set()
    assert len(asked) > 25
    known: dict[str, dict[str, set[str]]] = {}
    for sample in samples:
        for label, value in sample.labels.items():
            known.setdefault(sample.name, {}).setdefault(label, set()).add(value)
    for expression in expressions():
        for name, matchers in LABEL.findall(expression):
            for label, regex, value in MATCHER.findall(matchers):
                if label not in ("instance", "job"):
                    assert set(value.split("|") if regex else [value]) <= known[name][label], (name, label, value)


def test_dashboard() -> None:
    panels: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) == len({panel["title"] for panel in panels})
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            assert "$instance" in target["expr"]


def test_every_alert_is_described() -> None:
    page = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    alerts = re.findall(r"alert: (\w+)", RULES)
    assert len(alerts) == len(set(alerts)) > 15
    for alert in alerts:
        assert f"| `{alert}` |" in page
