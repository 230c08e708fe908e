"""A daemon whose time of day can be set, as that of a machine can: its steady clock goes on."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.asterisk.daemon_process import DaemonProcess

SOURCE = Path(__file__).with_name("clock_shift.c")
HOUR = 3600.0


@dataclass(slots=True)
class ShiftedDaemon(DaemonProcess):
    """`set_clock(3600)`: from now on it is an hour later for the daemon, and for the commands it is asked by."""

    @property
    def environment(self) -> dict[str, str]:
        shim = self.folder / "clock_shift.so"
        if not shim.exists():
            self.set_clock(0.0)
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(SOURCE)], check=True)
        shifted = {"LD_PRELOAD": str(shim), "CLOCK_SHIFT_FILE": str(self._file)}
        return {**DaemonProcess.environment.fget(self), **shifted}  # type: ignore[attr-defined]

    @property
    def _file(self) -> Path:
        return self.folder / "clock_shift"

    def set_clock(self, seconds: float) -> None:
        """Seconds ahead of the real time. In place: the daemon has the file mapped."""
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("d", seconds))
