"""Which settings a running daemon takes, and which wait for its restart."""

from __future__ import annotations

from agi_screen.base.config import Config

AGI_LISTENS = ("listen", "tls_listen", "tls_certificate", "tls_key", "tls_clients")
RESTART_ONLY = ("state", "cluster", "ami", "store", "numbers", "limiter")


def waiting_for_restart(old: Config, new: Config) -> list[str]:
    """The tables and keys that differ and wait."""
    waiting = [table for table in RESTART_ONLY if getattr(old, table) != getattr(new, table)]
    waiting += [t for t in ("callers", "blocks") if getattr(old, t).capacity != getattr(new, t).capacity]
    if old.web != new.web.model_copy(update={"mask_numbers": old.web.mask_numbers}):
        waiting.append("web")
    waiting += [f"agi.{key}" for key in AGI_LISTENS if getattr(old.agi, key) != getattr(new.agi, key)]
    return waiting


def waits(key: str) -> bool:
    """Whether a change of this dotted key waits."""
    table = key.partition(".")[0]
    if table == "web":
        return key != "web.mask_numbers"
    return table in RESTART_ONLY or key in {
        "callers.capacity",
        "blocks.capacity",
        *(f"agi.{key}" for key in AGI_LISTENS),
    }
