"""Classic AGI, `AGI(agi-screen-agi,…)`: pyst2 talks to Asterisk, the daemon decides over its Unix socket.

The daemon speaks FastAGI on that socket, so this script only carries lines; the CAPTCHA works here too.
Imports stay tiny: Asterisk starts this process once a call, and its start is the price of it.
"""

from __future__ import annotations

import io
import os
import socket
import sys
from typing import Any, BinaryIO

from asterisk.agi import AGI, AGIAppError, AGIError, AGIHangup

SOCKET = "/var/lib/agi-screen/agi-screen.sock"
DAEMON_SECONDS = 2.0
MAX_LINES = 200
MAX_LINE = 8192


class BoundedInput(io.TextIOBase):
    """Asterisk's side, read with limits: pyst2 reads for ever at an end of file, and dies of what is no UTF-8."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # pyst2 calls it bare
        del size
        line = self._source.readline(MAX_LINE)
        if not line.endswith(b"\n"):
            raise EOFError("Asterisk closed the session, or sent a line too long")
        return line.decode("utf-8", "replace")


class Quiet(io.TextIOBase):
    """Where pyst2's debugging goes: it writes the whole environment, numbers and all, to stderr."""

    def write(self, text: str, /) -> int:
        return len(text)


def main() -> None:
    """Screens one call. Whatever goes wrong, the dialplan goes on, and without a verdict lets the caller through."""
    try:
        agi: Any = AGI(BoundedInput(sys.stdin.buffer), sys.stdout, Quiet())
    except (EOFError, ValueError):
        return
    try:
        _relay(agi)
    except OSError as error:
        _say_why(agi, error)
    except (AGIError, EOFError, ValueError):
        return  # the caller hung up: nobody is left to tell


def _relay(agi: Any) -> None:
    """Sends the environment, then carries commands and replies until the daemon closes. Raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as daemon:
        daemon.settimeout(DAEMON_SECONDS)
        daemon.connect(_option(agi.env, "socket") or os.environ.get("AGI_SCREEN_SOCKET") or SOCKET)
        daemon.sendall(_environment(agi.env))
        lines = daemon.makefile("r", encoding="utf-8", errors="replace", newline="\n")
        while line := lines.readline(MAX_LINE):
            daemon.sendall(_executed(agi, line).encode())


def _say_why(agi: Any, error: OSError) -> None:
    print(f"agi-screen-agi: the daemon gave no verdict: {error}", file=sys.stderr)
    try:
        agi.set_variable("SCREEN_ERROR", "timeout" if isinstance(error, TimeoutError) else "refused")
    except (AGIError, EOFError, ValueError, OSError):
        return


def _option(env: dict[str, str], name: str) -> str:
    values = (value for key, value in env.items() if key.startswith("agi_arg_"))
    return next((v.partition("=")[2] for v in values if v.startswith(f"{name}=")), "")


def _environment(env: dict[str, str]) -> bytes:
    """What FastAGI would have sent; the route is the argument `route=`, else `screen`."""
    lines = [f"agi_network_script: {_option(env, 'route') or 'screen'}"]
    arguments = [v for k, v in env.items() if k.startswith("agi_arg_") and not v.startswith(("route=", "socket="))]
    lines += [f"{k}: {v}" for k, v in list(env.items())[:MAX_LINES] if not k.startswith("agi_arg_")]
    lines += [f"agi_arg_{n}: {v}" for n, v in enumerate(arguments, 1)]
    return ("\n".join(lines) + "\n\n").encode()


def _executed(agi: Any, line: str) -> str:
    """Runs one command through pyst2 and writes its reply as Asterisk did. Raises at a hang-up."""
    try:
        result: dict[str, tuple[str, str]] = agi.execute(line.rstrip("\n"))
    except AGIHangup:
        raise
    except AGIAppError:  # pyst2's word for result=-1
        return "200 result=-1\n"
    except AGIError as error:
        return f"510 {type(error).__name__}\n"
    words = [f"{key}={value}" + (f" ({data})" if data else "") for key, (value, data) in result.items()]
    return f"200 {' '.join(words)}\n"


if __name__ == "__main__":
    main()
