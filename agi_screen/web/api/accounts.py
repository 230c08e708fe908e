"""Accounts and tokens, by an admin."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.web.access.access import ACCESS, Access
from agi_screen.web.access.accounts import (
    AccountName,
    add_account,
    all_accounts,
    remove_account,
    set_password,
    set_role,
)
from agi_screen.web.access.audit import doer
from agi_screen.web.access.passwords import check_password
from agi_screen.web.access.tokens import add_token, all_tokens, remove_token
from agi_screen.web.api.session import FreshPassword
from agi_screen.web.route import Ask, Model, Nothing, Role, RoleName, Route


class AccountSaid(Model):
    """An account; times are seconds since 1970."""

    name: str
    role: RoleName
    added: float


class Accounts(Model):
    accounts: list[AccountSaid]


class Named(Model):
    """Of the path: an account or a token."""

    name: AccountName


class NewAccount(Model):
    """Somebody who may come in."""

    name: AccountName
    role: RoleName
    password: FreshPassword


class NewRole(Model):
    role: RoleName


class GivenPassword(Model):
    """A new password for somebody who lost theirs."""

    password: FreshPassword


class TokenSaid(Model):
    """A program's token, which itself is not kept. `expires` 0: never; `used`: last, 0: not yet."""

    name: str
    role: RoleName
    made_by: str
    made: float
    expires: float
    used: float


class Tokens(Model):
    tokens: list[TokenSaid]


class NewToken(Model):
    """`expires`: seconds since 1970, 0 for never."""

    name: AccountName
    role: RoleName
    expires: Annotated[float, Field(ge=0, le=1e11)] = 0.0


class TokenMade(Model):
    """The token: this once, and never again."""

    token: str


async def accounts(ask: Ask) -> Accounts:
    found = await all_accounts(_access(ask).store)
    said = [{"name": a.name, "role": str(a.role), "added": a.added} for a in found]
    return Accounts.model_validate({"accounts": said})


async def add(ask: Ask) -> Nothing:
    body: NewAccount = ask.body
    password = body.password.get_secret_value()
    check_password(body.name, password)
    access = _access(ask)
    hashed = await access.passwords.hashed(password)
    await add_account(access.store, doer(ask), body.name, Role.named(body.role), hashed)
    access.directory.changed()
    return Nothing()


async def remove(ask: Ask) -> Nothing:
    access = _access(ask)
    await remove_account(access.store, doer(ask), ask.path["name"])
    access.directory.changed()
    return Nothing()


async def role(ask: Ask) -> Nothing:
    body: NewRole = ask.body
    access = _access(ask)
    await set_role(access.store, doer(ask), ask.path["name"], Role.named(body.role))
    access.directory.changed()
    return Nothing()


async def password(ask: Ask) -> Nothing:
    body: GivenPassword = ask.body
    given = body.password.get_secret_value()
    check_password(ask.path["name"], given)
    access = _access(ask)
    await set_password(access.store, doer(ask), ask.path["name"], await access.passwords.hashed(given))
    access.directory.changed()
    return Nothing()


async def tokens(ask: Ask) -> Tokens:
    found = await all_tokens(_access(ask).store)
    names = ("name", "made_by", "made", "expires", "used")
    said = [{"role": str(token.role), **{name: getattr(token, name) for name in names}} for token in found]
    return Tokens.model_validate({"tokens": said})


async def make_token(ask: Ask) -> TokenMade:
    body: NewToken = ask.body
    access = _access(ask)
    secret = await add_token(access.store, doer(ask), body.name, Role.named(body.role), body.expires)
    access.directory.changed()
    return TokenMade(token=secret)


async def revoke(ask: Ask) -> Nothing:
    access = _access(ask)
    await remove_token(access.store, doer(ask), ask.path["name"])
    access.directory.changed()
    return Nothing()


def _access(ask: Ask) -> Access:
    return ask.request.app[ACCESS]


ADMIN = Role.ADMIN
ROUTES = (
    Route("GET", "/accounts", "All accounts", ADMIN, accounts, Accounts),
    Route("POST", "/accounts", "Add an account", ADMIN, add, Nothing, body=NewAccount, errors=(409, 429)),
    Route("DELETE", "/accounts/{name}", "Remove an account", ADMIN, remove, Nothing, errors=(404, 409), parts=Named),
    Route(
        "PUT",
        "/accounts/{name}/role",
        "Give a role",
        ADMIN,
        role,
        Nothing,
        body=NewRole,
        errors=(404, 409),
        parts=Named,
    ),
    Route(
        *("PUT", "/accounts/{name}/password", "Give a new password; all sessions of the account end", ADMIN),
        *(password, Nothing),
        body=GivenPassword,
        errors=(404, 429),
        parts=Named,
    ),
    Route("GET", "/tokens", "All tokens of programs", ADMIN, tokens, Tokens),
    Route(
        "POST",
        "/tokens",
        "Make a token; it is shown this once",
        ADMIN,
        make_token,
        TokenMade,
        body=NewToken,
        errors=(409,),
    ),
    Route("DELETE", "/tokens/{name}", "Revoke a token", ADMIN, revoke, Nothing, errors=(404,), parts=Named),
)
