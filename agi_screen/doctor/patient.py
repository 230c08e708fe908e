"""What all checks look at: the configuration, Asterisk's files, the daemon's own word."""

from __future__ import annotations

import asyncio
import json
import socket
from functools import cached_property
from pathlib import Path
from typing import Any

from agi_screen.base.config import Config
from agi_screen.doctor.asterisk_conf import AsteriskEtc
from agi_screen.doctor.asterisk_seen import Seen, seen
from agi_screen.reply.captcha.prompts import Prompts
from agi_screen.settings import Settings

ANSWER_SECONDS = 5.0
MAX_ANSWER = 1024 * 1024


class Patient:
    """Read once, each part when it is first asked for."""

    def __init__(self, settings: Settings, asterisk_etc: Path) -> None:
        self.settings = settings
        self.etc = AsteriskEtc(asterisk_etc)

    @property
    def config(self) -> Config:
        return self.settings.config

    @cached_property
    def prompts(self) -> Prompts:
        captcha = self.config.captcha
        return Prompts.found(captcha.sounds, captcha.prompts)

    @cached_property
    def asterisk(self) -> Seen:
        """What the running Asterisk lets our account do, tried once."""
        return asyncio.run(seen(self.config.ami))

    @cached_property
    def daemon(self) -> dict[str, Any] | OSError:
        """What the running daemon says of itself; the error where none can be asked."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.settimeout(ANSWER_SECONDS)
                sock.connect(str(self.settings.control_socket))
                sock.sendall(b'{"do": "status"}\n')
                answer = json.loads(_line(sock))
        except OSError as error:
            return error
        except ValueError:
            return OSError(f"{self.settings.control_socket}: the answer is no JSON")
        return answer if isinstance(answer, dict) else OSError("the answer is no JSON object")


def _line(sock: socket.socket) -> bytes:
    held = b""
    while not held.endswith(b"\n") and len(held) < MAX_ANSWER:
        part = sock.recv(65536)
        if not part:
            break
        held += part
    return held
