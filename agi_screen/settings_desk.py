"""The settings file for the desk: shown, changed with its comments kept, undone. The daemon then takes it whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agi_screen.base import store_settings
from agi_screen.base.errors import AgiScreenError, ConfigError, ConflictError, MissingError, Problem, StoreError
from agi_screen.base.file_write import hash_of, read_text, replace_text
from agi_screen.base.settings_change import FileChange, Preview, Saved
from agi_screen.base.store_audit import Doer
from agi_screen.base.toml_edit import (
    MASK,
    SECRETS,
    difference,
    edited,
    leaves,
    masked,
    shipped_comments,
    unified,
    unmasked,
)
from agi_screen.base.toml_file import DEFAULTS, merged, read_tables, tables_in
from agi_screen.daemon import Daemon
from agi_screen.operate import Operator
from agi_screen.restart import waiting_for_restart, waits
from agi_screen.settings import checked


class SettingsDesk:
    """`web.office.SettingsOffice` over a Daemon. One change at a time."""

    def __init__(self, daemon: Daemon, operator: Operator) -> None:
        self._daemon = daemon
        self._operator = operator
        self._started = daemon.settings.config
        self._lock = asyncio.Lock()

    @property
    def path(self) -> Path:
        return self._daemon.settings.path

    async def view(self) -> dict[str, Any]:
        """Every key with its value and default, as JSON; a file that is wrong is told with its problems."""
        text = await asyncio.to_thread(read_text, self.path)
        return await asyncio.to_thread(self._view, text)

    async def preview(self, changes: Mapping[str, Any]) -> Preview:
        """What `save` would do. Raises EditError for changes that can never be made."""
        text = await asyncio.to_thread(read_text, self.path)
        return await asyncio.to_thread(self._previewed, text, changes)

    async def save(self, changes: Mapping[str, Any], base: str, doer: Doer) -> Saved:
        """Raises ConflictError when the file is no longer the one that was looked at, ConfigError when the change
        is wrong, WriteError when it cannot be written."""
        async with self._lock:
            text = await asyncio.to_thread(self._still, base)
            after = await asyncio.to_thread(self._wanted, text, changes)
            return await self._write(text, after, doer, "settings changed", changes)

    async def history(self, below: int, limit: int) -> list[FileChange]:
        return await store_settings.changes(self._daemon.store.opened, below, limit)

    async def rollback_preview(self, n: int) -> Preview:
        """What taking back change `n` would do."""
        text = await asyncio.to_thread(read_text, self.path)
        before = (await self._change(n)).before
        return await asyncio.to_thread(self._taken_back, text, before)

    async def rollback(self, n: int, base: str, doer: Doer) -> Saved:
        """The whole file as it was before change `n`; the secrets stay those it has now."""
        async with self._lock:
            text = await asyncio.to_thread(self._still, base)
            before = (await self._change(n)).before
            after = await asyncio.to_thread(self._good, text, before)
            keys = self._changed_keys(text, after)
            return await self._write(text, after, doer, f"settings rolled back to before change {n}", keys)

    def _taken_back(self, text: str, before: str) -> Preview:
        after = unmasked(before, text)
        return self._compared(text, after, self._changed_keys(text, after))

    def _good(self, text: str, before: str) -> str:
        after = unmasked(before, text)
        checked(after, self.path)
        return after

    def _view(self, text: str) -> dict[str, Any]:
        problems: Sequence[Problem] = ()
        unloaded = False
        try:
            settings = checked(text, self.path)
            unloaded = settings.config.model_dump() != self._daemon.settings.config.model_dump()
        except ConfigError as error:
            problems = error.problems
        try:
            site, _ = tables_in(text, self.path)
        except ConfigError:
            site = {}
        return {
            "path": str(self.path),
            "base": hash_of(text),
            "problems": [str(one) for one in problems],
            "unloaded": unloaded,
            "waiting": waiting_for_restart(self._started, self._daemon.settings.config),
            "tables": _tables(site),
        }

    def _previewed(self, text: str, changes: Mapping[str, Any]) -> Preview:
        return self._compared(text, edited(text, _open(changes)), changes)

    def _compared(self, text: str, after: str, changes: Mapping[str, Any]) -> Preview:
        problems: tuple[Problem, ...] = ()
        try:
            checked(after, self.path)
        except ConfigError as error:
            problems = tuple(error.problems)
        said = difference(text, after, self.path.name)
        return Preview(hash_of(text), said, problems, tuple(key for key in changes if waits(key)))

    def _wanted(self, text: str, changes: Mapping[str, Any]) -> str:
        after = edited(text, _open(changes))
        checked(after, self.path)
        return after

    def _still(self, base: str) -> str:
        text = read_text(self.path)
        if hash_of(text) != base:
            raise ConflictError(f"{self.path.name}: was changed meanwhile: look at it again")
        return text

    async def _change(self, n: int) -> FileChange:
        found = await store_settings.change(self._daemon.store.opened, n)
        if found is None:
            raise MissingError(f"there is no change {n}")
        return found

    async def _write(self, text: str, after: str, doer: Doer, what: str, keys: Mapping[str, Any]) -> Saved:
        """The file is replaced inside the transaction that tells of it: neither happens without the other."""
        old, new = [await asyncio.to_thread(masked, one) for one in (text, after)]
        told = _told(old, keys, self.path), _told(new, keys, self.path)
        if text != after:
            await self._replace((text, after), (old, new), doer, what, told)
        said = unified(old, new, self.path.name)
        not_applied = ""
        try:
            await self._operator.reload({})
        except AgiScreenError as error:
            not_applied = str(error)
        waiting = waiting_for_restart(self._started, self._daemon.settings.config)
        return Saved(hash_of(after), said, tuple(waiting), not_applied)

    async def _replace(
        self, texts: tuple[str, str], shown: tuple[str, str], doer: Doer, what: str, told: tuple[str, str]
    ) -> None:
        text, after = texts
        written = False
        try:
            async with self._daemon.store.opened.transaction() as conn:
                await store_settings.insert_change(conn, doer, what, shown, told)
                await asyncio.to_thread(replace_text, self.path, after, hash_of(text))
                written = True
        except StoreError:  # the very last step failed: what is not in the log is not done
            if written:
                await asyncio.to_thread(replace_text, self.path, text, hash_of(after))
            raise

    def _changed_keys(self, text: str, after: str) -> dict[str, Any]:
        old, new = (dict(leaves(tables_in(one, self.path)[0])) for one in (text, after))
        return {key: new.get(key) for key in {**old, **new} if old.get(key) != new.get(key)}


def _open(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """As they are written: a whole number where the shipped file has a part of one gets its point. Secrets do not pass
    the desk. Raises ConfigError."""
    if wrong := sorted(SECRETS & set(changes)):
        mend = "secrets do not pass the desk: write it into the file, or into secret_file"
        raise ConfigError([Problem("settings", key, "", mend) for key in wrong])
    shipped = dict(leaves(read_tables(DEFAULTS)[0]))
    return {key: _pointed(value, shipped.get(key)) for key, value in changes.items()}


def _pointed(value: Any, default: Any) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53
    return float(value) if whole and isinstance(default, float) else value


def _told(text: str, keys: Mapping[str, Any], path: Path) -> str:
    """The changed keys as the audit log says them, of a masked text; `default` where the file has none."""
    site = dict(leaves(tables_in(text, path)[0]))
    return ", ".join(f"{key} = {site[key]!r}" if key in site else f"{key} = default" for key in keys)


def _tables(site: dict[str, Any]) -> list[dict[str, Any]]:
    defaults, _ = read_tables(DEFAULTS)
    comments = shipped_comments()
    written, shipped = dict(leaves(site)), dict(leaves(defaults))
    found: dict[str, list[dict[str, Any]]] = {}
    for key, value in leaves(merged(defaults, site)):
        table, name = _place(key)
        secret = key in SECRETS
        found.setdefault(table, []).append(
            {
                "key": key,
                "name": name,
                "value": (MASK if value else "") if secret else value,
                "default": None if secret else shipped.get(key),
                "comment": comments.get(key) or comments.get(key.rpartition(".")[0], ""),
                "differs": key in written and written[key] != shipped.get(key),
                "written": key in written,
                "restart": waits(key),
                "secret": secret,
            }
        )
    return [{"name": name, "comment": comments.get(name, ""), "keys": keys} for name, keys in found.items()]


def _place(key: str) -> tuple[str, str]:
    """The table that a key is shown in, and its name there: `policy.normal.challenge` is `normal.challenge`."""
    parts = key.split(".")
    size = 2 if parts[0] in {"signals", "challenges"} and len(parts) > 2 else min(1, len(parts) - 1)
    return ".".join(parts[:size]), ".".join(parts[size:])
