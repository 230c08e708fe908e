"""Log-in, log-out, who I am, and my own password; and the first account, by the set-up link."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import Field, SecretStr

from agi_screen.base.store_audit import Doer
from agi_screen.web.access.access import ACCESS
from agi_screen.web.access.accounts import AccountName, all_accounts, check_name
from agi_screen.web.access.audit import doer
from agi_screen.web.access.door import forget_session, session_of, set_session
from agi_screen.web.access.passwords import LEAST, MOST, check_password
from agi_screen.web.access.secret import csrf_of
from agi_screen.web.access.sessions import end_session
from agi_screen.web.access.setup import check, use
from agi_screen.web.origin import address_of
from agi_screen.web.route import ApiError, Ask, Model, Nothing, Role, RoleName, Route

Password = Annotated[SecretStr, Field(max_length=4 * MOST)]
# What is asked of a new one is said in plain words by check_password; here for the document.
FreshPassword = Annotated[
    SecretStr, Field(max_length=4 * MOST, json_schema_extra={"minLength": LEAST, "maxLength": MOST})
]


class LogIn(Model):
    """An account and its password."""

    name: Annotated[str, Field(max_length=80)]
    password: Password


class Session(Model):
    """Who is logged in. `csrf` goes as X-CSRF-Token with every request that changes something; it is empty for a
    token of a program, which needs none. `masked`: callers' numbers come without their last digits."""

    name: str
    role: RoleName
    csrf: str
    masked: bool


class NewPassword(Model):
    """My password: the one so far, and the one from now on."""

    old: Password
    password: FreshPassword


class SetUp(Model):
    """Whether there is no account yet."""

    needed: bool


class FirstAccount(Model):
    """The first admin; `token` is what the set-up link has after its #."""

    token: Annotated[SecretStr, Field(max_length=100)]
    name: AccountName
    password: FreshPassword


async def mine(ask: Ask) -> Session:
    secret = session_of(ask.request)
    return _session(ask, ask.who.name, ask.who.role, csrf_of(secret) if ask.who.session else "")


async def log_in(ask: Ask) -> web.StreamResponse:
    body: LogIn = ask.body
    address, old = address_of(ask.request, ask.office.web), session_of(ask.request)
    access = ask.request.app[ACCESS]
    account, secret = await access.log_in(body.name, body.password.get_secret_value(), address, old)
    return _with_cookie(ask, account.name, account.role, secret)


async def log_out(ask: Ask) -> web.StreamResponse:
    """A program's token has no session to end."""
    access = ask.request.app[ACCESS]
    if ask.who.session:
        await end_session(access.store, doer(ask), session_of(ask.request))
        access.directory.changed()
    response = _json(Nothing())
    forget_session(response, ask.request, ask.office)
    return response


async def change_password(ask: Ask) -> web.StreamResponse:
    if not ask.who.session:
        raise ApiError(403, "session", "", "a token has no password: log in")
    body: NewPassword = ask.body
    address, session = address_of(ask.request, ask.office.web), session_of(ask.request)
    old, new = body.old.get_secret_value(), body.password.get_secret_value()
    secret = await ask.request.app[ACCESS].change_password(ask.who.name, old, new, address, session)
    return _with_cookie(ask, ask.who.name, ask.who.role, secret)


async def setup_needed(ask: Ask) -> SetUp:
    return SetUp(needed=not await all_accounts(ask.office.store.opened))


async def setup(ask: Ask) -> web.StreamResponse:
    """The link is looked at before the work of a password is done for it, and used up after."""
    body: FirstAccount = ask.body
    access, address = ask.request.app[ACCESS], address_of(ask.request, ask.office.web)
    access.limits.take("", address)
    token, password = body.token.get_secret_value(), body.password.get_secret_value()
    now = ask.office.clock.wall()
    await check(access.store, token, now)
    check_name(body.name)
    check_password(body.name, password)
    hashed = await access.passwords.hashed(password)
    await use(access.store, Doer(f"{body.name} (set-up link)", address, now), token, body.name, hashed)
    access.directory.changed()
    account, secret = await access.log_in(body.name, password, address, session_of(ask.request))
    return _with_cookie(ask, account.name, account.role, secret)


def _session(ask: Ask, name: str, role: Role, csrf: str) -> Session:
    masked = ask.office.web.mask_numbers and role < Role.ADMIN
    return Session.model_validate({"name": name, "role": str(role), "csrf": csrf, "masked": masked})


def _with_cookie(ask: Ask, name: str, role: Role, secret: str) -> web.Response:
    response = _json(_session(ask, name, role, csrf_of(secret)))
    set_session(response, ask.request, ask.office, secret)
    return response


def _json(answer: Model) -> web.Response:
    return web.Response(text=answer.model_dump_json(), content_type="application/json")


ROUTES = (
    Route("GET", "/session", "Who is logged in, and the CSRF token", Role.VIEWER, mine, Session),
    Route("POST", "/session", "Log in", None, log_in, Session, body=LogIn, errors=(401, 403, 429)),
    Route("DELETE", "/session", "Log out", Role.VIEWER, log_out, Nothing),
    Route(
        *("PUT", "/session/password", "Change my password; all my sessions end but this one", Role.VIEWER),
        *(change_password, Session),
        body=NewPassword,
        errors=(429,),
    ),
    Route("GET", "/setup", "Whether there is no account yet", None, setup_needed, SetUp),
    Route(
        *("POST", "/setup", "Make the first account, an admin, by the set-up link", None, setup, Session),
        body=FirstAccount,
        errors=(403, 409, 429),
    ),
)
