"""Log-in and log-out, and who a cookie or a token belongs to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from aiohttp import web

from agi_screen.base.errors import StoreError
from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer
from agi_screen.web.access.accounts import Account, hash_anew, set_password
from agi_screen.web.access.directory import Directory
from agi_screen.web.access.limits import Limits
from agi_screen.web.access.passwords import Passwords, check_password
from agi_screen.web.access.secret import digest
from agi_screen.web.access.sessions import Session, note_seen, start_session
from agi_screen.web.access.tokens import Token, note_used
from agi_screen.web.office import Office
from agi_screen.web.route import ApiError

log = logging.getLogger("agi_screen.web")

USED_SECONDS = 60.0  # the last use of a session or a token is written so often at most
MANY = 4096
WRONG = "the name or the password is wrong"


class Access:
    """What the desk's door needs, in one place."""

    def __init__(self, office: Office, passwords: Passwords | None = None) -> None:
        self._office = office
        self._clock = office.clock
        self.passwords = passwords or Passwords()
        self.directory = Directory(office.store, office.clock)
        self.limits = Limits(office.clock)
        self._seen: dict[bytes, float] = {}  # of sessions and tokens by their hash: to the second
        self._noted: dict[bytes, float] = {}  # and as the store has been told
        self._notes: set[asyncio.Task[None]] = set()

    @property
    def store(self) -> Store:
        """Raises StoreError."""
        return self._office.store.opened

    async def log_in(self, name: str, password: str, address: str, old: str) -> tuple[Account, str]:
        """The account and its new session's secret; `old` is the session that the request came with, if any.

        The same answer for a wrong password and for an account that is none, after the same work."""
        account = await self._proven(name, password, address)
        if self.passwords.is_old(account.password):
            await hash_anew(self.store, account, await self.passwords.hashed(password))
        return account, await self._start(account, address, old)

    async def change_password(self, name: str, old: str, new: str, address: str, session: str) -> str:
        """All sessions of the account end; returns the secret of a new one for who changed it."""
        account = await self._proven(name, old, address)
        check_password(account.name, new)
        doer = Doer(account.name, address, self._clock.wall())
        stamp = await set_password(self.store, doer, account.name, await self.passwords.hashed(new))
        return await self._start(account._replace(stamp=stamp), address, session)

    async def session(self, secret: str) -> Account | None:
        """Whose session this is; None where it is over or none. It counts as a sign of life."""
        known = await self.directory.known()
        found = known.sessions.get(digest(secret))
        account = known.account(found.account) if found else None
        if found is None or account is None or account.stamp != found.stamp or self._over(found):
            return None
        self._sign_of_life(found.hash, found.seen, partial(note_seen, self.store, found.hash))
        return account

    async def token(self, secret: str) -> Token | None:
        """Which token this is; None where it is over or none."""
        now = self._clock.wall()
        found = (await self.directory.known()).tokens.get(digest(secret))
        if found is None or (found.expires and found.expires <= now):
            return None
        self._sign_of_life(found.hash, found.used, partial(note_used, self.store, found.n))
        return found

    async def close(self) -> None:
        self.passwords.close()
        await asyncio.gather(*self._notes)

    async def _proven(self, name: str, password: str, address: str) -> Account:
        self.limits.take(name, address)
        account = (await self.directory.known()).account(name)
        right = await self.passwords.right(account.password if account else "", password)
        if account is None or not right:
            # A name that is none may be a password typed into the wrong field.
            log.warning("log-in refused from %s: %s", address, account.name if account else "no such account")
            raise ApiError(401, "password", "", WRONG)
        self.limits.right(name, address)
        return account

    async def _start(self, account: Account, address: str, old: str) -> str:
        now = self._clock.wall()
        over = now - self._office.web.session_time
        secret = await start_session(self.store, Doer(account.name, address, now), account, over, old)
        self.directory.changed()
        return secret

    def _over(self, session: Session) -> bool:
        now, table = self._clock.wall(), self._office.web
        seen = max(session.seen, self._seen.get(session.hash, 0.0))
        return now - session.started >= table.session_time or now - seen >= table.idle_time

    def _sign_of_life(self, key: bytes, kept: float, note: Callable[[float], Awaitable[None]]) -> None:
        """Kept in memory, and in the store once a minute: a restart gives nobody more time."""
        now = self._clock.wall()
        if len(self._seen) >= MANY:
            self._seen = {key: at for key, at in self._seen.items() if now - at < self._office.web.idle_time}
            self._noted = {key: at for key, at in self._noted.items() if key in self._seen}
        self._seen[key] = now
        if now - max(kept, self._noted.get(key, 0.0)) >= USED_SECONDS:
            self._noted[key] = now
            task = asyncio.create_task(_tried(note(now)))
            self._notes.add(task)
            task.add_done_callback(self._notes.discard)


async def _tried(note: Awaitable[None]) -> None:
    """A sign of life that is not written costs somebody a log-in at worst."""
    with suppress(StoreError):
        await note


ACCESS = web.AppKey("access", Access)
