"""Where everything is on this machine: what was asked, what Asterisk's files say, what our own settings say."""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from scripts.install_ import names
from scripts.install_.asterisk_files import Asterisk
from scripts.install_.errors import InstallError
from scripts.install_.hand import Owner
from scripts.install_.options import Options

SOURCE = Path(__file__).resolve().parents[2]
SHIPPED = SOURCE / "asterisk_conf"
ACCOUNT = "manager.d/agi_screen.conf"
DIALPLAN = "agi_screen.conf"
DATA = (Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))
ON = ("yes", "true", "1", "on", "y", "t")


@dataclass(frozen=True)
class Site:
    """Read anew for each step: steps change what it sees."""

    options: Options
    new_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    def real(self, path: Path) -> Path:
        return self.options.real(path)

    @cached_property
    def asterisk(self) -> Asterisk:
        return Asterisk(self.real(self.options.asterisk_etc), self.options.asterisk_etc)

    @cached_property
    def custom_dialplan(self) -> bool:
        """FreePBX and its kin write extensions.conf themselves, and leave extensions_custom.conf to the admin."""
        return self.asterisk.reaches("extensions.conf", self.asterisk.folder / "extensions_custom.conf")

    @cached_property
    def custom_manager(self) -> bool:
        return self.asterisk.reaches("manager.conf", self.asterisk.folder / "manager_custom.conf")

    @cached_property
    def custom_globals(self) -> bool:
        return self.asterisk.reaches("extensions.conf", self.asterisk.folder / "globals_custom.conf")

    def missing(self, folder: Path) -> list[Path]:
        """The folders above it that are not there, from the top on."""
        return [path for path in reversed(folder.parents) if not self.real(path).is_dir()]

    def etc(self, name: str) -> Path:
        """A file of Asterisk's, by its path in the tree."""
        return self.options.asterisk_etc / name

    @cached_property
    def sounds(self) -> Path:
        """Inside the tree."""
        if self.options.sounds is not None:
            return self.options.sounds
        told = self.asterisk.value("asterisk.conf", "directories", "astdatadir")
        places = [Path(told)] if told else [place for place in DATA if self.real(place / "sounds").is_dir()]
        return (places[0] if places else DATA[0]) / "sounds"

    @cached_property
    def asterisk_owner(self) -> tuple[Owner | None, int]:
        """Who may read what holds a secret, and the mode: as manager.conf, or the group that Asterisk runs as."""
        root = self.options.root
        group = self.asterisk.value("asterisk.conf", "options", "rungroup") or "asterisk"
        found = names.group_id(root, group)
        manager = self.asterisk.folder / "manager.conf"
        if manager.exists() and manager.stat().st_gid != 0:
            return (manager.stat().st_uid, manager.stat().st_gid), 0o640
        return ((0, found), 0o640) if found is not None else ((0, 0), 0o600)

    @cached_property
    def our_owner(self) -> Owner | None:
        """root and the daemon's group; None while that group is not there, as in a dry run."""
        group = names.group_id(self.options.root, self.options.user)
        return None if group is None else (0, group)

    @cached_property
    def toml(self) -> dict[str, Any] | None:
        """Our settings; None where there are none yet."""
        path = self.real(self.options.settings / "agi-screen.toml")
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise InstallError(f"{path}: {error}", "mend it (agi-screen check), then run this again") from error

    def setting(self, table: str, key: str, default: Any) -> Any:
        return (self.toml or {}).get(table, {}).get(key, default)

    @cached_property
    def secret_file(self) -> Path:
        """Inside the tree; counted from the settings' folder."""
        return self.options.settings / str(self.setting("ami", "secret_file", "ami-secret"))

    @cached_property
    def secret(self) -> str:
        """The AMI secret: ours where we have one, that of an account which is there already, else a new one."""
        if told := self.setting("ami", "secret", ""):
            return str(told)
        try:
            return self.real(self.secret_file).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            theirs = self.asterisk.value("manager.conf", self.username, "secret")
            return theirs if theirs and theirs != "CHANGE_ME" else self.new_secret

    @cached_property
    def username(self) -> str:
        return str(self.setting("ami", "username", "agi_screen"))

    @cached_property
    def ami_port(self) -> int:
        told = self.asterisk.value("manager.conf", "general", "port") or "5038"
        return int(told) if told.isdecimal() else 5038

    @cached_property
    def listen(self) -> str:
        """Where the daemon listens: our settings, else where the dialplan asks already."""
        asked = self.asterisk.value("extensions.conf", "globals", "AGI_SCREEN_DAEMON")
        return str(self.setting("agi", "listen", asked or "127.0.0.1:4573"))
