"""The docs keep up: every setting, channel variable, global, command and signal has its place in them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from agi_screen.__main__ import app
from agi_screen.base import dialplan
from agi_screen.base.toml_file import DEFAULTS
from agi_screen.trail.events import verdict_event
from tests.made import a_call

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")]
}
ALL = "\n".join(PAGES.values())
TABLES = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))
SHIPPED = (ROOT / "asterisk_conf/agi_screen.conf").read_text(encoding="utf-8")
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in [*ROOT.glob("agi_screen/**/*.py"), ROOT / "setup.py"])


def test_pages_written_from_the_code_say_what_it_says() -> None:
    done = subprocess.run([sys.executable, "-m", "scripts.docs_", "--check"], cwd=ROOT, timeout=60)
    assert done.returncode == 0, "run scripts/make-docs"


def fields(section: str) -> set[str]:
    """The names in the first cells of this section's table."""
    text = PAGES[Path("docs/ami-events.md")].partition(f"## `{section}`")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", " ".join(cells)))


def test_every_field_of_the_verdict_event_is_described_and_no_other() -> None:
    assert fields(dialplan.VERDICT_EVENT) == set(verdict_event(a_call()))


def test_every_metric_is_described() -> None:
    reference, page = PAGES[Path("docs/reference.md")], PAGES[Path("docs/metrics.md")]
    names = re.findall(r"^\| `(agi_screen_\w+)` \|", reference, re.MULTILINE)
    assert len(names) > 30
    assert [name for name in names if f"`{name}`" not in page] == []


def keys(table: dict[str, object], path: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Every table and key of the defaults; the levels of [policy] and [arrivals] are values."""
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict) and path not in {("policy",), ("arrivals",)}:
            found += keys(value, (*path, key))
        else:
            found.append((".".join(path), key))
    return found


@pytest.mark.parametrize(("table", "key"), keys(TABLES))
def test_every_key_is_described(table: str, key: str) -> None:
    page = PAGES[Path("docs/configuration.md")]
    section = page.partition(f"## `[{table}]`" if table else "## Top level")[2].partition("\n## ")[0]
    row = re.search(rf"^\| `{key}` \| `.+` \| (.*) \|$", section, re.MULTILINE)
    assert row is not None
    assert len(row[1]) > 5, "give the key a comment in defaults.toml"


NAMES = {value for name, value in vars(dialplan).items() if name.isupper() and isinstance(value, str)}


@pytest.mark.parametrize("name", sorted(name for name in NAMES if name.startswith("SCREEN_")))
def test_every_channel_variable_is_described(name: str) -> None:
    assert f"| `{name}` | {dialplan.VARIABLES[name]} |" in PAGES[Path("docs/dialplan.md")]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\bAGI_SCREEN_[A-Z_]+\b", SHIPPED + SOURCES))))
def test_every_global_and_environment_variable_is_described(name: str) -> None:
    assert name in ALL


@pytest.mark.parametrize("context", sorted(set(re.findall(r"^\[(agi-screen-\w[\w-]*)\]", SHIPPED, re.MULTILINE))))
def test_every_context_is_described(context: str) -> None:
    inner = {"agi-screen-mark", "agi-screen-goodbye"}  # nobody's to use or to change
    assert context in inner or context in ALL


@pytest.mark.parametrize("command", sorted(typer.main.get_command(app()).list_commands(None)))  # type: ignore[attr-defined]
def test_every_command_is_described(command: str) -> None:
    assert f"`agi-screen {command}" in PAGES[Path("README.md")]


@pytest.mark.parametrize("signal", sorted(TABLES["signals"]))
def test_every_signal_is_described(signal: str) -> None:
    assert f"| `{signal}` |" in PAGES[Path("README.md")]


def test_links_lead_somewhere() -> None:
    for page, text in PAGES.items():
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (ROOT / page).parent.joinpath(link).exists(), f"{page}: {link}"


def test_ten_lines_of_the_readme_are_the_demo_s() -> None:
    """What the first screen tells admins to add is what the demo runs with."""
    block = re.search(r"```ini\n(; extensions.conf.*?)```", PAGES[Path("README.md")], re.DOTALL)
    assert block is not None
    lines = [line.partition("  ;")[0].rstrip() for line in block[1].splitlines()]
    assert len(lines) == 10
    demo = (ROOT / "asterisk_conf/demo/extensions.conf").read_text(encoding="utf-8")
    for line in ("#include agi_screen.conf", "exten => 18005550100,1,Gosub(agi-screen,s,1)", " same => n,Answer()"):
        assert line in lines
        assert line in demo
