"""The nouns of the AMI side: what it is told, what it hands on, and how it says that it fares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agi_screen.base.errors import AgiScreenError

# What the account's filters let through; everything else is skipped by its name, unparsed.
EVENTS = frozenset(
    {
        "AgentComplete",
        "AgentConnect",
        "ChannelTalkingStart",
        "ChannelTalkingStop",
        "DTMFEnd",
        "DialEnd",
        "Hangup",
        "QueueCallerAbandon",
        "QueueCallerJoin",
        "QueueCallerLeave",
        "UserEvent",
    }
)


class AmiError(AgiScreenError):
    """An action could not be sent, or was not answered in time."""


class AmiValueError(AmiError):
    """An action's field or value would not arrive as one line."""


class AmiState(StrEnum):
    """How the connection fares. `connecting` is the first attempt; later ones keep the reason of the last failure."""

    OFF = "off"
    CONNECTING = "connecting"
    UP = "up"
    REFUSED = "refused"
    WRONG_SECRET = "wrong_secret"  # noqa: S105 - a word for people, no secret
    NO_PERMISSION = "no_permission"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class AmiStatus:
    """A state, what to do about it, and since when (seconds since 1970 UTC)."""

    state: AmiState
    detail: str
    since: float


@dataclass(frozen=True, slots=True)
class AmiTimes:
    """Deadlines and intervals in seconds. `renew`: an account without permission logs in anew to see it mended.

    A connection that fell silent is noticed after `ping` and `answer` together at the latest."""

    connect: float = 5.0
    answer: float = 5.0
    ping: float = 15.0
    retry_first: float = 0.5
    retry_most: float = 30.0
    renew: float = 300.0

    @classmethod
    def noticing(cls, silence: float) -> AmiTimes:
        """Those by which silence is noticed within so many seconds."""
        answer = min(5.0, silence / 4)
        return cls(answer=answer, ping=silence - answer)


@dataclass(frozen=True, slots=True)
class AmiEvent:
    """One event as Asterisk sent it. Every value may hold a caller's text."""

    name: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AmiReply:
    """The answer to an action."""

    success: bool
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AmiList:
    """An action that is answered by a list of events: which of them are wanted, and the one that ends it."""

    action: str
    wanted: frozenset[str]
    end: str
    most: int = 10_000


QUEUES = AmiList("QueueStatus", frozenset({"QueueParams", "QueueMember", "QueueEntry"}), "QueueStatusComplete")


@dataclass(slots=True)
class AmiCounters:
    """What happened since the start; metrics read it."""

    events: int = 0
    skipped: int = 0
    oversized: int = 0
    tampered: int = 0
    callback_errors: int = 0
    unanswered: int = 0
    sent: int = 0
    dropped: int = 0
    logins: int = 0
    losses: int = 0
