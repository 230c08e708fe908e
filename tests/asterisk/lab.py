"""A real Asterisk on loopback in a private folder, with the shipped files included as an admin would.

Used by the tests and the demo; several labs run side by side. Only the standard library is needed.
"""

from __future__ import annotations

import os
import random
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.asterisk.tree import ROOT, Install, prepare

SHIPPED = ROOT / "asterisk_conf"
BOOT_SECONDS = 30.0
BUSY = re.compile(r"Address already in use|Unable to bind", re.IGNORECASE)

OPERATOR = """
[operator{0}](desk)
aors = operator{0}

[operator{0}]
type = aor
contact = sip:operator{0}@127.0.0.1:{1}

[operator{0}]
type = identify
endpoint = operator{0}
match_header = X-Demo-Operator: {0}
"""


class LabError(RuntimeError):
    """Asterisk did not start or stop as it should; carries the end of its log."""


@dataclass(frozen=True, slots=True)
class LabOptions:
    """What one lab differs in from another; `agi_port` is where its daemon listens.

    `operators` are members of the queue. Asterisk connects one waiting call per member at a time and looks again
    after a second: bursts need as many members as calls come at once.
    """

    agi_port: int
    agi_timeout: float = 2.0
    cdr: bool = False
    rtp_ports: int = 4000
    operators: int = 1
    disabled_events: str = "Newexten,VarSet"
    site: str = ""
    files: Mapping[str, str] = field(default_factory=dict)  # further files of Asterisk's, by name
    keep: bool = False
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Ports:
    """The loopback ports of one lab."""

    sip: int
    ami: int
    operator: int
    rtp: int


@dataclass(slots=True)
class Lab:
    """`with Lab(LabOptions(agi_port=p)) as lab:` gives a booted Asterisk."""

    options: LabOptions
    install: Install = field(default_factory=prepare)
    ports: Ports = field(init=False)
    dir: Path = field(init=False)
    ami_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    harness_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    boot_seconds: float = 0.0
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.dir = self.options.folder or Path(tempfile.mkdtemp(prefix="agi-screen-lab-"))
        self.ports = free_ports(self.options.rtp_ports)

    def __enter__(self) -> Lab:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process of the running Asterisk."""
        assert self._process is not None, "the lab is not running"
        return self._process.pid

    @property
    def messages(self) -> str:
        """Asterisk's log of notices, warnings and errors so far."""
        log = self.dir / "run/log/messages"
        return log.read_text(errors="replace") if log.exists() else ""

    def start(self) -> None:
        """Boots; a port that another process took meanwhile is chosen anew, twice at most."""
        for attempt in range(3):
            render(self)
            try:
                self._boot()
            except LabError as error:
                self._kill()
                if attempt == 2 or not BUSY.search(str(error)):
                    raise
                self.ports = free_ports(self.options.rtp_ports)
            else:
                return

    def _boot(self) -> None:
        begun = time.monotonic()
        notify = self.dir / "run/notify"
        notify.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(str(notify))
            ready.settimeout(0.25)
            with (self.dir / "run/console").open("wb") as console:
                self._process = subprocess.Popen(
                    [*self.install.command, "-f", "-C", str(self.dir / "etc/asterisk.conf")],
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "NOTIFY_SOCKET": str(notify)},
                )
            self._wait_ready(ready, begun + BOOT_SECONDS)
        self.boot_seconds = time.monotonic() - begun

    def _wait_ready(self, ready: socket.socket, deadline: float) -> None:
        """Asterisk tells the notify socket when it is fully booted, as it tells systemd."""
        assert self._process is not None
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if b"READY=1" in ready.recv(4096):
                    return self._check_modules()
            except TimeoutError:
                # A build without systemd support never notifies: ask it.
                if "booted" in self.cli("core waitfullybooted"):
                    return self._check_modules()
        raise LabError(f"Asterisk did not boot: {self._tail()}")

    def _check_modules(self) -> None:
        if BUSY.search(self.messages):
            raise LabError(f"a port was taken: {self._tail()}")

    def _tail(self) -> str:
        console = (self.dir / "run/console").read_text(errors="replace")
        return (console + self.messages)[-2000:]

    def cli(self, command: str) -> str:
        """One command on Asterisk's console; what it printed."""
        line = [*self.install.command, "-C", str(self.dir / "etc/asterisk.conf"), "-rx", command]
        return subprocess.run(line, capture_output=True, text=True, errors="replace", timeout=20).stdout

    def stop(self) -> None:
        """Ends Asterisk, and removes its folder unless told to keep it."""
        self._kill()
        if not self.options.keep and self.options.folder is None:
            shutil.rmtree(self.dir, ignore_errors=True)

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port(kind: socket.SocketKind) -> int:
    """A loopback port nobody has just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_ports(rtp_ports: int) -> Ports:
    """Ports for one lab. Labs may overlap in RTP: Asterisk takes the next port where one is busy."""
    sip, operator = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    return Ports(sip, free_port(socket.SOCK_STREAM), operator, random.randrange(10_000, 32_000 - rtp_ports, 2))


def render(lab: Lab) -> None:
    """Writes the lab's folder: demo files filled in, shipped files included as they are, sounds linked."""
    for sub in ("cache", "varlib/keys", "spool", "log/cdr-csv", "agi-bin"):
        (lab.dir / "run" / sub).mkdir(parents=True, exist_ok=True)
    etc = lab.dir / "etc"
    (etc / "manager.d").mkdir(parents=True, exist_ok=True)
    values = placeholders(lab)
    for source in sorted((SHIPPED / "demo").glob("*.conf")):
        (etc / source.name).write_text(fill(source.read_text(encoding="utf-8"), values), encoding="utf-8")
    shutil.copy(SHIPPED / "agi_screen.conf", etc)
    account = (SHIPPED / "manager.d/agi_screen.conf").read_text(encoding="utf-8")
    (etc / "manager.d/agi_screen.conf").write_text(account.replace("CHANGE_ME", lab.ami_secret), encoding="utf-8")
    for name, text in {"site.conf": lab.options.site, **lab.options.files}.items():
        (etc / name).write_text(text, encoding="utf-8")
    more = range(2, lab.options.operators + 1)
    (etc / "pjsip_operators.conf").write_text("".join(OPERATOR.format(n, lab.ports.operator) for n in more))
    (etc / "queues_operators.conf").write_text("".join(f"member => PJSIP/operator{n}\n" for n in more))
    link_sounds(lab)


def placeholders(lab: Lab) -> dict[str, str]:
    """The words `@NAME@` of the demo's files."""
    return {
        "DIR": str(lab.dir),
        "MODULES": str(lab.install.modules),
        "SIP_PORT": str(lab.ports.sip),
        "AMI_PORT": str(lab.ports.ami),
        "OPERATOR_PORT": str(lab.ports.operator),
        "RTP_START": str(lab.ports.rtp),
        "RTP_END": str(lab.ports.rtp + lab.options.rtp_ports),
        "AGI_PORT": str(lab.options.agi_port),
        "AGI_TIMEOUT": str(lab.options.agi_timeout),
        "HARNESS_SECRET": lab.harness_secret,
        "DISABLED_EVENTS": lab.options.disabled_events,
        "CDR": "yes" if lab.options.cdr else "no",
    }


def fill(text: str, values: dict[str, str]) -> str:
    """Puts the values in; a word without one is an error of ours and raises KeyError."""
    return re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], text)


def link_sounds(lab: Lab) -> None:
    """`sounds/en`: the core sounds by link; and our prompts in every language."""
    sounds = lab.dir / "data/sounds"
    (lab.dir / "data/moh").mkdir(exist_ok=True, parents=True)
    core = lab.install.sounds.iterdir() if lab.install.sounds.is_dir() else ()
    wanted = {sounds / "en" / path.name: path for path in core}
    wanted |= {sounds / path.parent.name / path.name: path for path in (SHIPPED / "sounds").glob("*/agi-screen")}
    for link, target in wanted.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(target)
    documentation = lab.dir / "data/documentation"
    if not documentation.is_symlink():
        documentation.symlink_to(lab.install.documentation)
