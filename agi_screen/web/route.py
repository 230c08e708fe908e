"""What a route of the API is: data, from which the server and the OpenAPI document are both made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal, NoReturn

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from agi_screen.base.errors import AgiScreenError
from agi_screen.web.office import Office


def _no_role(word: str) -> NoReturn:
    raise ValueError(f"role {word!r} is none")


class Role(IntEnum):
    """Each may do all that those before it may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, word: str) -> Role:
        """Raises ValueError."""
        return {str(role): role for role in cls}.get(word) or _no_role(word)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is logged in, or a program with a token. `session` is empty for a token."""

    name: str
    role: Role
    session: str = ""


class Model(BaseModel):
    """A query, a body or an answer: unknown fields are errors, and what was read is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


RoleName = Literal["viewer", "operator", "admin"]


class Nothing(Model):
    """No query, no body, or an empty answer."""


class ApiError(AgiScreenError):
    """An answer that is none: HTTP status, the field that is wrong, its value, and the mend.

    `retry_after` is in seconds, for 429."""

    def __init__(self, status: int, field: str, value: str, mend: str, *, retry_after: int = 0) -> None:
        super().__init__(f"{field} = {value}: {mend}" if value else f"{field}: {mend}")
        self.status = status
        self.field = field
        self.value = value[:80]
        self.mend = mend
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that was let in, its query and body checked. `path` holds the path's parts by their names."""

    office: Office
    who: Who
    path: dict[str, str]
    query: Any
    body: Any
    request: web.Request


Handler = Callable[[Ask], Awaitable[BaseModel | web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` counts from /api/v1. `role` None: nobody has to be logged in. `errors`: statuses besides 400, 401, 403."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    summary: str
    role: Role | None
    handler: Handler
    answer: type[BaseModel]
    query: type[BaseModel] = Nothing
    body: type[BaseModel] | None = None
    errors: tuple[int, ...] = ()
    tag: str = ""
    parts: type[BaseModel] | None = None  # of the path; without: text of 1 to 80 characters each
    media: str = "application/json"  # of the answer; what is no JSON comes as a stream
    body_media: str = ""  # of a body that is no JSON: the handler reads it
