"""What machines say to each other, with its limits: read as strictly as anything else that comes over a wire."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from agi_screen.base.errors import ListEntryError
from agi_screen.base.list_entries import MAX_WRITTEN, pattern_regex
from agi_screen.base.records import ListName, MatchKind
from agi_screen.base.store_list_journal import Change
from agi_screen.base.text import escape
from agi_screen.base.verdict import Level
from agi_screen.cluster.seal import Seal, SealError

MAX_REASON, MAX_SOURCE = 200, 400
LATEST = 4_102_444_800.0  # the year 2100
AHEAD_US = 3_600_000_000  # a change an hour ahead of the clock of Redis would win over all to come: it is not taken


def _shown(text: str) -> str:
    return escape(text, MAX_REASON)


Count = Annotated[int, Field(ge=0, le=10**9)]
Rate = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Moment = Annotated[float, Field(ge=0, le=LATEST, allow_inf_nan=False)]
Words = Annotated[str, Field(max_length=MAX_REASON), AfterValidator(_shown)]
Word = Annotated[str, Field(max_length=40), AfterValidator(_shown)]


class Said(BaseModel):
    """A later version may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=False)


T = TypeVar("T", bound=Said)


class NodeSaid(Said):
    """How one machine is. `own` is the level of its own arrivals, `level` the one in force there."""

    run: Word
    version: Word
    level: Level
    own: Level
    since: Moment
    why: Words
    calls: dict[Annotated[str, Field(pattern=r"^[a-z]{1,12}$")], Rate] = Field(max_length=8)
    captcha: Count
    passed: Count
    asked: Count
    unscreened: Count
    ami: Word
    waiting: Count
    longest: Rate
    degraded: list[Word] = Field(max_length=20)
    numbers: Word = ""  # a fingerprint of the key that numbers are hashed with


class OrderSaid(Said):
    """A person's word on the level; `level` "" gives it back to the arrivals. `until` by the clock of Redis."""

    level: Level | None
    until: Moment
    by: Words
    why: Words
    node: Words


def read_node(seal: Seal, node: str, sealed: bytes) -> NodeSaid:
    """Raises SealError."""
    return _checked(NodeSaid, seal.read(f"node {node}", sealed))


def read_order(seal: Seal, sealed: bytes) -> OrderSaid:
    """Raises SealError."""
    return _checked(OrderSaid, seal.read("order", sealed))


def _checked(model: type[T], found: Any) -> T:
    try:
        return model.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SealError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def entry_key(change: Change) -> str:
    """The entry's name in Redis."""
    return f"{change.list.value}:{change.value}"


def write_change(seal: Seal, change: Change) -> str:
    """As it stands in Redis: the stamp first, for the script that compares."""
    said = [change.stamp, change.gone, *change[4:]]
    return f"{change.stamp}:{seal.write(entry_key(change), said)}"


def read_change(seal: Seal, key: bytes, text: bytes, now_us: int) -> Change:
    """Raises SealError."""
    name, _, value = key.decode("utf-8", "replace").partition(":")
    _, _, sealed = text.partition(b":")
    found = seal.read(f"{name}:{value}", sealed)
    try:
        stamp, gone, kind, reason, source, added, expires = found
        change = Change(ListName(name), value, stamp, gone, kind, reason, source, float(added), float(expires))
    except (ValueError, TypeError) as error:
        raise SealError("is no change of a list") from error
    _check(change, now_us)
    return change


def _check(change: Change, now_us: int) -> None:
    texts = ((change.value, MAX_WRITTEN), (change.reason, MAX_REASON), (change.source, MAX_SOURCE))
    fit = all(isinstance(text, str) and len(text) <= most for text, most in texts)
    if not fit or not change.value.isprintable():
        raise SealError("has a text that no list takes")
    times = (change.added, change.expires)
    if type(change.stamp) is not int or not 0 <= change.stamp <= now_us + AHEAD_US or type(change.gone) is not bool:
        raise SealError(f"has the stamp {escape(str(change.stamp), 40)}")
    if not all(math.isfinite(at) and at >= 0 for at in times):
        raise SealError("has a time that is none")
    if not change.gone:
        _check_kind(change)


def _check_kind(change: Change) -> None:
    try:
        kind = MatchKind(change.kind)
        if kind is MatchKind.PATTERN:
            pattern_regex(change.value)
    except (ValueError, ListEntryError) as error:
        raise SealError("matches in no way that we know") from error
    if kind is MatchKind.PREFIX and not (change.value[:1] == "+" and change.value[1:-1].isdigit()):
        raise SealError("is no prefix")
