"""What the store asks of a database, whichever it is. Its SQL is SQLite's; see postgresql/dialect.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Protocol, TypeVar

from agi_screen.base.store_place import Place

T = TypeVar("T")
Values = Iterable[object]


class Counted(Protocol):
    """What a statement did: the rows it changed."""

    @property
    def rowcount(self) -> int: ...


class Conn(Protocol):
    """An open transaction."""

    def execute(self, sql: str, parameters: Iterable[Any] = ..., /) -> Awaitable[Counted]: ...
    def executemany(self, sql: str, parameters: Iterable[Iterable[Any]], /) -> Awaitable[Counted]: ...
    def execute_fetchall(self, sql: str, parameters: Iterable[Any] = ..., /) -> Awaitable[Iterable[Any]]: ...


class Engine(Protocol):
    """An open database. `shared`: others may change it at any time. `refusals` are what it raises for a row that it
    does not take; `by_hour`: whether calls are looked for hour by hour (see store_search.py)."""

    shared: bool
    by_hour: bool
    refusals: tuple[type[Exception], ...]

    @property
    def place(self) -> Place: ...
    def watched(self) -> AbstractContextManager[None]:
        """Errors in plain words: StoreError."""

    @property
    def damaged(self) -> bool:
        """Damage was met since it was opened: it can be begun afresh."""

    def lost(self) -> str:
        """Why what is written does not come to where it belongs; empty while it does. It may wait for the disk."""

    def transaction(self, *, alone: bool, durable: bool) -> AbstractAsyncContextManager[Conn]:
        """All that is done in it, or nothing. `alone`: no other transaction that asked for it runs meanwhile.
        `durable`: not even a power cut takes it back."""

    async def read(self, make: Callable[[Any], T], sql: str, values: Values) -> list[T]:
        """Rows become objects in a thread: the loop stays free for calls."""

    async def close(self) -> None: ...


class Reading(Protocol):
    """One state of a database, for reading in this thread."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Rows: ...


class Rows(Protocol):
    """The answer, read as it is walked through."""

    def __iter__(self) -> Iterator[Any]: ...
    def fetchone(self) -> Any: ...
