"""What becomes of the first daemon of a row, where no systemd is: a shell, a supervisor or a container waits for it.

It stands for its successors: passes signals on, ends when the last of them ends, and with its exit code.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
CHILDREN = "/proc/self/task/{0}/children"


def adopt_orphans() -> None:
    """A successor's successor becomes our child when its own parent has ended."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def become_waiter() -> None:
    """In place of this daemon, with a tenth of its memory. Does not return."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until somebody is there to take them
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-I", "-S", str(Path(__file__)), "agi-screen: waits for its successor"])  # noqa: S606


def _pass_on(number: int, _: object) -> None:
    for pid in Path(CHILDREN.format(os.getpid())).read_text(encoding="ascii").split():
        try:
            os.kill(int(pid), number)
        except ProcessLookupError:
            continue


def wait() -> int:
    """The exit code of the last child."""
    code = 0
    for number in SIGNALS:
        signal.signal(number, _pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    while True:
        try:
            _, status = os.wait()
        except ChildProcessError:
            return code
        code = os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    ended = wait()
    sys.exit(ended if ended >= 0 else 128 - ended)
