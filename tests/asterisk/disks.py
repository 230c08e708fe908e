"""Disks that tests may fill, break and take away: real file systems, mounted for one test. They need root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


def mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"mount {' '.join(words)}: {done.stderr}"


def unmount(folder: Path, *, lazily: bool = True) -> None:
    """At once, also from under those who use it; or not while anybody does."""
    subprocess.run(["umount", *(["--lazy"] if lazily else []), str(folder)], check=True)


def need_root() -> None:
    if os.geteuid():
        pytest.skip("only root can mount a disk")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """2 MB, in memory."""
    need_root()
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        unmount(folder)


@contextmanager
def breakable_disk(folder: Path) -> Iterator[Path]:
    """ext4 in a file: `mount -o remount,abort` does to it what the kernel does when a disk fails."""
    need_root()
    folder.mkdir()
    image = folder.with_suffix(".image")
    with image.open("wb") as file:
        file.truncate(8 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    done = subprocess.run(["mount", "-o", "loop", str(image), str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no loop device here: {done.stderr}")
    try:
        yield folder
    finally:
        if os.path.ismount(folder):
            unmount(folder)


def fill(disk: Path) -> Path:
    """Writes until the disk takes no more; the file to delete for room."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    return ballast
