"""What an operator asks of a running daemon: reload, lists, status, explain. The control socket's handlers."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from agi_screen.base.clock import Clock
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.live import parse_seen
from agi_screen.base.notify import notify, reloading
from agi_screen.base.store_audit import Doer
from agi_screen.daemon import Daemon
from agi_screen.forgetting import Wish, forget_person, found_person, remembered
from agi_screen.inbound.control import Answer, Handler
from agi_screen.reply.captcha.prompts import Prompts
from agi_screen.settings import load
from agi_screen.watching import Watching
from agi_screen.what_if.explain import explain

log = logging.getLogger("agi_screen.operate")

MAX_TEXT = 80


async def _cannot_hand_over() -> Answer:
    raise AgiScreenError("this daemon is not ready yet: ask again")


class Operator:
    """Each handler takes a request's fields and gives the answer's; errors are AgiScreenErrors."""

    def __init__(self, daemon: Daemon, clock: Clock) -> None:
        self._daemon = daemon
        self._clock = clock
        self.watching = Watching(daemon, clock)
        self.renewals: list[Callable[[], None]] = [daemon.agi_tls.renew]  # certificates, as their files are now
        self.hand_over: Callable[[], Awaitable[Answer]] = _cannot_hand_over
        self.web_state: Callable[[], str] = lambda: "off"  # the desk is put beside the daemon later

    @property
    def handlers(self) -> dict[str, Handler]:
        return {
            "reload": self.reload,
            "restart": self.restart,
            "lists": self.lists,
            "status": self.status,
            "explain": self.explain,
            "level": self.level,
            "board": self.board,
            "forget": self.forget,
            "export": self.export,
        }

    async def reload(self, _: Mapping[str, Any]) -> Answer:
        """All or nothing: a bad file changes nothing and says so."""
        reloading()
        try:
            return await self._reloaded()
        finally:
            notify("READY=1")

    async def _reloaded(self) -> Answer:
        try:
            settings = await asyncio.to_thread(load, self._daemon.settings.path)
        except AgiScreenError as error:
            log.error("configuration NOT changed: %s", error)
            raise
        captcha = settings.config.captcha
        # in a thread: the sounds may lie on a network disk that hangs, and calls wait for nothing
        prompts = await asyncio.to_thread(Prompts.found, captcha.sounds, captcha.prompts)
        waiting = self._daemon.configure(settings, prompts)
        for renew in self.renewals:
            try:
                await asyncio.to_thread(renew)
            except AgiScreenError as error:
                log.error("certificate NOT renewed, the one before stays: %s", error)
        log.info("configuration reloaded; waiting for a restart: %s", ", ".join(waiting) or "nothing")
        return {"path": str(settings.path), "waiting_for_restart": waiting}

    async def restart(self, _: Mapping[str, Any]) -> Answer:
        """Another process goes on in our place, with the same configuration file; nobody finds the door closed."""
        return await self.hand_over()

    async def lists(self, _: Mapping[str, Any]) -> Answer:
        """Takes the lists as the store has them now."""
        count = await self._daemon.stock.load_lists()
        log.info("lists reloaded: %d entries", count)
        return {"entries": count}

    async def status(self, _: Mapping[str, Any]) -> Answer:
        """How the daemon is, for people and for checks."""
        daemon = self._daemon
        return {
            "pid": os.getpid(),
            "mode": daemon.settings.config.mode,
            "level": str(daemon.judge.level),
            "sessions": daemon.agi.open_sessions,
            "in_captcha": daemon.captcha.running,
            "prompts": daemon.captcha.prompts.state,
            "callers_remembered": daemon.judge.meters.in_use,
            "verdicts": dict(daemon.trail.counts),
            "let_through": dict(daemon.agi.counts),
            "ami": str(daemon.ami.state),
            "webhook": daemon.webhook.state,
            "records": str(daemon.recorder.state),
            "privacy": {
                "numbers": daemon.stock.numbers_remark or daemon.settings.config.privacy.numbers,
                "old_records": daemon.retention.state,
                "deleted": dict(daemon.retention.purged),
            },
            "loop_stalls": daemon.watchdog.stalls,
            "database": daemon.store.problem or "ok",
            "shared": daemon.sharing.status() if daemon.sharing is not None else {"state": "off"},
            **self._machines(),
            "web": self.web_state(),
        }

    def _machines(self) -> Answer:
        """Nothing where this machine is alone."""
        machines, lists = self._daemon.machines, self._daemon.list_sharing
        if machines is None:
            return {}
        rows = machines.look()["rows"]
        told = {row["node"]: f"{row['state']}, {row['level']}" for row in rows}
        return {"machines": told, "shared_lists": lists.status() if lists is not None else "in the database"}

    async def level(self, request: Mapping[str, Any]) -> Answer:
        """Sets the attack level where the request says one; says what is in force."""
        not_kept = ""
        if "level" in request:
            who = str(request.get("who") or "unknown")[:MAX_TEXT]
            not_kept = await self._daemon.levels.order(request, who)
        return {**self._daemon.levels.state(), "not_kept": not_kept}

    async def board(self, request: Mapping[str, Any]) -> Answer:
        """The live picture, as far as the asker has not seen it: `seen` is that of the last answer."""
        parts, seen = self.watching.look(parse_seen(str(request.get("seen", ""))))
        return {"board": parts, "seen": str(seen)}

    async def forget(self, request: Mapping[str, Any]) -> Answer:
        """Erases one caller's data. `number`, `lists`, `reports`; `who` asks."""
        daemon = self._daemon
        person = found_person(daemon.settings, str(request.get("number", ""))[:MAX_TEXT])
        wish = Wish(request.get("lists") is True, request.get("reports") is True)
        doer = Doer(str(request.get("who") or "unknown")[:MAX_TEXT], "", self._clock.wall())
        return await forget_person(daemon.settings, daemon.store.opened, person, wish, doer, daemon)

    async def export(self, request: Mapping[str, Any]) -> Answer:
        """What is remembered of one caller; the database is read by who asks."""
        person = found_person(self._daemon.settings, str(request.get("number", ""))[:MAX_TEXT])
        await self._daemon.recorder.flush()
        return {"memory": remembered(self._daemon, person)}

    async def explain(self, request: Mapping[str, Any]) -> Answer:
        """Why this number would get what it would get now."""
        number, did, trunk = (str(request.get(key, ""))[:MAX_TEXT] for key in ("number", "did", "trunk"))
        found = explain(self._daemon.judge, self._daemon.plan, self._clock, number, did, trunk)
        return {"explanation": found.as_json()}
