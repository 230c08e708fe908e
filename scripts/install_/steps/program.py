"""The Python environment, built whole beside the one in use: a pip that fails leaves the old one running."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.install_.changes import Change, Note
from scripts.install_.errors import InstallError
from scripts.install_.hand import Hand
from scripts.install_.kept import Kept
from scripts.install_.options import Options
from scripts.install_.site import SOURCE, Site

WHOLE = "agi-screen-whole"  # stands in an environment that was built to its end and tried
PARTS = ("agi_screen", "cext", "asterisk_conf", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")
LEFT_OUT = ("__pycache__", "*.so", "*.pyc", "cext/*.c")
HEADERS = "import pathlib, sysconfig; print((pathlib.Path(sysconfig.get_path('include')) / 'Python.h').exists())"


@dataclass(frozen=True)
class Build:
    """`into`: the environment; it counts as built when the file WHOLE stands in it."""

    inside: Path
    into: Path
    options: Options

    def _pip(self, source: str) -> list[str]:
        line = [str(self.into / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check"]
        house = self.options.wheelhouse
        return [*line, *(("--no-index", "--find-links", str(house)) if house else ()), source]

    def _wheel(self) -> str:
        """Our own wheel of this version, where the wheelhouse has it: then nothing is compiled here."""
        house = self.options.wheelhouse
        found = sorted(house.glob(f"agi_screen-{version()}-*.whl")) if house else []
        return str(found[-1]) if found else ""

    def shown(self) -> list[str]:
        return [
            f"{self.options.python} -m venv {self.inside}",
            " ".join(self._pip(self._wheel() or str(SOURCE))).replace(str(self.into), str(self.inside)),
            f"{self.inside}/bin/agi-screen --help",
        ]

    def do(self, hand: Hand, kept: Kept) -> None:
        del kept  # all of releases/ is ours
        hand.remove_tree(self.into)  # what an interrupted build left
        mend = "apt-get install python3-venv, or name another Python: --python /path/to/python3.11"
        hand.run([str(self.options.python), "-m", "venv", str(self.into)], mend)
        mend = "the environment in use was not touched. No network? --wheelhouse DIR, see docs/install.md"
        with tempfile.TemporaryDirectory(prefix="agi-screen-source-") as copy:
            hand.run(self._pip(self._wheel() or _copied(Path(copy))), mend)
        hand.run([str(self.into / "bin/agi-screen"), "--help"], "report this as a fault of agi-screen")
        hand.write(self.into / WHOLE, b"", 0o644)


def program(site: Site, kept: Kept) -> Iterator[Change]:
    del kept
    if site.options.environment is not None:
        return
    release = site.options.prefix / "releases" / release_name(site.options)
    if (site.real(release) / WHOLE).exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise InstallError("this Python cannot make environments", "apt-get install python3-venv")
    if shutil.which("gcc") is None or not _has_headers(site.options.python):
        text = "no C compiler or no Python headers here: the slower twins in pure Python are installed; "
        yield Note(text + "apt-get install gcc libc6-dev python3-dev first, if you can")
    yield Build(release, site.real(release), site.options)


def _has_headers(python: Path) -> bool:
    done = subprocess.run([str(python), "-c", HEADERS], capture_output=True, text=True, check=False)
    return done.stdout.strip() == "True"


@cache
def version() -> str:
    return str(tomllib.loads((SOURCE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


@cache
def release_name(options: Options) -> str:
    """Version, and what is in it: the same source with the same Python is the same release."""
    if options.environment is not None:
        return str(options.environment)
    whole = hashlib.sha256(str(options.python.resolve()).encode())
    for part in PARTS:
        path = SOURCE / part
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and not any(file.match(pattern) for pattern in LEFT_OUT) and _kept(file):
                whole.update(str(file.relative_to(SOURCE)).encode() + b"\0" + file.read_bytes())
    return f"{version()}-{whole.hexdigest()[:10]}"


def _kept(file: Path) -> bool:
    return "__pycache__" not in file.parts


def _copied(into: Path) -> str:
    """The source without what earlier builds left in it, and a place to build where the admin's copy stays as it is."""
    for part in PARTS:
        path = SOURCE / part
        if path.is_dir():
            shutil.copytree(path, into / part, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyc", "*.c"))
        else:
            shutil.copy(path, into)
    return str(into)
