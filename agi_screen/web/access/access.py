"""Log-in and log-out, and who a cookie or a token belongs to."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from aiohttp import web

from agi_screen.base.errors import StoreError
from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer
from agi_screen.web.access.accounts import Account, hash_anew, set_password
from agi_screen.web.access.directory import Directory
from agi_screen.web.access.limits import Limits
from agi_screen.web.access.passwords import Passwords, check_password
from agi_screen.web.access.secret import digest
from agi_screen.web.access.sessions import Session, start_session
from agi_screen.web.access.tokens import Token, note_used
from agi_screen.web.office import Office
from agi_screen.web.route import ApiError

log = logging.getLogger("agi_screen.web")

USED_SECONDS = 60.0  # a token's last use is written so often at most
WRONG = "the name or the password is wrong"


class Access:
    """What the desk's door needs, in one place."""

    def __init__(self, office: Office, passwords: Passwords | None = None) -> None:
        self._office = office
        self._clock = office.clock
        self.passwords = passwords or Passwords()
        self.directory = Directory(office.store, office.clock)
        self.limits = Limits(office.clock)
        self._seen: dict[bytes, int] = {}
        self._noted: dict[int, float] = {}
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
        self._seen[found.hash] = self._clock.ticks()
        if len(self._seen) > 2 * len(known.sessions) + 100:
            self._seen = {key: at for key, at in self._seen.items() if key in known.sessions}
        return account

    async def token(self, secret: str) -> Token | None:
        """Which token this is; None where it is over or none."""
        now = self._clock.wall()
        found = (await self.directory.known()).tokens.get(digest(secret))
        if found is None or (found.expires and found.expires <= now):
            return None
        if now - self._noted.get(found.n, found.used) >= USED_SECONDS:
            self._noted[found.n] = now
            task = asyncio.create_task(self._note(found.n, now))
            self._notes.add(task)
            task.add_done_callback(self._notes.discard)
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
        """A session that was last seen before a restart is taken as seen now."""
        web = self._office.web
        idle = (self._clock.ticks() - self._seen.get(session.hash, self._clock.ticks())) / 1e9
        return self._clock.wall() - session.started >= web.session_time or idle >= web.idle_time

    async def _note(self, n: int, at: float) -> None:
        with suppress(StoreError):
            await note_used(self.store, n, at)


ACCESS = web.AppKey("access", Access)
