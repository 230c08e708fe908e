"""One investigation: the findings, and where a folder is named its report, tables and evidence pack."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agi_screen.base.config import Config
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.store_range import StoreRange
from agi_screen.judge.registry import AnySignal
from agi_screen.what_if.investigate.csv_files import (
    CALLS,
    CallsFile,
    opened_csv,
    write_areas,
    write_blocks,
    write_callers,
)
from agi_screen.what_if.investigate.findings import EmptyRangeError, Findings, Sink, Told, findings
from agi_screen.what_if.investigate.moments import local
from agi_screen.what_if.investigate.origin import Places
from agi_screen.what_if.investigate.pack import RECORDS, Packed, finish, hash_of, opened_pack
from agi_screen.what_if.investigate.pack_texts import README, verdicts_text
from agi_screen.what_if.investigate.report import report
from agi_screen.what_if.investigate.time_base import synchronised, time_base
from agi_screen.what_if.investigate.toml_text import configuration
from agi_screen.what_if.investigate.verify import beside

PACK = "evidence.zip"


@dataclass(frozen=True, slots=True)
class Asked:
    """The configuration in force and its file; what the report is called, whether its callers are masked, and when it
    is made (seconds since 1970 UTC)."""

    file: Path
    config: Config
    signals: tuple[AnySignal, ...]
    case: str
    mask: bool
    now: float


def investigate(stored: StoreRange, asked: Asked, output: Path | None, told: Told) -> tuple[Findings, Packed | None]:
    """Reads the range once. Raises EmptyRangeError, before it writes anything, and AgiScreenError where the folder
    cannot be written."""
    if output is None:
        return findings(stored, (), told), None
    if not stored.count():
        raise EmptyRangeError("no call was recorded in this time: name another with --from and --to")
    with _writable(output):
        output.mkdir(mode=0o750, parents=True, exist_ok=True)  # callers' numbers are nobody else's business
        return _written(stored, asked, output, told)


@contextmanager
def _writable(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AgiScreenError(f"{output}: cannot be written: {error}: name another folder with --output") from error


def _written(stored: StoreRange, asked: Asked, output: Path, told: Told) -> tuple[Findings, Packed]:
    part = output / f"{PACK}.part"
    with opened_pack(part) as pack:
        with ExitStack() as open_files:
            calls = open_files.enter_context(opened_csv(output / "calls.csv", CALLS))
            sinks: list[Sink] = [open_files.enter_context(pack.file(RECORDS)), CallsFile(calls, Places())]
            found = findings(stored, sinks, told)
        manifest = finish(pack, stored, _about(found, asked), time_base(found.since, found.until), _texts(found, asked))
    path = part.replace(output / PACK)
    packed = Packed(path, manifest, hash_of(path))
    beside(path).write_text(f"{packed.zip}  {PACK}\n", encoding="ascii")
    write_callers(output / "callers.csv", found)
    write_blocks(output / "blocks.csv", found)
    write_areas(output / "areas.csv", found)
    page = report(found, _title(found, asked), _foot(asked, packed), mask=asked.mask)
    (output / "report.html").write_text(page, encoding="utf-8")
    return found, packed


def _title(f: Findings, asked: Asked) -> str:
    return f"{asked.case or 'Calls'}, {local(f.since)} to {local(f.until)}"


def _about(f: Findings, asked: Asked) -> dict[str, Any]:
    return {
        "program": "agi-screen",
        "version": version("agi-screen"),
        "case": asked.case,
        "from": f.since,
        "to": f.until,
        "calls": f.calls,
        "callers": len(f.repeaters.caller),
    }


def _texts(f: Findings, asked: Asked) -> dict[str, str]:
    return {
        "README.txt": README,
        "configuration.toml": configuration(asked.file),
        "verdicts.txt": verdicts_text(asked.config, asked.signals, f.columns),
    }


def _foot(asked: Asked, packed: Packed) -> list[str]:
    kept = {True: "kept right by a time service", False: "NOT kept right by a time service", None: "of unknown state"}
    return [
        f"Made {local(asked.now)} by agi-screen {version('agi-screen')} from its own records; the host's clock was "
        f"then {kept[synchronised()]}.",
        f"Evidence pack {PACK}: SHA-256 of its MANIFEST {packed.manifest}, of the file {packed.zip}.",
        "The tables beside this page (calls.csv, callers.csv, blocks.csv, areas.csv) and the pack hold whole numbers.",
    ]
