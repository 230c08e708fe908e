"""Which Asterisk to run: the system's own if it is 20 or newer, else a private tree made of signed packages."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST = 20
SUITE = "forky"
PACKAGES = "asterisk,asterisk-core-sounds-en-gsm"

Say = Callable[[str], None]


class NoAsteriskError(RuntimeError):
    """No Asterisk can be run here; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class Install:
    """An Asterisk that can be started: its command, and the folders its configuration has to name."""

    command: tuple[str, ...]
    modules: Path
    sounds: Path
    documentation: Path

    @property
    def version(self) -> str:
        return output([*self.command, "-V"])


def output(command: list[str]) -> str:
    """What a command printed; the empty string where it failed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    return done.stdout.strip() if done.returncode == 0 else ""


def cache() -> Path:
    """Where the private tree is kept between runs: in the project, unless AGI_SCREEN_CACHE names a folder."""
    return Path(os.environ.get("AGI_SCREEN_CACHE") or ROOT / ".cache") / "asterisk"


def system_install() -> Install | None:
    """The system's own Asterisk where it is new enough and speaks PJSIP."""
    binary = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        return None
    modules = [p.parent for p in Path("/usr").glob("lib*/**/asterisk/modules/res_pjsip.so")]
    major = re.search(r"\b(\d+)\.", output([binary, "-V"]))
    if not modules or major is None or int(major[1]) < OLDEST:
        return None
    data = Path("/usr/share/asterisk")
    if not data.is_dir():
        data = Path("/var/lib/asterisk")
    return Install((binary,), modules[0], data / "sounds" / "en", data / "documentation")


def tree_install(tree: Path) -> Install | None:
    """The Asterisk of a private tree, run through the tree's own loader: no root and no chroot needed."""
    loaders = sorted(tree.glob("usr/lib/*/ld-linux*.so.*"))
    binary = tree / "usr/sbin/asterisk"
    if not loaders or not binary.exists():
        return None
    lib = loaders[0].parent
    paths = ":".join(str(p) for p in (lib, lib / "asterisk", lib / "pulseaudio"))
    command = (str(loaders[0]), "--library-path", paths, str(binary))
    data = tree / "usr/share/asterisk"
    # The packaged sounds/en is an absolute link through /etc/alternatives, which is not ours out here.
    return Install(command, lib / "asterisk/modules", data / "sounds/en_US_f_Allison", data / "documentation")


def prepare(say: Say = lambda text: None) -> Install:
    """An Asterisk that runs on this machine; the first time this may fetch about 60 MB of packages."""
    found = system_install() or tree_install(cache() / "tree")
    if found is None:
        make_tree(cache(), say)
        found = tree_install(cache() / "tree")
    if found is None or not found.version:
        raise NoAsteriskError(f"the Asterisk in {cache()} does not run: remove that folder and try again")
    return found


def make_tree(folder: Path, say: Say) -> None:
    """Makes the private tree under a lock, and moves it into place only when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if tree_install(folder / "tree") is not None:
            return
        need_mmdebstrap(say)
        say(f"No Asterisk {OLDEST} or newer here: making a private one in {folder} (once, about 30 s, 270 MB)")
        part = folder / "tree.part"
        shutil.rmtree(part, ignore_errors=True)
        run_mmdebstrap(part, folder / "mmdebstrap.log")
        part.rename(folder / "tree")


def run_mmdebstrap(part: Path, log: Path) -> None:
    """Extracts Asterisk and what it needs; the mirror is the system's default one."""
    command = ["mmdebstrap", "--variant=extract", '--aptopt=APT::Install-Recommends "false"']
    command += ['--aptopt=Acquire::Check-Valid-Until "false"', f"--include={PACKAGES}", SUITE, str(part)]
    with log.open("w") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, timeout=900)
    if done.returncode:
        raise NoAsteriskError(f"mmdebstrap failed, see {log}; or install Asterisk {OLDEST}+ yourself")


def need_mmdebstrap(say: Say) -> None:
    """Installs mmdebstrap where we may; else says how."""
    if shutil.which("mmdebstrap"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NoAsteriskError(f"install Asterisk {OLDEST}+, or mmdebstrap (apt-get install mmdebstrap)")
    say("Installing mmdebstrap with apt-get")
    for step in (["update", "-q"], ["install", "-qy", "--no-install-recommends", "mmdebstrap"]):
        done = subprocess.run(["apt-get", *step], capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise NoAsteriskError(f"apt-get {step[0]} failed: {done.stderr.strip()[-300:]}")
