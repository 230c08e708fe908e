"""All accounts, sessions and tokens as the store had them a second ago: commands change them beside the daemon."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from agi_screen.base.clock import Clock
from agi_screen.base.errors import StoreError
from agi_screen.base.late_store import LateStore
from agi_screen.web.access.accounts import Account, all_accounts
from agi_screen.web.access.sessions import Session, all_sessions
from agi_screen.web.access.tokens import Token, all_tokens

FRESH_NS = 1_000_000_000
STORE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Known:
    """Accounts by their name in lower case, sessions and tokens by their hash."""

    accounts: dict[str, Account]
    sessions: dict[bytes, Session]
    tokens: dict[bytes, Token]

    def account(self, name: str) -> Account | None:
        return self.accounts.get(name.lower())


class Directory:
    """Reads once a second at most, however many ask."""

    def __init__(self, store: LateStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = asyncio.Lock()
        self._known = Known({}, {}, {})
        self._read_at: int | None = None
        self._changes = 0

    def changed(self) -> None:
        """The next who asks gets what the store has then."""
        self._changes += 1
        self._read_at = None

    async def known(self) -> Known:
        """Raises StoreError: a store that cannot be read lets nobody in."""
        if self._fresh():
            return self._known
        async with self._lock:
            while not self._fresh():
                changes, at = self._changes, self._clock.ticks()
                self._known = await self._read()
                self._read_at = at if changes == self._changes else None
            return self._known

    def _fresh(self) -> bool:
        return self._read_at is not None and self._clock.ticks() - self._read_at < FRESH_NS

    async def _read(self) -> Known:
        store = self._store.opened
        try:
            async with asyncio.timeout(STORE_SECONDS):
                accounts, sessions = await all_accounts(store), await all_sessions(store)
                tokens = await all_tokens(store)
        except TimeoutError:
            raise StoreError(f"{store.place}: gave no answer in {STORE_SECONDS:g} s") from None
        return Known(
            {account.name.lower(): account for account in accounts},
            {session.hash: session for session in sessions},
            {token.hash: token for token in tokens},
        )
