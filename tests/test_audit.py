"""The bill of materials holds what is really installed, and a known hole is told."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.audit_.advisories import _read
from scripts.audit_.bill import bill
from scripts.audit_.parts import Part, parts

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
PARTS = parts()
# What pip-audit 2.10 says, shortened; the hole is one of 2023.
SAID = """{"dependencies": [
 {"name": "aiohttp", "version": "3.8.4", "vulns": [{"id": "PYSEC-2023-120", "fix_versions": ["3.8.5"], "aliases": []}]},
 {"name": "yarl", "version": "1.17", "vulns": []},
 {"name": "own", "skip_reason": "Dependency not found on PyPI and could not be audited: own (1.0)"}], "fixes": []}"""


def test_every_dependency_is_on_it_with_its_version_and_licence() -> None:
    wanted = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    known = {part.name: part for part in PARTS}
    for line in wanted:
        part = known[canonicalize_name(Requirement(line).name)]
        assert part.version == version(part.name)
        assert part.licence, part.name
    assert "pytest" not in known
    assert all(need in known for part in PARTS for need in part.needs)


def test_the_bill_is_cyclonedx_and_tells_who_needs_whom() -> None:
    told = json.loads(bill(PARTS))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert told["metadata"]["component"]["name"] == "agi-screen"
    assert len(told["components"]) == len(PARTS) - 1
    refs = {one["bom-ref"] for one in told["components"]}
    needs = {one["ref"]: set(one.get("dependsOn", ())) for one in told["dependencies"]}
    assert any(ref.startswith("aiohttp@") for ref in needs[told["metadata"]["component"]["bom-ref"]])
    assert set().union(*needs.values()) <= refs


def test_a_known_hole_is_told_and_what_nobody_knows_is_named() -> None:
    found = _read(SAID, "", [Part("aiohttp", "3.8.4", "", "", ())])
    assert found.holes == ("aiohttp 3.8.4: PYSEC-2023-120, mended in 3.8.5",)
    assert found.unknown == ("own",)


def test_no_answer_is_not_taken_for_no_hole() -> None:
    found = _read("", "Traceback\nConnectionError: no such host", [Part("aiohttp", "3.8.4", "", "", ())])
    assert found.unknown == ("aiohttp",)
    assert found.why == "ConnectionError: no such host"
