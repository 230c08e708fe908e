"""The configuration as TOML text, merged over the defaults and without its secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agi_screen.base.toml_file import DEFAULTS, merged, read_tables

REMOVED = "(removed)"
_SECRET = re.compile(
    r"secret|password|passwd|token|api_?key|private|credential|salt|seed|webhook|^url$|dsn", re.IGNORECASE
)  # many a url holds a token
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def configuration(path: Path) -> str:
    """The file at `path` over the shipped defaults. Raises ConfigError when it cannot be read."""
    defaults, _ = read_tables(DEFAULTS)
    site, _ = read_tables(path)
    return toml_text(without_secrets(merged(defaults, site)))


def without_secrets(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Every value that is not empty and whose key sounds like a secret becomes REMOVED; users and passwords in
    addresses too."""
    return {key: _cleaned(key, value) for key, value in tables.items()}


def _cleaned(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secrets(value)
    if _SECRET.search(key) and value not in ("", None) and not isinstance(value, bool):
        return REMOVED
    if isinstance(value, list):
        return [_cleaned(key, one) for one in value]
    return re.sub(r"://[^/@\s]*@", f"://{REMOVED}@", value) if isinstance(value, str) else value


def toml_text(tables: Mapping[str, Any]) -> str:
    """TOML of plain values, lists and tables, in their order."""
    return "\n".join(_lines(tables, ())).strip() + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    if path and (plain or not table):
        yield f"\n[{'.'.join(map(_key, path))}]"
    yield from (f"{_key(key)} = {_value(value)}" for key, value in plain.items())
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines(value, (*path, key))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(text: str) -> str:
    """JSON's escapes are TOML's; the one character that JSON leaves and TOML forbids is DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
