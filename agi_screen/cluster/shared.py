"""What all machines know of callers: asked once a call, within the deadline, and told what became of it here.

Every caller is one hash in Redis, under a keyed hash of the number, and one script does all of it in one round trip.
While Redis is away this daemon decides alone; what it would have told waits, and is told once when Redis is back.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import os
from collections import Counter, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from hiredis import ReplyError
from redis.exceptions import RedisError

from agi_screen.base.clock import Clock
from agi_screen.base.records import CallerRecord
from agi_screen.base.units import Address, parse_address
from agi_screen.cluster.connect import Access, make_client
from agi_screen.cluster.link import Link
from agi_screen.cluster.news import NUMBERS, Kind, News, Outbox
from agi_screen.cluster.shards import make_shards

log = logging.getLogger("agi_screen.cluster")

SCRIPT: Final = Path(__file__).with_name("caller.lua").read_text(encoding="utf-8")
SCRIPT_SHA: Final = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
PREFIX: Final = "agi-screen:c:"
SECRET_KEY: Final = "agi-screen:secret"  # noqa: S105  its name in Redis; what is there is no secret
AT_A_TIME: Final = 64  # callers' news that are told before the next are
TRIES: Final = 3
BOUNDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1.0)  # seconds a call waited
USELESS: Final = frozenset({"READONLY", "LOADING", "MASTERDOWN", "NOAUTH", "NOPERM", "NOREPLICAS"})  # this server, now
PASSING: Final = frozenset({"OOM", "BUSY", "CLUSTERDOWN", "TRYAGAIN", "MISCONF"})  # whatever is asked


class State(NamedTuple):
    """What all machines know together. `new`: nobody knew anything; `met`: this daemon has told of the caller before.

    `lacks` are of the buckets in the order asked, in us, before this call took from them.
    """

    new: bool
    met: bool
    uses: int
    pass_seconds: float
    record: CallerRecord | None
    lacks: tuple[int, ...]


class Ask:
    """A call that waits. `heard` gets the state, or None at the deadline; `late` what comes after that."""

    __slots__ = ("heard", "late", "link", "sent")

    def __init__(
        self, heard: Callable[[State | None], None], late: Callable[[State], None], link: Link, sent: float
    ) -> None:
        self.heard: Callable[[State | None], None] | None = heard
        self.late, self.link, self.sent = late, link, sent


class Sent(NamedTuple):
    """Under one number until it is known to be taken, or known not to be."""

    news: News
    number: int
    trunk: str
    ask: Ask | None = None
    again: bool = False  # it may have been taken already
    tries: int = 1


class SharedState:
    """`kinds` are the buckets in force; all methods belong to the loop's thread and return at once."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self.access = access
        self.counts: Counter[str] = Counter()
        self.waits = [0] * (len(BOUNDS) + 1)
        self.waited = 0.0
        self.overdue = 0
        self.news = Outbox(access.table.backlog)
        self.other_secret = False
        self._clock = clock
        self._deadline = access.table.deadline
        self._key = hashing_key(access.table.secret.get_secret_value())
        self._node = base64.b64encode(os.urandom(6))  # another at each start
        self._number = 0
        self._kinds: dict[Kind, int] = {}
        self._head: tuple[Any, ...] = ()
        self._waiting: deque[Ask] = deque()
        self._again: deque[Sent] = deque()
        self._telling = 0
        self._timer: asyncio.TimerHandle | None = None
        self._away_since = clock.ticks()
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()
        self._shards = make_shards(access, SCRIPT, self._changed)
        self.configure(())

    def configure(self, kinds: Sequence[Kind]) -> None:
        """The buckets whose limits hold on all machines together."""
        self._kinds = {kind: place for place, kind in enumerate(kinds, 1)}
        self._head = (len(kinds), *(part for kind in kinds for part in kind))

    def start(self) -> None:
        self._shards.start()
        self._tasks = [asyncio.create_task(self._compare_secret(), name="redis-secret")]

    async def stop(self) -> None:
        """Tells what it can still tell at once."""
        self._tell()
        await asyncio.sleep(0)
        for task in self._tasks:
            task.cancel()
        self._shards.stop()

    @property
    def up(self) -> bool:
        """Every server answers."""
        links = self._shards.links()
        return bool(links) and all(link.up for link in links)

    @property
    def state(self) -> str:
        """`ok`, or what is wrong."""
        if self.other_secret:
            return "another [cluster] secret than that of the other machines: nothing is shared with them"
        links = self._shards.links()
        away = [link for link in links if not link.up]
        if not away and links:
            return "ok"
        many = f"{len(away)} of {len(links)} servers: " if len(links) > 1 else ""
        return f"away: {many}{away[0].why if away else 'no server of the Cluster answers'}"

    @property
    def losses(self) -> int:
        return sum(link.losses for link in self._shards.links())

    @property
    def untold(self) -> int:
        """Callers of whom there are news that no other machine knows yet."""
        return len(self.news) + len(self._again)

    def ask(
        self,
        caller: str,
        trunk: str,
        taken: Sequence[Kind],
        heard: Callable[[State | None], None],
        late: Callable[[State], None],
    ) -> None:
        """One call: takes a token of each of these buckets on all machines together, and says what they know."""
        key = self._key_of(caller)
        link = self._shards.of(key)
        now = self._clock.ticks()
        if link is None or not link.up:
            self.news.of(caller).take(taken, now)
            self.counts["alone"] += 1
            heard(None)
            return
        earlier = self.news.take(caller)
        if earlier is not None:
            self._send(link, key, Sent(earlier, self._next_number(), trunk))
        news = News(caller)
        news.take(taken, now)
        ask = Ask(heard, late, link, self._loop.time())
        self._waiting.append(ask)
        if self._timer is None:
            self._timer = self._loop.call_at(ask.sent + self._deadline, self._too_late)
        self._send(link, key, Sent(news, self._next_number(), trunk, ask))

    def tell(self, caller: str) -> News:
        """News of this caller, to be added to now; they go out at the end of this turn."""
        self._loop.call_soon(self._tell)
        return self.news.of(caller)

    def _key_of(self, caller: str) -> str:
        return key_of(self._key, caller)

    def _next_number(self) -> int:
        """Greater than any before, also of a run before: us since 1970, or one more where the clock stood or fell."""
        self._number = max(self._number + 1, int(self._clock.wall() * 1_000_000))
        return self._number

    def _send(self, link: Link, key: str, sent: Sent, *, asking: bool = False) -> None:
        news = sent.news.packed(self._kinds, self._clock.ticks(), self._clock.wall())
        remember = round(self.access.table.remember * 1000)
        if asking:
            link.send(("ASKING",), lambda _: None)
        command = ("EVALSHA", SCRIPT_SHA, 1, key, self._node, sent.number, remember, sent.trunk, *self._head, *news)
        link.send(command, lambda reply: self._replied(link, key, sent, reply))

    def _replied(self, link: Link, key: str, sent: Sent, reply: Any) -> None:
        if isinstance(reply, list):
            self._answered(link, sent, _state(sent.news.caller, reply))
        elif isinstance(reply, ReplyError):
            self._refused(link, key, sent, str(reply))
        else:
            self._unknown(sent)

    def _answered(self, link: Link, sent: Sent, state: State) -> None:
        ask = sent.ask
        if ask is None:
            self.counts["told"] += 1
            self._telling -= not sent.again
            if self._telling <= 0 and len(self.news):
                self._tell()
        elif ask.heard is not None:
            link.in_time()
            self._go_on(ask, state)
        else:
            self.counts["late"] += 1
            ask.late(state)

    def _unknown(self, sent: Sent) -> None:
        """The connection ended: nobody knows whether it was taken. Under its number it can be sent again."""
        self._telling -= sent.ask is None and not sent.again
        self._again.append(sent._replace(ask=None, again=True))
        if len(self._again) > self.access.table.backlog:
            self._again.popleft()
            self.news.lost += 1
        self._go_on_alone(sent.ask)

    def _refused(self, link: Link, key: str, sent: Sent, error: str) -> None:
        """It was not taken."""
        word, _, rest = error.partition(" ")
        self.counts["refused"] += 1
        elsewhere = self._elsewhere(word, rest)
        if word == "NOSCRIPT":  # forgotten by SCRIPT FLUSH
            link.send(("SCRIPT", "LOAD", SCRIPT), lambda _: None)
            self._send(link, key, sent)
        elif elsewhere is not None and sent.tries < TRIES:
            again = sent._replace(number=sent.number if sent.again else self._next_number(), tries=sent.tries + 1)
            self._send(elsewhere, key, again, asking=word == "ASK")
        else:
            self._not_taken(sent, lasting=word not in {*USELESS, *PASSING, "MOVED", "ASK"})
            if word in USELESS:
                link.drop(error[:200])
            elif word not in ("MOVED", "ASK"):
                link.stall(error[:200])

    def _elsewhere(self, word: str, rest: str) -> Link | None:
        """Where a Cluster says that the caller is."""
        if word not in ("MOVED", "ASK"):
            return None
        self._shards.moved()
        link = self._shards.at(_address(rest.rpartition(" ")[2]))
        return link if link is not None and link.up else None

    def _not_taken(self, sent: Sent, *, lasting: bool) -> None:
        self._telling -= sent.ask is None and not sent.again
        if lasting and sent.tries >= TRIES:
            self.news.lost += 1
        elif sent.again or lasting:
            self._again.append(sent._replace(ask=None, tries=sent.tries + lasting))
        else:
            self.news.back(sent.news)
        self._go_on_alone(sent.ask)

    def _go_on_alone(self, ask: Ask | None) -> None:
        if ask is not None and ask.heard is not None:
            self.counts["alone"] += 1
            self._go_on(ask, None)

    def _go_on(self, ask: Ask, state: State | None) -> None:
        heard, ask.heard = ask.heard, None
        waited = self._loop.time() - ask.sent
        self.waited += waited
        self.waits[next((i for i, bound in enumerate(BOUNDS) if waited <= bound), len(BOUNDS))] += 1
        self.overdue += waited > 2 * self._deadline
        self.counts["shared"] += state is not None
        assert heard is not None
        heard(state)

    def _too_late(self) -> None:
        """One timer for all: who has waited longest is at the head."""
        self._timer = None
        now = self._loop.time()
        while self._waiting and (self._waiting[0].heard is None or self._waiting[0].sent + self._deadline <= now):
            ask = self._waiting.popleft()
            if ask.heard is not None:
                self.counts["missed"] += 1
                ask.link.missed(ask.sent)
                self._go_on(ask, None)
        if self._waiting:
            self._timer = self._loop.call_at(self._waiting[0].sent + self._deadline, self._too_late)

    def _changed(self, link: Link) -> None:
        if not link.up:
            self._away_since = self._clock.ticks()
            log.error("the shared state is away, this daemon decides alone: %s: %s", link.address, link.why)
            self._release(link)
            return
        away = (self._clock.ticks() - self._away_since) / 1e9
        many = self.untold
        log.warning("the shared state is there: %s, after %.1f s; callers to tell of: %d", link.address, away, many)
        self._send_again()
        self._tell()

    def _release(self, link: Link) -> None:
        """Who waits for a server that is asked no more goes on at once."""
        for ask in [ask for ask in self._waiting if ask.link is link and ask.heard is not None]:
            self._go_on_alone(ask)

    def _send_again(self) -> None:
        """What may have been taken goes first, in its order and under its numbers."""
        waiting, self._again = self._again, deque()
        for sent in waiting:
            key = self._key_of(sent.news.caller)
            link = self._shards.of(key)
            if link is not None and link.up:
                self._send(link, key, sent)
            else:
                self._again.append(sent)

    def _tell(self) -> None:
        """Some callers' news; the next when these are taken, so that calls of now do not queue behind old ones."""
        if self._telling > 0:
            return
        self._telling = 0
        for news in list(self.news.take_some(AT_A_TIME)):
            key = self._key_of(news.caller)
            link = self._shards.of(key)
            if link is not None and link.up:
                self._telling += 1
                self._send(link, key, Sent(news, self._next_number(), ""))
            else:
                self.news.back(news)

    async def _compare_secret(self) -> None:
        """Machines with different secrets would share nothing, and nobody would see why."""
        ours = hashlib.blake2b(b"agi-screen", digest_size=12, key=self._key).hexdigest().encode()
        client = make_client(self.access)
        while True:
            try:
                await client.set(SECRET_KEY, ours, nx=True)
                theirs = await client.get(SECRET_KEY)
            except (RedisError, OSError) as error:
                log.debug("the secret cannot be compared yet: %s", error)
                await asyncio.sleep(5.0)
                continue
            if theirs != ours:
                self.other_secret = True
                log.error("NOTHING IS SHARED: the other machines have another [cluster] secret")
            await client.aclose()
            return


def hashing_key(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=32).digest()


def key_of(key: bytes, caller: str) -> str:
    """No number stands in Redis in clear, nor one that could be found by trying all: the hash has a key."""
    return PREFIX + hashlib.blake2b(caller.encode(), digest_size=12, key=key).hexdigest()


def _state(caller: str, reply: list[Any]) -> State:
    known, uses, left, record, *lacks = reply
    return State(known == 0, known == 2, uses, left / 1000, _record(caller, record), tuple(lacks))


def _record(caller: str, packed: bytes) -> CallerRecord | None:
    if not packed:
        return None
    *numbers, trunk = packed.decode("utf-8", "replace").split(",", len(NUMBERS))
    read: list[Any] = [float(number) if "." in number else int(number) for number in numbers]
    return CallerRecord._make((caller, *read, trunk))


def _address(text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError:
        return Address("", 0)
