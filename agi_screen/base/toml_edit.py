"""Keys of a TOML text changed, and nothing else of it: comments, order and spacing stay."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Table

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.text import escape
from agi_screen.base.toml_file import DEFAULTS

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,5}")
# Never shown, never kept.
SECRETS = frozenset({"ami.secret", "webhook.secret", "webhook.url", "store.secret", "store.url"})
MASK = "***"
COLUMN = 40  # of a comment that comes with a new key
_HEAD = re.compile(r"\[([\w.]+)\]\s*(?:#\s*(.*))?")
_LINE = re.compile(r"(\w+)\s*=\s*(?:\"[^\"]*\"|\{[^}]*\}|[^#]*?)\s*(?:#\s*(.*))?")


class EditError(AgiScreenError):
    """The change cannot be made by a program; the message says which, and the mend."""


@cache
def shipped_comments() -> dict[str, str]:
    """The comment of each table and key of the shipped defaults."""
    found: dict[str, str] = {}
    table = ""
    for line in DEFAULTS.read_text(encoding="utf-8").splitlines():
        if head := _HEAD.fullmatch(line):
            table = head[1]
            found[table] = head[2] or ""
        elif key := _LINE.fullmatch(line):
            found[f"{table}.{key[1]}" if table else key[1]] = re.sub(r" {2,}", " ", key[2] or "")
    return found


def edited(text: str, changes: Mapping[str, Any]) -> str:
    """The text with these keys changed; None takes a key out, so that its default counts. Raises EditError.

    What came out is read again, and must say what was meant: an odd file is refused rather than harmed.
    """
    for key, value in changes.items():
        if not KEY.fullmatch(key):
            raise EditError(f'key "{escape(key, 60)}": write table.key, such as policy.normal.challenge')
        _check_text(key, value)
    try:
        document = tomlkit.parse(text)
        for key, value in changes.items():
            _change(document, key.split("."), value)
        made = tomlkit.dumps(document)
        right = tomllib.loads(made) == _expected(text, changes)
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, ValueError, KeyError, AttributeError) as error:
        raise EditError(f"the file cannot be changed here: {error}: change it by hand") from error
    if not right:
        raise EditError("the file is written in a way that cannot be changed here: change it by hand")
    return made


def masked(text: str) -> str:
    """The same text without its secrets: what may be shown and kept. Text that is no TOML is not shown at all."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return ""
    hidden = {key: MASK for key in SECRETS if _value(tables, key)}
    return edited(text, hidden) if hidden else text


def unmasked(text: str, now: str) -> str:
    """A masked text with the secrets that the text `now` has."""
    tables, given = tomllib.loads(text), tomllib.loads(now)
    return edited(text, {key: _value(given, key) for key in SECRETS if _value(tables, key) == MASK})


def difference(before: str, after: str, name: str) -> str:
    """A unified diff, its secrets masked: `name` is the file's. Takes a while: not for the loop."""
    return unified(masked(before), masked(after), name)


def unified(before: str, after: str, name: str) -> str:
    """The same of texts that are masked already."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, name, name, n=2)
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def leaves(tables: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every dotted key and its value; an empty table is a value."""
    for key, value in tables.items():
        dotted = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value:
            yield from leaves(value, dotted)
        else:
            yield dotted, value


def _value(tables: Mapping[str, Any], dotted: str) -> Any:
    here: Any = tables
    for part in dotted.split("."):
        here = here.get(part) if isinstance(here, dict) else None
    return here


def _check_text(key: str, value: Any) -> None:
    """What no UTF-8 file can hold."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise EditError(f'{key} = "{escape(value, 60)}": is no text that can be written') from error
    elif isinstance(value, Mapping):
        for name, one in value.items():
            _check_text(key, name)
            _check_text(key, one)
    elif isinstance(value, list | tuple):
        for one in value:
            _check_text(key, one)


def _expected(text: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    tables = tomllib.loads(text)
    for dotted, value in changes.items():
        *above, last = dotted.split(".")
        here = tables
        if value is None:
            if _value(tables, dotted) is None:
                continue
            for part in above:
                here = here[part]
            here.pop(last)
            continue
        for part in above:
            here = here.setdefault(part, {})
        here[last] = value
    return tables


def _change(document: tomlkit.TOMLDocument, parts: list[str], value: Any) -> None:
    here: Any = document
    for depth, part in enumerate(parts[:-1], 1):
        if part not in here:
            if value is None:
                return
            _add(here, parts[:depth], parts[depth:], value)
            return
        here = here[part]
    last = parts[-1]
    if value is None:
        if last in here:
            here.remove(last)
    elif last in here:
        here[last] = value
    else:
        _add_key(here, parts, value)


def _add(here: Any, above: list[str], below: list[str], value: Any) -> None:
    """A table that the file lacks: an inline one where the defaults have it so, else one at the end."""
    if ".".join(above) not in _headed():
        nested: Any = value
        for part in reversed(below):
            nested = {part: nested}
        _add_key(here, above, nested)
        return
    comments = shipped_comments()
    here.append(above[-1], tomlkit.table(is_super_table=len(below) > 1))
    made = here[above[-1]]
    if comment := comments.get(".".join(above)):
        made.comment(comment)
    if len(below) == 1:
        _add_key(made, above + below, value)
    else:
        _add(made, above + below[:1], below[1:], value)


@cache
def _headed() -> frozenset[str]:
    lines = DEFAULTS.read_text(encoding="utf-8").splitlines()
    heads = {found[1] for line in lines if (found := _HEAD.fullmatch(line))}
    return frozenset(heads | {head.rpartition(".")[0] for head in heads} - {""})


def _add_key(here: Any, path: list[str], value: Any) -> None:
    item = _inline(value) if isinstance(value, Mapping) else tomlkit.item(value)
    comment = shipped_comments().get(".".join(path), "")
    if comment and not isinstance(here, InlineTable):
        written = f"{path[-1]} = {item.as_string()}"
        item.comment(comment)
        item.trivia.comment_ws = " " * max(2, COLUMN - 1 - len(written))
    _append(here, path[-1], item)


def _append(here: Any, key: str, item: Any) -> None:
    """After the last key: what tomlkit's own append puts after the comments that speak of the next table."""
    container = here.value if isinstance(here, Table | InlineTable) else here
    keys = [k for k, value in container.body if k is not None and not isinstance(value, Table | AoT)]
    if keys and isinstance(container, Container):
        container._insert_after(keys[-1], key, item)
    else:
        here.append(key, item)


def _inline(value: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    for key, one in value.items():
        table.append(key, _inline(one) if isinstance(one, Mapping) else one)
    return table
