"""Asks the running daemon over its control socket: one JSON line there, one back."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from agi_screen.base.errors import AgiScreenError

ANSWER_SECONDS = 30.0
MAX_ANSWER = 8 * 1024 * 1024


class ControlError(AgiScreenError):
    """The daemon refused, or its answer is not to be understood."""


class NotRunningError(ControlError):
    """Nobody listens on the socket."""


def ask(path: Path, request: dict[str, Any], seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
    """The daemon's answer. Raises NotRunningError or ControlError."""
    with _connected(path) as sock:
        sock.settimeout(seconds)
        try:
            sock.sendall(json.dumps(request).encode() + b"\n")
            line = _line(sock, path)
        except OSError as error:
            raise ControlError(f"{path}: no answer from the daemon ({error}): look into its log") from error
    return _understood(line, path)


def running(path: Path) -> bool:
    """True when a daemon listens on its control socket."""
    try:
        _connected(path).close()
    except NotRunningError:
        return False
    return True


def tell(path: Path, request: dict[str, Any]) -> str:
    """Tells of a change made in the database, and says from when on it counts. Raises ControlError."""
    try:
        ask(path, request)
    except NotRunningError:
        return "daemon not running: takes effect at its start"
    except ControlError as error:
        raise ControlError(f"the database is changed, but the running daemon did not take it: {error}") from error
    return "in force now"


def _connected(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(ANSWER_SECONDS)
    try:
        sock.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        sock.close()
        raise NotRunningError(f"{path}: daemon not running: start it with `agi-screen serve`") from error
    except OSError as error:
        sock.close()
        raise ControlError(f"{path}: {error}: run this as the user of the daemon") from error
    return sock


def _line(sock: socket.socket, path: Path) -> bytes:
    held = bytearray()
    while not held.endswith(b"\n"):
        part = sock.recv(65536)
        if not part:
            break
        held += part
        if len(held) > MAX_ANSWER:
            raise ControlError(f"{path}: the answer is longer than {MAX_ANSWER} bytes: is this our daemon?")
    return bytes(held)


def _understood(line: bytes, path: Path) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise ControlError(f"{path}: the answer is no JSON: look into the daemon's log") from error
    if not isinstance(answer, dict) or "ok" not in answer:
        raise ControlError(f"{path}: the answer has no `ok`: is this daemon of the same version?")
    if not answer["ok"]:
        raise ControlError(str(answer.get("error", "refused")))
    return answer
